import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromGa4 } from '../src/commerce';
import { eventOf } from '../src/layer';

const ITEM = {
  item_id: 'T-1',
  item_name: 'Tea',
  item_brand: 'Leaf',
  item_category: 'Drinks',
  item_variant: 'green',
  price: 4.5,
  quantity: 2,
  index: 3,
};
const PRODUCT = {
  product_id: 'T-1',
  name: 'Tea',
  brand: 'Leaf',
  category: 'Drinks',
  variant: 'green',
  price: 4.5,
  quantity: 2,
  position: 3,
};

test('a purchase is an order, its value the revenue', () => {
  const given = {
    transaction_id: 'o-1',
    value: 9,
    tax: 0.5,
    shipping: 2,
    currency: 'EUR',
    coupon: 'MAY',
    items: [ITEM],
  };
  assert.deepEqual(fromGa4('purchase', given), [
    [
      'Order Completed',
      {
        order_id: 'o-1',
        tax: 0.5,
        shipping: 2,
        currency: 'EUR',
        coupon: 'MAY',
        revenue: 9,
        products: [PRODUCT],
      },
    ],
  ]);
});

test('the value of a refund is what was paid back; without items and value it is all', () => {
  assert.deepEqual(fromGa4('refund', { transaction_id: 'o-1', value: 9, currency: 'EUR' }), [
    ['Order Refunded', { order_id: 'o-1', currency: 'EUR', total: 9 }],
  ]);
  assert.deepEqual(fromGa4('refund', { transaction_id: 'o-1' }), [
    ['Order Refunded', { order_id: 'o-1' }],
  ]);
  assert.deepEqual(fromGa4('refund', { transaction_id: 'o-1', items: [ITEM] }), [
    ['Order Refunded', { order_id: 'o-1', products: [PRODUCT] }],
  ]);
});

test('what is viewed, clicked, added or removed is told product by product', () => {
  const names = {
    view_item: 'Product Viewed',
    select_item: 'Product Clicked',
    add_to_cart: 'Product Added',
    remove_from_cart: 'Product Removed',
    add_to_wishlist: 'Product Added to Wishlist',
  };
  for (const [event, name] of Object.entries(names)) {
    const told = fromGa4(event, {
      currency: 'EUR',
      value: 9,
      items: [ITEM, { ...ITEM, item_id: 'T-2' }],
    });
    assert.deepEqual(told, [
      [name, { currency: 'EUR', ...PRODUCT }],
      [name, { currency: 'EUR', ...PRODUCT, product_id: 'T-2' }],
    ]);
  }
  assert.deepEqual(fromGa4('view_item', { value: 9, items: [ITEM] }), [
    ['Product Viewed', { value: 9, ...PRODUCT }],
  ]);
});

test('lists, carts and the steps of a checkout keep their products together', () => {
  const names = {
    view_item_list: 'Product List Viewed',
    view_cart: 'Cart Viewed',
    begin_checkout: 'Checkout Started',
    add_shipping_info: 'Shipping Info Entered',
    add_payment_info: 'Payment Info Entered',
  };
  for (const [event, name] of Object.entries(names)) {
    assert.deepEqual(fromGa4(event, { value: 9, payment_type: 'card', items: [ITEM] }), [
      [name, { value: 9, payment_method: 'card', products: [PRODUCT] }],
    ]);
  }
  assert.deepEqual(fromGa4('search', { search_term: 'tea' }), [
    ['Products Searched', { query: 'tea' }],
  ]);
});

test('other events, and names that every object knows, are no commerce', () => {
  assert.deepEqual(fromGa4('gtm.js', {}), []);
  assert.deepEqual(fromGa4('constructor', {}), []);
  assert.deepEqual(fromGa4('search', { toString: 'x' }), [
    ['Products Searched', { toString: 'x' }],
  ]);
});

test('entries of a data layer name an event as gtag pushes it, or as Tag Manager reads it', () => {
  function gtag(..._given: unknown[]): IArguments {
    return arguments;
  }
  assert.deepEqual(eventOf(gtag('event', 'purchase', { value: 1 })), ['purchase', { value: 1 }]);
  assert.deepEqual(eventOf(['event', 'search', {}]), ['search', {}]);
  assert.equal(eventOf(gtag('config', 'G-1')), undefined);
  assert.deepEqual(eventOf({ event: 'purchase', ecommerce: { value: 1 } }), [
    'purchase',
    { value: 1 },
  ]);
  assert.deepEqual(eventOf({ event: 'search', search_term: 'tea' }), [
    'search',
    { event: 'search', search_term: 'tea' },
  ]);
  for (const none of [{ ecommerce: null }, null, 'x', 7, undefined, () => 1]) {
    assert.equal(eventOf(none), undefined);
  }
});
