import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockSkew, flying, multiplierAt } from '../../adapters/inbound/pages/static/js/crash.js';

test('the multiplier grows exponentially from 1, rounded down', () => {
  assert.equal(multiplierAt(-50), 1);
  assert.equal(multiplierAt(0), 1);
  assert.equal(multiplierAt(11_553), 2);
  assert.equal(multiplierAt(11_552), 1.99);
  assert.equal(multiplierAt(1e9), 10_000);
});

test('a round past the highest multiplier is over', () => {
  const rounds = { a: { startedAt: 0 }, b: { startedAt: 100_000 } };
  assert.deepEqual(flying(rounds, 150_000), [rounds.a, rounds.b]);
  assert.deepEqual(flying(rounds, 160_000), [rounds.b]);
});

test('the least difference seen is the clock skew', () => {
  const at = (ms) => ({ ts: new Date(ms).toISOString() });
  assert.equal(clockSkew(null, at(1000), 1400), 400);
  assert.equal(clockSkew(400, at(1000), 1100), 100);
  assert.equal(clockSkew(100, at(1000), 9000), 100);
  assert.equal(clockSkew(100, {}, 9000), 100);
});
