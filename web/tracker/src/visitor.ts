import { uuid } from './ids';
import { readObject } from './json';
import type { Storage } from './storage';

interface Known {
  anonymousId: string;
  userId?: string;
}

const NAME = 'visitor';

/** Who uses this browser: one anonymous id, and the user id since somebody logged in. */
export class Visitor {
  constructor(private readonly storage: Storage) {}

  get anonymousId(): string {
    return this.read().anonymousId;
  }

  get userId(): string | undefined {
    return this.read().userId;
  }

  /** Somebody says who they are. Another person on this browser gets another anonymous id. */
  identify(userId: string): void {
    const { anonymousId, userId: before } = this.read();
    const same = before === undefined || before === userId;
    this.write({ anonymousId: same ? anonymousId : uuid(), userId });
  }

  /** Nobody knows who uses this browser from now on. */
  reset(): void {
    this.write({ anonymousId: uuid() });
  }

  /** Let the cookie live on from today, and make it again where it was lost. */
  renew(): void {
    this.write(this.read());
  }

  // Read anew for each call: another tab may have logged in or out meanwhile.
  private read(): Known {
    const held = readObject(this.storage.recall(NAME));
    if (typeof held?.anonymousId !== 'string') {
      const known = { anonymousId: uuid() };
      this.write(known);
      return known;
    }
    const { anonymousId, userId } = held;
    return { anonymousId, ...(typeof userId === 'string' && { userId }) };
  }

  private write(known: Known): void {
    this.storage.keep(NAME, JSON.stringify(known));
  }
}
