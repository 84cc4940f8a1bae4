import { uuid } from './ids';
import { readObject, type JsonObject } from './json';
import type { Storage } from './storage';

const NAME = 'session';
const ENTRY = 'entry';

/** What is known of a visit when it begins. */
export interface Entry {
  landingPage: string;
  referrer: string;
  campaign: JsonObject | undefined;
}

/** Visits: calls belong to one session until none came for some time. */
export class Session {
  constructor(
    private readonly storage: Storage,
    private readonly idle: number,
  ) {}

  /**
   * The session of a call, which keeps it alive or begins it.
   *
   * @param now Milliseconds since 1970.
   * @param entry What a session that begins with this call is to remember.
   */
  touch(now: number, entry: Entry): JsonObject {
    const [id = '', began = '0', last = '0'] = (this.storage.recall(NAME) ?? '').split('.');
    const goesOn = id !== '' && Math.abs(now - Number(last)) < this.idle;
    const session = goesOn ? { id, began: Number(began) } : { id: uuid(), began: now };
    this.storage.keep(NAME, `${session.id}.${session.began}.${now}`);
    const known = goesOn ? readObject(this.storage.get(ENTRY)) : undefined;
    // The copy is of this subdomain only; a campaign met in mid-session is the newer one.
    const held =
      known?.session === session.id && !entry.campaign
        ? known
        : { ...entry, ...(known?.session === session.id && keepFirst(known)), session: session.id };
    if (held !== known) this.storage.set(ENTRY, JSON.stringify(held));
    const { landingPage, referrer, campaign } = held;
    return {
      campaign,
      session: {
        id: session.id,
        startedAt: new Date(session.began).toISOString(),
        landingPage,
        referrer,
      },
    };
  }

  /** The next call begins a session. */
  end(): void {
    this.storage.drop(NAME);
    this.storage.remove(ENTRY);
  }
}

const keepFirst = ({ landingPage, referrer }: JsonObject): JsonObject => ({
  landingPage,
  referrer,
});
