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
