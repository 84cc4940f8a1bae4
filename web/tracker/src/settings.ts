/** What `patron.load(writeKey, settings)` takes. */
export interface Settings {
  /** Where Patron listens, such as `https://cdp.shop.example`. */
  endpoint: string;
  /** The category of consent that collecting needs. */
  consentCategory: string;
  /**
   * What happens to calls before the visitor decided: `hold` keeps them in memory, `drop` forgets
   * them, `send` treats them as allowed, for places where that is lawful.
   */
  undecided: 'hold' | 'drop' | 'send';
  /** Whether Do Not Track and Global Privacy Control are overlooked. */
  ignoreSignals: boolean;
  /** Whether page views are sent without being asked for, on load and as the address changes. */
  pages: boolean;
  /** Minutes without a call after which the next one begins a new session. */
  sessionMinutes: number;
  /** The domain of the cookies; the widest that the browser allows when left out. */
  cookieDomain?: string;
  /** Days that the cookies live. */
  cookieDays: number;
  /** Whether commerce events are read from the data layer: true, or its name. */
  dataLayer: boolean | string;
  /** The category of consent under which a fingerprint of the device is sent; none without. */
  fingerprint?: string;
}

const DEFAULTS: Omit<Settings, 'endpoint'> = {
  consentCategory: 'analytics',
  undecided: 'hold',
  ignoreSignals: false,
  pages: true,
  sessionMinutes: 30,
  cookieDays: 365,
  dataLayer: false,
};

/** The settings that hold. Without an endpoint, that is where the script came from. */
export function complete(given: Partial<Settings> | undefined, origin: string): Settings {
  const settings = { ...DEFAULTS, endpoint: origin, ...given };
  settings.endpoint = settings.endpoint.replace(/\/+$/, '');
  return settings;
}
