/**
 * Put the focus on the first of some parts of the page that is there, once what was changed is
 * shown: what had it may be gone by then.
 */
export function goTo(...selectors: string[]): void {
  setTimeout(() => {
    const there = selectors.map((one) => document.querySelector<HTMLElement>(one));
    there.find((one) => one !== null)?.focus();
  });
}

/**
 * Put the focus where something is still to be filled in, so that whoever adds a part types on.
 *
 * @param within The part; asked for once it is there.
 */
export function goToGap(within: () => Element | null): void {
  setTimeout(() => {
    const part = within();
    // What is missing is marked; other fields may be left empty.
    const gap =
      part?.querySelector<HTMLElement>("[aria-invalid=true]") ??
      part?.querySelector<HTMLElement>("input:not([type=hidden])");
    gap?.focus();
  });
}
