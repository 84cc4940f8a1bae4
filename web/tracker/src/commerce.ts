import { isObject, type JsonObject } from './json';

/** Events of GA4 and what they are called here; `each` tells one event of every item. */
const EVENTS = new Map<string, [name: string, each?: boolean]>(
  Object.entries({
    view_item_list: ['Product List Viewed'],
    select_item: ['Product Clicked', true],
    view_item: ['Product Viewed', true],
    add_to_cart: ['Product Added', true],
    remove_from_cart: ['Product Removed', true],
    add_to_wishlist: ['Product Added to Wishlist', true],
    view_cart: ['Cart Viewed'],
    begin_checkout: ['Checkout Started'],
    add_shipping_info: ['Shipping Info Entered'],
    add_payment_info: ['Payment Info Entered'],
    purchase: ['Order Completed'],
    refund: ['Order Refunded'],
    view_promotion: ['Promotion Viewed'],
    select_promotion: ['Promotion Clicked'],
    search: ['Products Searched'],
  }),
);

const NAMES = new Map(
  Object.entries({
    item_id: 'product_id',
    item_name: 'name',
    item_brand: 'brand',
    item_category: 'category',
    item_variant: 'variant',
    index: 'position',
    item_list_id: 'list_id',
    item_list_name: 'list_name',
    transaction_id: 'order_id',
    payment_type: 'payment_method',
    shipping_tier: 'shipping_method',
    promotion_name: 'name',
    creative_slot: 'position',
    search_term: 'query',
  }),
);

/** GTM's own marks, which say nothing about what happened. */
const MARKS = new Set([
  'items',
  'event',
  'gtm.uniqueEventId',
  'eventCallback',
  'eventTimeout',
  'send_to',
]);

/** Properties under the names of the commerce vocabulary; unknown ones keep theirs. */
function renamed(given: JsonObject): JsonObject {
  const found: JsonObject = {};
  for (const [name, value] of Object.entries(given)) {
    if (!MARKS.has(name) && value !== undefined && typeof value !== 'function') {
      found[NAMES.get(name) ?? name] = value;
    }
  }
  return found;
}

/**
 * The commerce events that one of GA4 tells.
 *
 * `value` of a purchase, which GA4 says is without tax and shipping, is `revenue`; that of a refund
 * is `total`, what was paid back.
 *
 * @returns Names and properties; none for events that are no commerce.
 */
export function fromGa4(event: string, given: JsonObject): [string, JsonObject][] {
  const known = EVENTS.get(event);
  if (!known) return [];
  const [name, each] = known;
  const whole = renamed(given);
  const products = (Array.isArray(given.items) ? given.items : []).filter(isObject).map(renamed);
  if (event === 'purchase' || event === 'refund') {
    const { value, ...rest } = whole;
    const amount = event === 'purchase' ? 'revenue' : 'total';
    const told = products.length ? { ...rest, products } : rest;
    return [[name, value === undefined ? told : { [amount]: value, ...told }]];
  }
  if (!each) return [[name, products.length ? { ...whole, products } : whole]];
  // What the whole is worth is not what each is worth.
  const { value, ...rest } = whole;
  const amount: JsonObject = products.length === 1 && value !== undefined ? { value } : {};
  return products.map((product) => [name, { ...rest, ...amount, ...product }]);
}
