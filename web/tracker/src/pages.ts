/**
 * Tell of each further page that a single-page app shows, or the browser shows again.
 *
 * The history API says when the address changes. A part of the page (`#…`) is no page of its own,
 * and one that only replaces its query is the same page.
 *
 * @param viewed Told the address that was shown before, once the title had time to follow.
 */
export function followPages(viewed: (previous: string | undefined) => void): void {
  let shown = location.href;
  const changed = (replaced: boolean): void => {
    const previous = shown;
    shown = location.href;
    const { pathname, search } = new URL(previous);
    if (pathname === location.pathname && (replaced || search === location.search)) return;
    setTimeout(() => viewed(previous));
  };
  for (const [name, replaced] of [
    ['pushState', false],
    ['replaceState', true],
  ] as const) {
    const original = history[name];
    history[name] = function (...given: Parameters<typeof original>): void {
      original.apply(this, given);
      changed(replaced);
    };
  }
  addEventListener('popstate', () => changed(false));
  // Shown again from the browser's memory: without that it would have loaded, and counted.
  addEventListener('pageshow', (event) => {
    if (event.persisted) viewed(undefined);
  });
}
