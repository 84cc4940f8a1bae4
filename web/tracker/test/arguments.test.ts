import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from '../src/arguments';

const back = (): void => undefined;

/** What a call says, without what it leaves out. */
function said(type: string, ...given: unknown[]): unknown {
  const { fields, options, callback } = read(type, given);
  return JSON.parse(JSON.stringify({ ...fields, options, called: callback === back }));
}

test('identify takes an id, traits and options, each of which may be left out', () => {
  const nothing = { traits: {}, options: {}, called: false };
  assert.deepEqual(said('identify', 'ann'), { ...nothing, userId: 'ann' });
  assert.deepEqual(said('identify', 17), { ...nothing, userId: '17' });
  assert.deepEqual(said('identify', { a: 1 }), { ...nothing, traits: { a: 1 } });
  assert.deepEqual(said('identify', null, { a: 1 }), { ...nothing, traits: { a: 1 } });
  assert.deepEqual(said('identify', '', { a: 1 }), { ...nothing, traits: { a: 1 } });
  assert.deepEqual(said('identify', { a: 1 }, { context: {} }, back), {
    traits: { a: 1 },
    options: { context: {} },
    called: true,
  });
  assert.deepEqual(said('identify', 'ann', back), { ...nothing, userId: 'ann', called: true });
});

test('group says the same of a group', () => {
  assert.deepEqual(said('group', 'g', { name: 'G' }, back), {
    groupId: 'g',
    traits: { name: 'G' },
    options: {},
    called: true,
  });
});

test('track takes an event, properties and options; null holds a place', () => {
  assert.deepEqual(said('track', 'E', null, { timestamp: 't' }, back), {
    event: 'E',
    properties: {},
    options: { timestamp: 't' },
    called: true,
  });
  assert.deepEqual(said('track', 'E', back), {
    event: 'E',
    properties: {},
    options: {},
    called: true,
  });
});

test('one text of a page call is its name, two are category and name', () => {
  const nothing = { properties: {}, options: {}, called: false };
  assert.deepEqual(said('page'), nothing);
  assert.deepEqual(said('page', 'Home'), { ...nothing, name: 'Home' });
  assert.deepEqual(said('page', 'Shop', 'Home'), { ...nothing, category: 'Shop', name: 'Home' });
  assert.deepEqual(said('page', { a: 1 }, { b: 2 }), {
    properties: { a: 1 },
    options: { b: 2 },
    called: false,
  });
  assert.deepEqual(said('page', 'Home', null, { a: 1 }), {
    ...nothing,
    name: 'Home',
    properties: { a: 1 },
  });
  assert.deepEqual(said('page', 'Shop', 'Home', null, { b: 2 }), {
    ...nothing,
    category: 'Shop',
    name: 'Home',
    options: { b: 2 },
  });
  assert.deepEqual(said('page', 'Shop', 'Home', { a: 1 }, { b: 2 }, back), {
    category: 'Shop',
    name: 'Home',
    properties: { a: 1 },
    options: { b: 2 },
    called: true,
  });
});

test('alias takes the new id and the former one, which may be left out', () => {
  assert.deepEqual(said('alias', 'ann', 'a1', { b: 2 }), {
    userId: 'ann',
    previousId: 'a1',
    options: { b: 2 },
    called: false,
  });
  assert.deepEqual(said('alias', 'ann', { b: 2 }, back), {
    userId: 'ann',
    options: { b: 2 },
    called: true,
  });
  assert.deepEqual(said('alias', 'ann', back), { userId: 'ann', options: {}, called: true });
});
