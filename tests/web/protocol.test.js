import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs, classify, closeVerdict, formatPosition, parseFrame, subprotocols, syncUrl } from '../../adapters/inbound/pages/static/js/protocol.js';

test('only JSON objects are frames', () => {
  assert.deepEqual(parseFrame('{"type":"pong"}'), { type: 'pong' });
  for (const text of ['pong', '[]', 'null', '1', '']) assert.equal(parseFrame(text), null);
});

test('a frame is judged by where we stand', () => {
  const here = { epoch: 'e', seq: 5 };
  const judge = (frame, position = here) => classify(position, { type: 'x', ...frame });
  assert.equal(judge({ seq: 6 }), 'next');
  assert.equal(judge({ seq: 5 }), 'duplicate');
  assert.equal(judge({ seq: 7 }), 'gap');
  assert.equal(judge({}), 'control');
  assert.equal(judge({ seq: 6 }, null), 'duplicate');
  assert.equal(judge({ seq: 6 }, { epoch: 'e', seq: null }), 'duplicate');
  assert.equal(judge({ type: 'sync_connected', seq: 9 }), 'control');
  assert.equal(judge({ type: 'initial_state', seq: 9 }), 'snapshot');
});

test('close codes', () => {
  const expected = {
    1000: 'retry', 1006: 'retry', 1011: 'retry', 3000: 'retry', 3001: 'retry', 3499: 'retry', 4429: 'retry',
    3005: 'refresh', 3500: 'stop', 3999: 'stop', 4403: 'stop', 4401: 'reauthenticate',
  };
  for (const [code, verdict] of Object.entries(expected)) assert.equal(closeVerdict(Number(code)), verdict, code);
});

test('backoff grows, is capped and never less than half', () => {
  assert.equal(backoffMs(0, () => 0), 250);
  assert.equal(backoffMs(0, () => 1), 500);
  assert.equal(backoffMs(3, () => 1), 4000);
  assert.equal(backoffMs(50, () => 1), 30_000);
});

test('the socket address', () => {
  const position = { epoch: 'a b', seq: 3 };
  assert.equal(syncUrl('http://h:1/x?y#z', null), 'ws://h:1/api/realtime/sync');
  assert.equal(syncUrl('https://h/', position), 'wss://h/api/realtime/sync?since=a+b%3A3');
  assert.deepEqual(subprotocols('t'), ['synchub.v1', 'bearer.t']);
  assert.equal(formatPosition({ epoch: 'e', seq: null }), '');
  assert.equal(formatPosition({ epoch: 'e', seq: 0 }), 'e:0');
});
