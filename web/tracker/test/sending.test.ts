import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST, Queue } from '../src/queue';
import { askedPause, outcomeOf, pauseAfter } from '../src/sender';
import { complete } from '../src/settings';
import { Storage } from '../src/storage';

const storage = (): Storage => new Storage(complete({}, 'http://patron.example'));
const all = (): boolean => true;

test('pauses double up to a minute, and differ between browsers by half', () => {
  assert.deepEqual([1, 2, 3, 7, 100].map((failures) => pauseAfter(failures, 1)), [
    1_000, 2_000, 4_000, 60_000, 60_000,
  ]); // prettier-ignore
  assert.equal(pauseAfter(3, 0), 2_000);
});

test('Retry-After is read as seconds or as a date, and never for more than an hour', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  assert.equal(askedPause('7', now), 7_000);
  assert.equal(askedPause('Sun, 01 Mar 2026 12:00:30 GMT', now), 30_000);
  assert.equal(askedPause('Sun, 01 Mar 2026 11:00:00 GMT', now), 0);
  assert.equal(askedPause('86400', now), 3_600_000);
  assert.equal(askedPause('soon', now), undefined);
  assert.equal(askedPause(null, now), undefined);
});

test('what an answer means for what was sent', () => {
  const meanings = { 200: 'delivered', 204: 'delivered', 400: 'unreadable', 401: 'refused',
    408: 'again', 413: 'too large', 429: 'again', 500: 'again', 503: 'again', 304: 'refused' }; // prettier-ignore
  for (const [status, meaning] of Object.entries(meanings)) {
    assert.equal(outcomeOf(Number(status)), meaning, status);
  }
});

test('messages are sent in the order of the calls, by number and by size', () => {
  const queue = new Queue(storage(), 'key');
  const keys = ['a', 'bb', 'ccc'].map((text) => queue.add(text));
  const texts = (most: number, size: number, wanted: (key: string) => boolean = all): string[] =>
    queue.next(most, size, wanted).map(({ text }) => text);
  assert.deepEqual(texts(9, 99), ['a', 'bb', 'ccc']);
  assert.deepEqual(texts(2, 99), ['a', 'bb']);
  assert.deepEqual(texts(9, 3), ['a', 'bb']);
  assert.deepEqual(texts(9, 0), ['a'], 'one is always sent');
  assert.deepEqual(texts(9, 99, (key) => key !== keys[0]), ['bb', 'ccc']); // prettier-ignore
  queue.remove(queue.next(1, 99, all));
  assert.deepEqual(texts(9, 99), ['bb', 'ccc']);
});

test('queues of two keys in one browser do not meet', () => {
  const shared = storage();
  const [one, other] = [new Queue(shared, 'k'), new Queue(shared, 'k2')];
  one.add('mine');
  assert.deepEqual(other.next(9, 99, all), []);
  assert.equal(one.next(9, 99, all).length, 1);
});

test('of too many messages the oldest give way', (context) => {
  const warned = context.mock.method(console, 'warn', () => undefined);
  const queue = new Queue(storage(), 'key');
  for (let number = 0; number <= MOST; number++) queue.add(String(number));
  const kept = queue.next(2 * MOST, 1e9, all);
  assert.equal(kept.length, MOST);
  assert.equal(kept[0]!.text, '1');
  assert.equal(warned.mock.callCount(), 1);
});
