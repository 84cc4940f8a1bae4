import { uuid } from './ids';
import type { Storage } from './storage';

/** A message that waits: its key tells its place in the order, its text is the JSON to send. */
export interface Waiting {
  key: string;
  text: string;
}

/** The most messages that wait in a browser; the oldest give way. */
export const MOST = 1_000;

/**
 * Messages that wait to be delivered, shared by all tabs of a site.
 *
 * Each lies under a key of its own, so that no tab can overwrite what another added. A key begins
 * with the time, so that their order is that of the calls.
 */
export class Queue {
  private readonly start: string;
  private readonly tab = uuid().slice(0, 8);
  private count = 0;

  /** @param name What tells this queue from those of other write keys. */
  constructor(
    private readonly storage: Storage,
    name: string,
  ) {
    this.start = `queue.${name}.`;
  }

  /** Add a message; returns its key. */
  add(text: string): string {
    const order = [Date.now(), this.count++].map((part) => part.toString(36).padStart(9, '0'));
    const key = `${this.start}${order.join('.')}.${this.tab}`;
    this.storage.set(key, text);
    const keys = this.storage.keys(this.start);
    if (keys.length > MOST) {
      console.warn(`patron: more than ${MOST} messages wait; the oldest is dropped.`);
      keys.slice(0, keys.length - MOST).forEach((old) => this.storage.remove(old));
    }
    return key;
  }

  /**
   * The messages to send next, oldest first.
   *
   * @param most How many at most.
   * @param size How many characters at most, though always one message.
   * @param wanted Which of them.
   */
  next(most: number, size: number, wanted: (key: string) => boolean): Waiting[] {
    const found: Waiting[] = [];
    let length = 0;
    for (const key of this.storage.keys(this.start)) {
      if (found.length === most) break;
      if (!wanted(key)) continue;
      const text = this.storage.get(key);
      if (text === undefined) continue; // another tab delivered it just now
      length += text.length;
      if (found.length && length > size) break;
      found.push({ key, text });
    }
    return found;
  }

  /** Forget messages that were delivered, or never can be. */
  remove(messages: Waiting[]): void {
    for (const { key } of messages) this.storage.remove(key);
  }
}
