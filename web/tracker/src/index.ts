import { followAttributes, followSlots, slots } from './attributes';
import type { Callback } from './arguments';
import type { Categories } from './consent';
import { VERSION } from './context';
import { followLayer } from './layer';
import { followPages } from './pages';
import { complete, type Settings } from './settings';
import { Tracker } from './tracker';

/** A call made before this script came: its name, its arguments, and when. */
type Early = [name: string, given: unknown[], now: number];
type Patron = Early[] & Record<string, unknown>;

const here = window as unknown as { patron?: Patron };
const patron: Patron = (here.patron ??= [] as unknown as Patron);
const script = document.currentScript as HTMLScriptElement | null;
const origin = script?.src ? new URL(script.src).origin : location.origin;

const waiting: (() => void)[] = [];
let tracker: Tracker | undefined;

/** Do it now, or once `load` was called. Whatever goes wrong, the page goes on. */
function guarded(act: () => void): void {
  if (!tracker) {
    waiting.push(() => guarded(act));
    return;
  }
  try {
    act();
  } catch (error) {
    console.error('patron:', error);
  }
}

function start(writeKey: string, settings: Settings, now: number): void {
  if (tracker) return;
  const started = (tracker = new Tracker(writeKey, settings));
  const happened = started.happened.bind(started);
  if (settings.pages) {
    // It was opened before calls were made on it, though this script came after them.
    started.viewed(undefined, now);
    followPages((previous) => started.viewed(previous));
  }
  waiting.splice(0).forEach((act) => act());
  if (settings.dataLayer) {
    followLayer(settings.dataLayer === true ? 'dataLayer' : settings.dataLayer, happened);
  }
  followAttributes(happened);
  followSlots(happened);
}

/** All that a page can call, told by its arguments and the moment. */
const methods: Record<string, (given: unknown[], now: number) => void> = {
  load([writeKey, given], now) {
    const settings = complete(given as Partial<Settings> | undefined, origin);
    const begin = (at: number): void => start(String(writeKey), settings, at);
    // A page that the browser prepares may never be shown.
    if ((document as Document & { prerendering?: boolean }).prerendering) {
      document.addEventListener('prerenderingchange', () => begin(Date.now()), { once: true });
    } else begin(now);
  },
  consent: ([categories]) => guarded(() => tracker?.decide(categories as Categories)),
  reset: ([callback]) => guarded(() => tracker?.reset(callback as Callback | undefined)),
  ready: ([callback]) => guarded(() => setTimeout(callback as () => void)),
};
for (const type of ['identify', 'track', 'page', 'group', 'alias']) {
  methods[type] = (given, now) => guarded(() => tracker?.call(type, given, now));
}

if (!patron.version) {
  for (const [name, method] of Object.entries(methods)) {
    patron[name] = (...given: unknown[]): void => method(given, Date.now());
  }
  patron.user = () => ({
    id: (): string | null => tracker?.visitor.userId ?? null,
    anonymousId: (): string | null => tracker?.visitor.anonymousId ?? null,
  });
  patron.slots = slots;
  patron.version = VERSION;
  for (const [name, given, now] of patron.splice(0)) methods[name]?.(given, now);
}
