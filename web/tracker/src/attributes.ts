import { readObject, type JsonObject } from './json';
import { whenSeen } from './seen';

const PROPERTY = 'data-patron-prop-';

/**
 * The properties that an element and those around it tell, the inner ones winning:
 * `data-patron-prop-product-id="T-1"` is `product_id`, and `data-patron-props` holds JSON.
 */
export function propertiesOf(element: Element): JsonObject {
  const outer = element.parentElement ? propertiesOf(element.parentElement) : {};
  const own: JsonObject = {};
  for (const { name, value } of Array.from(element.attributes)) {
    if (name.startsWith(PROPERTY)) own[name.slice(PROPERTY.length).replace(/-/g, '_')] = value;
  }
  return { ...outer, ...readObject(element.getAttribute('data-patron-props')), ...own };
}

type Happened = (event: string, properties: JsonObject) => void;

/** Tell of clicks, forms and views of elements whose attributes name an event. */
export function followAttributes(happened: Happened): void {
  const tell = (element: Element, attribute: string): void => {
    const event = element.getAttribute(attribute);
    if (event) happened(event, propertiesOf(element));
  };
  const follow = (type: 'click' | 'submit'): void =>
    document.addEventListener(
      type,
      ({ target }) => {
        const element = target instanceof Element && target.closest('[data-patron-event]');
        // A form tells when it is sent, whatever in it is clicked.
        if (element && element instanceof HTMLFormElement === (type === 'submit')) {
          tell(element, 'data-patron-event');
        }
      },
      true,
    );
  follow('click');
  follow('submit');
  whenSeen('data-patron-view', (element) => tell(element, 'data-patron-view'));
}

/** The places of the page that will show content: name and element of each. */
export function slots(): { name: string; element: Element }[] {
  return Array.from(document.querySelectorAll('[data-patron-slot]'), (element) => ({
    name: element.getAttribute('data-patron-slot') ?? '',
    element,
  }));
}

/** Tell when such a place is seen, and when something in it is clicked. */
export function followSlots(happened: Happened): void {
  const nameOf = (element: Element): string => element.getAttribute('data-patron-slot') ?? '';
  whenSeen('data-patron-slot', (element) =>
    happened('Slot Seen', { ...propertiesOf(element), slot: nameOf(element) }),
  );
  document.addEventListener(
    'click',
    ({ target }) => {
      const slot = target instanceof Element && target.closest('[data-patron-slot]');
      if (!slot) return;
      const url = (target as Element).closest('a')?.href;
      const properties = propertiesOf(target as Element);
      happened('Slot Clicked', { ...properties, slot: nameOf(slot), ...(url && { url }) });
    },
    true,
  );
}
