/** Shares of an element at which the browser says how much of it shows. */
const SHARES = Array.from({ length: 26 }, (_, share) => share / 50);

/**
 * Tell, once of each, when an element with a certain attribute is in view: half of it, or as much
 * as fills half of the window. Also of those that come later. An empty one is not seen.
 */
export function whenSeen(attribute: string, seen: (element: Element) => void): void {
  const selector = `[${attribute}]`;
  const watched = new WeakSet<Element>();
  const views = new IntersectionObserver(
    (changes) => {
      for (const change of changes) {
        const { target, intersectionRatio, intersectionRect, boundingClientRect: box } = change;
        if (!change.isIntersecting) continue;
        if (!box.width || !box.height) {
          sizes.observe(target);
        } else if (intersectionRatio >= 0.5 || intersectionRect.height >= innerHeight / 2) {
          views.unobserve(target);
          seen(target);
        }
      }
    },
    { threshold: SHARES },
  );
  // One that is filled shows as much as before: all of it. So the browser is asked anew.
  const sizes = new ResizeObserver((changes) => {
    for (const { target, contentRect } of changes) {
      if (!contentRect.width || !contentRect.height) continue;
      sizes.unobserve(target);
      views.unobserve(target);
      views.observe(target);
    }
  });
  const watch = (element: Element): void => {
    if (watched.has(element)) return;
    watched.add(element);
    views.observe(element);
  };
  document.querySelectorAll(selector).forEach(watch);
  new MutationObserver((changes) => {
    for (const { target, addedNodes, type } of changes) {
      if (type === 'attributes') watch(target as Element);
      addedNodes.forEach((node) => {
        if (!(node instanceof Element)) return;
        if (node.matches(selector)) watch(node);
        node.querySelectorAll(selector).forEach(watch);
      });
    }
  }).observe(document, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: [attribute],
  });
}
