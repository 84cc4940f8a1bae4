import { read, type Call, type Callback } from './arguments';
import { Consent, NAME as CONSENT, type Categories } from './consent';
import { browser, campaignOf, pageNow } from './context';
import { fingerprint } from './fingerprint';
import { digest, uuid } from './ids';
import { isObject, type JsonObject } from './json';
import { Queue } from './queue';
import { Sender } from './sender';
import { Session } from './session';
import type { Settings } from './settings';
import { Storage, stored } from './storage';
import { Visitor } from './visitor';

/** Calls that wait for the visitor's consent in the memory of one page. */
const MOST_HELD = 500;
const COOKIES = ['visitor', 'session', CONSENT];
/** Options that are fields of the message; all others are context, as in analytics.js. */
const OWN_OPTIONS = new Set(['anonymousId', 'userId', 'messageId', 'integrations', 'timestamp']);

/** Where a call was made. */
interface Place {
  page: JsonObject;
  now: number;
}

/** One source's tracker on one page. */
export class Tracker {
  readonly visitor: Visitor;
  private readonly storage: Storage;
  private readonly consent: Consent;
  private readonly session: Session;
  private readonly sender: Sender;
  private held: (() => void)[] = [];
  private referrer = document.referrer;
  private looks: string | undefined;

  constructor(
    writeKey: string,
    private readonly settings: Settings,
  ) {
    this.storage = new Storage(settings);
    this.consent = new Consent(settings, this.storage);
    this.visitor = new Visitor(this.storage);
    this.session = new Session(this.storage, settings.sessionMinutes * 60_000);
    const queue = new Queue(this.storage, writeKey);
    this.sender = new Sender(settings, writeKey, queue, this.storage);
    this.begin();
  }

  /** One of analytics.js' calls. */
  call(type: string, given: unknown[], now = Date.now()): void {
    const call = read(type, given);
    // As it is now: the page may go on to change what it handed over.
    const fields = JSON.parse(JSON.stringify(call.fields)) as JsonObject;
    const options = JSON.parse(JSON.stringify(call.options)) as JsonObject;
    const place = { page: pageNow(this.referrer), now };
    this.whenAllowed(() => this.send(type, { ...call, fields, options }, place));
    // Also where nothing may be sent: the page may wait for it to go on.
    if (call.callback) setTimeout(call.callback as () => void);
  }

  /** An event that follows from the page by itself. */
  happened(event: string, properties: JsonObject): void {
    const order = event === 'Order Completed' && properties.order_id;
    // A thank-you page that is loaded again tells the same order with the same words.
    const messageId = order && `order-${digest(JSON.stringify(properties))}`;
    this.call('track', [event, properties, messageId ? { messageId } : {}]);
  }

  /** A page view that follows from the address. */
  viewed(previous: string | undefined, now = Date.now()): void {
    if (previous !== undefined) this.referrer = previous;
    this.call('page', [], now);
  }

  reset(callback?: Callback): void {
    this.whenAllowed(() => {
      this.visitor.reset();
      this.session.end();
    });
    if (typeof callback === 'function') setTimeout(callback);
  }

  /** What the visitor answered, by category. */
  decide(categories: Categories): void {
    this.consent.decide(isObject(categories) ? categories : {});
    this.settle();
  }

  leave(): void {
    this.sender.leave();
  }

  private begin(): void {
    this.consent.recall();
    this.settle();
    addEventListener('storage', ({ key, newValue }) => {
      if (key !== stored(CONSENT)) return;
      this.consent.follow(newValue);
      this.settle();
    });
    addEventListener('online', () => this.retry());
    addEventListener('pagehide', () => this.leave());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.leave();
      else this.retry();
    });
  }

  /** Act on what is allowed now. */
  private settle(): void {
    const verdict = this.consent.verdict;
    if (verdict === 'held') return;
    const held = this.held;
    this.held = [];
    if (verdict === 'refused') {
      this.sender.stop();
      this.storage.close(COOKIES);
      return;
    }
    this.storage.open();
    this.consent.keep();
    this.visitor.renew();
    held.forEach((act) => act());
    this.sender.retry();
  }

  private retry(): void {
    if (this.consent.verdict === 'allowed') this.sender.retry();
  }

  private whenAllowed(act: () => void): void {
    const verdict = this.consent.verdict;
    if (verdict === 'allowed') act();
    else if (verdict === 'held' && this.held.length < MOST_HELD) this.held.push(act);
  }

  private send(type: string, { fields, options }: Call, { page, now }: Place): void {
    const { visitor } = this;
    if (type === 'identify' && typeof fields.userId === 'string') visitor.identify(fields.userId);
    if (type === 'alias') fields.previousId ??= visitor.userId ?? visitor.anonymousId;
    if (type === 'page') {
      const { category, name } = fields;
      fields.properties = { ...page, category, name, ...(fields.properties as JsonObject) };
    }
    const own: JsonObject = {};
    const context = this.context(page, now);
    for (const [name, value] of Object.entries(options)) {
      if (OWN_OPTIONS.has(name)) own[name] = value;
      else if (name === 'context') Object.assign(context, merged(context, value));
      else Object.assign(context, merged(context, { [name]: value }));
    }
    this.sender.add(
      JSON.stringify({
        messageId: uuid(),
        timestamp: new Date(now).toISOString(),
        anonymousId: visitor.anonymousId,
        userId: visitor.userId,
        ...fields,
        ...own,
        type,
        context,
      }),
    );
  }

  private context(page: JsonObject, now: number): JsonObject {
    const { session, campaign } = this.session.touch(now, {
      landingPage: String(page.url),
      referrer: String(page.referrer),
      campaign: campaignOf(String(page.search)),
    });
    const { categories } = this.consent;
    const { fingerprint: category } = this.settings;
    const seen = category !== undefined && categories?.[category] === true;
    return {
      ...browser(),
      page,
      session,
      campaign,
      ...(categories && { consent: { categoryPreferences: categories } }),
      ...(seen && { device: { fingerprint: (this.looks ??= fingerprint()) } }),
    };
  }
}

/** Context with what a call adds to it, one level deep. */
function merged(context: JsonObject, added: unknown): JsonObject {
  const found: JsonObject = {};
  for (const [name, value] of Object.entries(isObject(added) ? added : {})) {
    const before = context[name];
    found[name] = isObject(before) && isObject(value) ? { ...before, ...value } : value;
  }
  return found;
}
