import { readCookie } from './cookies';
import { readObject } from './json';
import type { Settings } from './settings';
import type { Storage } from './storage';

export type Categories = Record<string, boolean>;
export type Verdict = 'allowed' | 'held' | 'refused';

export const NAME = 'consent';

/** The visitor's objection to being followed at all, said by the browser. */
function objects(): boolean {
  const { doNotTrack, globalPrivacyControl } = navigator as Navigator & {
    globalPrivacyControl?: boolean;
  };
  return globalPrivacyControl === true || doNotTrack === '1' || doNotTrack === 'yes';
}

/** What the visitor allows. */
export class Consent {
  private said: Categories | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly storage: Storage,
  ) {}

  /** What becomes of a call made now. */
  get verdict(): Verdict {
    if (!this.settings.ignoreSignals && objects()) return 'refused';
    const answer = this.said?.[this.settings.consentCategory];
    if (answer !== undefined) return answer ? 'allowed' : 'refused';
    return { hold: 'held', drop: 'refused', send: 'allowed' }[this.settings.undecided] as Verdict;
  }

  /** The categories with their answers; undefined while nothing was said. */
  get categories(): Categories | undefined {
    return this.said;
  }

  /** Take an answer. Categories that it does not name keep theirs. Nothing but `true` is a yes. */
  decide(categories: Categories): void {
    const answers = Object.entries(categories).map(([name, yes]) => [name, yes === true]);
    this.said = { ...this.said, ...(Object.fromEntries(answers) as Categories) };
  }

  /** Remember the answer for the next page. */
  keep(): void {
    if (this.said) this.storage.keep(NAME, JSON.stringify(this.said));
  }

  /**
   * What an earlier page was told; only a yes is ever remembered. The cookie alone says so: copies
   * on other subdomains would outlive a no.
   */
  recall(): void {
    this.take(readCookie(`patron_${NAME}`));
  }

  /** What another tab was told; nothing, when it was told no and forgot everything. */
  follow(text: string | null): void {
    if (text === null) this.decide({ [this.settings.consentCategory]: false });
    else this.take(text);
  }

  private take(text: string | null | undefined): void {
    const answers = readObject(text);
    if (answers) this.decide(answers as Categories);
  }
}
