import { alone, SETTLING } from './lock';
import type { Queue, Waiting } from './queue';
import type { Settings } from './settings';
import type { Storage } from './storage';

const MOST = 100;
const CHARACTERS = 200_000;
/** What browsers let pages send while they close, all requests together, is 65,536 bytes. */
const LAST_BYTES = 60_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
const LONGEST_ASKED = 3_600_000;
const TIMEOUT = 30_000;

type Outcome = 'delivered' | 'refused' | 'unreadable' | 'too large' | 'again';

const bytes = (text: string): number => new TextEncoder().encode(text).length;

/** How long to wait after so many failures in a row: doubling, and different for each browser. */
export function pauseAfter(failures: number, random = Math.random()): number {
  const full = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
  return full * (0.5 + random / 2);
}

/** Milliseconds that a `Retry-After` asks for: seconds, or a date. Undefined if it says nothing. */
export function askedPause(header: string | null, now: number): number | undefined {
  if (!header) return undefined;
  const asked = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(asked) ? undefined : Math.min(Math.max(asked, 0), LONGEST_ASKED);
}

/** What an answer means for what was sent. */
export function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return 'delivered';
  if (status === 413) return 'too large';
  if (status === 400) return 'unreadable';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'again';
  return 'refused';
}

/** Brings waiting messages to the server; each stays in the queue until the server has it. */
export class Sender {
  private readonly mine = new Set<string>();
  private readonly inTheAir = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  private failures = 0;
  private most = MOST;
  private stopped = false;

  constructor(
    private readonly settings: Settings,
    private readonly writeKey: string,
    private readonly queue: Queue,
    private readonly storage: Storage,
  ) {}

  /** Take a message. */
  add(text: string): void {
    this.mine.add(this.queue.add(text));
    if (!this.failures) this.wake();
  }

  /** Begin to deliver what waits. */
  wake(after = 0): void {
    this.stopped = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(), after);
  }

  /** Try at once, because something changed for the better. */
  retry(): void {
    this.failures = 0;
    this.wake();
  }

  /** Deliver nothing more, until woken. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** The page may close now: send what this tab added and nothing brings yet. */
  leave(): void {
    if (this.stopped || this.pausedFor() > 0) return;
    const wanted = (key: string): boolean => this.mine.has(key) && !this.inTheAir.has(key);
    let size = LAST_BYTES;
    let waiting: Waiting[];
    let body: string;
    do {
      waiting = this.queue.next(MOST, size, wanted);
      body = this.body(waiting);
      size /= 2; // letters may take several bytes
    } while (waiting.length > 1 && bytes(body) > LAST_BYTES);
    // What does not fit the next page of the shop sends.
    if (!waiting.length || bytes(body) > LAST_BYTES) return;
    if ('keepalive' in Request.prototype) {
      void this.post(waiting, body, true).then(() => this.wake());
    } else {
      // Nobody tells whether it arrived, so they stay, and the server counts them once.
      navigator.sendBeacon(this.url, body);
    }
  }

  private async run(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    let done = false;
    try {
      done = await alone(`send.${this.writeKey}`, this.storage, () => this.deliver());
    } catch {
      this.failures++;
    }
    this.busy = false;
    if (!this.stopped && this.next(1).length) {
      this.wake(this.failures || !done ? this.pause() : this.pausedFor());
    }
  }

  private async deliver(): Promise<void> {
    let settled = true;
    while (!this.stopped && this.pausedFor() === 0) {
      const messages = this.next(this.most);
      if (!messages.length) {
        // The next tab must see what is delivered already. In a hidden one timers take too long.
        if (settled || document.hidden) return;
        await new Promise((resolve) => setTimeout(resolve, SETTLING));
        settled = true;
        continue;
      }
      settled = false;
      const outcome = await this.post(messages, this.body(messages), false);
      if (outcome === 'again') {
        this.failures++;
        return;
      }
      this.failures = 0;
      if (outcome === 'delivered') {
        this.most = MOST;
      } else if (outcome !== 'refused' && messages.length > 1) {
        // One of them is to blame: halves, until it is alone.
        this.most = Math.ceil(messages.length / 2);
      } else {
        console.error(`patron: not taken by the server (${outcome}): ${messages.length}`);
        this.forget(messages);
      }
    }
  }

  private next(most: number): Waiting[] {
    return this.queue.next(most, CHARACTERS, (key) => !this.inTheAir.has(key));
  }

  private body(messages: Waiting[]): string {
    const batch = messages.map(({ text }) => text).join();
    const sentAt = new Date().toISOString();
    return `{"batch":[${batch}],"sentAt":"${sentAt}","writeKey":${JSON.stringify(this.writeKey)}}`;
  }

  private get url(): string {
    return `${this.settings.endpoint}/v1/batch`;
  }

  private async post(messages: Waiting[], body: string, last: boolean): Promise<Outcome> {
    messages.forEach(({ key }) => this.inTheAir.add(key));
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), TIMEOUT);
    try {
      // As text, without headers of its own: so the browser need not ask the server first.
      const answer = await fetch(this.url, {
        method: 'POST',
        body,
        credentials: 'omit',
        // Goes on when the page closes. Other scripts may have used up what the browser allows.
        keepalive: last || (!this.failures && bytes(body) <= LAST_BYTES),
        signal: timeout.signal,
      });
      const outcome = outcomeOf(answer.status);
      if (outcome === 'delivered') {
        this.forget(messages);
        this.storage.remove(this.pauseKey);
      } else if (outcome === 'again') {
        const asked = askedPause(answer.headers.get('Retry-After'), Date.now());
        if (asked !== undefined) this.storage.set(this.pauseKey, String(Date.now() + asked));
      }
      return outcome;
    } catch {
      return 'again';
    } finally {
      clearTimeout(timer);
      messages.forEach(({ key }) => this.inTheAir.delete(key));
    }
  }

  private forget(messages: Waiting[]): void {
    this.queue.remove(messages);
    messages.forEach(({ key }) => this.mine.delete(key));
  }

  private get pauseKey(): string {
    return `pause.${this.writeKey}`;
  }

  /** Milliseconds that the server asked this browser to wait, all its tabs. */
  private pausedFor(): number {
    const left = Number(this.storage.get(this.pauseKey) ?? 0) - Date.now();
    return left > 0 && left <= LONGEST_ASKED ? left : 0;
  }

  private pause(): number {
    return Math.max(this.pausedFor(), pauseAfter(Math.max(this.failures, 1)));
  }
}
