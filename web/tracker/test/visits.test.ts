import assert from 'node:assert/strict';
import { test } from 'node:test';
import { campaignOf } from '../src/context';
import { digest, uuid } from '../src/ids';
import { Session } from '../src/session';
import { complete } from '../src/settings';
import { Storage } from '../src/storage';
import { Visitor } from '../src/visitor';

const MINUTE = 60_000;
const NOON = Date.parse('2026-03-01T12:00:00Z');
const storage = (): Storage => new Storage(complete({}, 'http://patron.example'));
const entry = (landingPage: string, source?: string) => ({
  landingPage,
  referrer: 'https://search.example/',
  campaign: source === undefined ? undefined : { source },
});
const idOf = (told: unknown): unknown => (told as { session: { id: string } }).session.id;

test('a session goes on until half an hour passes without a call', () => {
  const session = new Session(storage(), 30 * MINUTE);
  const first = session.touch(NOON, entry('/a', 'mail'));
  const second = session.touch(NOON + 29 * MINUTE, entry('/b'));
  const third = session.touch(NOON + 58 * MINUTE, entry('/c'));
  const fourth = session.touch(NOON + 88 * MINUTE, entry('/d'));
  assert.deepEqual(first, {
    campaign: { source: 'mail' },
    session: {
      id: idOf(first),
      startedAt: '2026-03-01T12:00:00.000Z',
      landingPage: '/a',
      referrer: 'https://search.example/',
    },
  });
  assert.deepEqual(second, first, 'the campaign and the landing page stay with the session');
  assert.deepEqual(third, first);
  assert.notEqual(idOf(fourth), idOf(first));
  assert.deepEqual(fourth.campaign, undefined);
  assert.equal((fourth.session as { landingPage: string }).landingPage, '/d');
});

test('a campaign met in mid-session is the one that counts from then on', () => {
  const session = new Session(storage(), 30 * MINUTE);
  const first = session.touch(NOON, entry('/a', 'mail'));
  const second = session.touch(NOON + MINUTE, entry('/b', 'ads'));
  const third = session.touch(NOON + 2 * MINUTE, entry('/c'));
  assert.equal(idOf(second), idOf(first));
  assert.deepEqual(third.campaign, { source: 'ads' });
  assert.equal((third.session as { landingPage: string }).landingPage, '/a');
});

test('a session ends when it is told to, and when the clock was set back', () => {
  const session = new Session(storage(), 30 * MINUTE);
  const first = session.touch(NOON, entry('/a'));
  session.end();
  const second = session.touch(NOON + 1, entry('/a'));
  assert.notEqual(idOf(second), idOf(first));
  assert.notEqual(idOf(session.touch(NOON - 40 * MINUTE, entry('/a'))), idOf(second));
});

test('a visitor keeps the anonymous id until another person logs in, or logs out', () => {
  const visitor = new Visitor(storage());
  const { anonymousId } = visitor;
  assert.equal(visitor.userId, undefined);
  visitor.identify('ann');
  visitor.identify('ann');
  assert.deepEqual([visitor.anonymousId, visitor.userId], [anonymousId, 'ann']);
  visitor.identify('bob');
  assert.equal(visitor.userId, 'bob');
  const ofBob = visitor.anonymousId;
  assert.notEqual(ofBob, anonymousId);
  visitor.reset();
  assert.equal(visitor.userId, undefined);
  assert.notEqual(visitor.anonymousId, ofBob);
});

test('a campaign is what utm parameters say', () => {
  assert.deepEqual(
    campaignOf('?utm_source=mail&utm_campaign=May+sale&utm_medium=&utm_id=7&page=2'),
    { source: 'mail', name: 'May sale', id: '7' },
  );
  assert.equal(campaignOf('?page=2'), undefined);
});

test('ids are random UUIDs, and digests follow from the text alone', () => {
  assert.match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(uuid(), uuid());
  assert.equal(digest('order 1'), digest('order 1'));
  assert.match(digest(''), /^[0-9a-f]{32}$/);
  const many = new Set(Array.from({ length: 10_000 }, (_, number) => digest(`order ${number}`)));
  assert.equal(many.size, 10_000);
});
