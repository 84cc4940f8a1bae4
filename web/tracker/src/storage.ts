import { readCookie, widestDomain, writeCookie } from './cookies';
import type { Settings } from './settings';

const PREFIX = 'patron.';

/**
 * What the tracker remembers. Nothing touches the browser's stores until `open` is called; before
 * that, and wherever the browser refuses, things live in the memory of this page.
 */
export class Storage {
  private readonly memory = new Map<string, string>();
  private persistent = false;
  private domain: string | undefined;

  constructor(private readonly settings: Settings) {}

  /** From now on keep things in the browser, also those that came in before. */
  open(): void {
    if (this.persistent) return;
    this.persistent = true;
    const before = [...this.memory];
    this.memory.clear();
    for (const [key, value] of before) {
      // What the browser held all along is the older truth.
      if (this.recall(key) === undefined) this.set(key, value);
    }
  }

  /** Forget everything, and touch the browser's stores no more. */
  close(names: string[]): void {
    this.persistent = true;
    for (const key of this.keys('')) this.remove(key);
    for (const name of names) this.drop(name);
    this.persistent = false;
  }

  get(key: string): string | undefined {
    const held = this.memory.get(key);
    if (held !== undefined || !this.persistent) return held;
    try {
      return localStorage.getItem(PREFIX + key) ?? undefined;
    } catch {
      return undefined;
    }
  }

  set(key: string, value: string): void {
    if (this.persistent) {
      try {
        localStorage.setItem(PREFIX + key, value);
        this.memory.delete(key);
        return;
      } catch {
        // Full, or forbidden by the browser's settings.
      }
    }
    this.memory.set(key, value);
  }

  remove(key: string): void {
    this.memory.delete(key);
    if (!this.persistent) return;
    try {
      localStorage.removeItem(PREFIX + key);
    } catch {
      // As above: then there is nothing to remove.
    }
  }

  /** All keys that begin so, in order. */
  keys(start: string): string[] {
    const found = new Set([...this.memory.keys()].filter((key) => key.startsWith(start)));
    if (this.persistent) {
      try {
        for (let at = 0; at < localStorage.length; at++) {
          const key = localStorage.key(at);
          if (key?.startsWith(PREFIX + start)) found.add(key.slice(PREFIX.length));
        }
      } catch {
        // As above.
      }
    }
    return [...found].sort();
  }

  /** A value that lives in a cookie, with a copy in case the cookie is lost. */
  recall(name: string): string | undefined {
    return (this.persistent && readCookie(`patron_${name}`)) || this.get(name);
  }

  /** Set such a value. The cookie reaches all subdomains, the copy only this one. */
  keep(name: string, value: string): void {
    this.set(name, value);
    if (this.persistent) {
      writeCookie(`patron_${name}`, value, this.settings.cookieDays, this.cookieDomain());
    }
  }

  /** Forget such a value. */
  drop(name: string): void {
    this.remove(name);
    if (this.persistent && readCookie(`patron_${name}`) !== undefined) {
      writeCookie(`patron_${name}`, '', 0, this.cookieDomain());
    }
  }

  private cookieDomain(): string {
    this.domain ??= this.settings.cookieDomain ?? widestDomain(location.hostname);
    return this.domain;
  }
}

/** The full name of a key in localStorage, as the event `storage` tells it. */
export const stored = (key: string): string => PREFIX + key;
