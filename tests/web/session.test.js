import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApi, Problem, uuid } from '../../adapters/inbound/pages/static/js/api.js';
import { createSession, REFRESH_KEY, SignedOut } from '../../adapters/inbound/pages/static/js/session.js';

const answer = (n) => ({ access_token: `a${n}`, refresh_token: `r${n}`, expires_in: 60, user: { id: 7 } });
const refuse = (status) => { throw new Problem(status, { title: 'no' }); };

function setUp(send, stored = 'r0') {
  const items = new Map(stored ? [[REFRESH_KEY, stored]] : []);
  const storage = {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
  const seen = { signedOut: 0, now: 0 };
  const session = createSession({
    send, storage, locks: null, now: () => seen.now, onSignedOut: () => seen.signedOut++,
  });
  return { session, storage, seen };
}

test('a stored refresh token resumes the login and is rotated', async () => {
  const { session, storage } = setUp(async (_, path, { body }) => {
    assert.deepEqual([path, body], ['/api/auth/refresh', { refresh_token: 'r0' }]);
    return answer(1);
  });
  assert.equal(await session.accessToken(), 'a1');
  assert.equal(storage.getItem(REFRESH_KEY), 'r1');
  assert.deepEqual(session.user, { id: 7 });
});

test('concurrent callers share one refresh; an old token is renewed in time', async () => {
  let calls = 0;
  const { session, seen } = setUp(async () => answer(++calls));
  assert.deepEqual(await Promise.all([session.accessToken(), session.refresh()]), ['a1', 'a1']);
  assert.equal(await session.accessToken(), 'a1');
  seen.now = 55_000;
  assert.equal(await session.accessToken(), 'a2');
});

test('a refused refresh ends the login', async () => {
  const { session, storage, seen } = setUp(async () => refuse(401));
  await assert.rejects(session.accessToken(), SignedOut);
  assert.deepEqual([storage.getItem(REFRESH_KEY), seen.signedOut], [null, 1]);
});

test('an unreachable or busy server does not', async () => {
  for (const fail of [() => { throw new TypeError('network'); }, () => refuse(503), () => refuse(429)]) {
    const { session, storage, seen } = setUp(async () => fail());
    await assert.rejects(session.accessToken());
    assert.deepEqual([storage.getItem(REFRESH_KEY), seen.signedOut], ['r0', 0]);
  }
});

test('a token that another tab rotated meanwhile is used instead', async () => {
  const { session, storage } = setUp(async (_, path, { body }) => {
    if (body.refresh_token === 'r5') return answer(6);
    storage.setItem(REFRESH_KEY, 'r5');
    return refuse(401);
  });
  assert.equal(await session.accessToken(), 'a6');
});

test('a request refused with 401 is repeated once with a fresh token and the same key', async () => {
  const sent = [];
  const session = { accessToken: async () => 'old', refresh: async () => 'new' };
  const api = createApi(session, async (method, path, { token, key }) => {
    sent.push([token, key]);
    return token === 'old' ? refuse(401) : { success: true };
  });
  assert.deepEqual(await api.spin({ bet_amount: 1 }), { success: true });
  assert.deepEqual(sent.map(([token]) => token), ['old', 'new']);
  assert.equal(sent[0][1], sent[1][1]);
});

test('a play whose answer was lost is asked for again with the same key', async () => {
  const keys = [];
  const session = { accessToken: async () => 't' };
  const api = createApi(session, async (method, path, { key }) => {
    if (keys.push(key) === 1) throw new TypeError('network');
    return {};
  });
  await api.spin({ bet_amount: 1 });
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
