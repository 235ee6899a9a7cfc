import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { SignedOut } from '../../adapters/inbound/pages/static/js/session.js';
import { initialState, reduce } from '../../adapters/inbound/pages/static/js/state.js';
import { Sync } from '../../adapters/inbound/pages/static/js/sync.js';

const settle = async () => { for (let n = 0; n < 10; n++) await Promise.resolve(); };

/** A Sync with a fake clock and sockets that the test plays the server of. */
async function setUp(t, session = {}) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  t.after(() => mock.timers.reset());
  const hub = { sockets: [], statuses: [], renewed: 0, forgotten: 0, state: initialState };
  hub.sync = new Sync({
    session: {
      accessToken: async () => 'old',
      refresh: async () => `new${++hub.renewed}`,
      forget: () => hub.forgotten++,
      ...session,
    },
    getPosition: () => hub.state.position,
    onFrame: (frame) => (hub.state = reduce(hub.state, frame)),
    onStatus: (status) => hub.statuses.push(status),
    location: 'http://hub/',
    random: () => 1,
    open(url, protocols) {
      const socket = { url: new URL(url), protocols, sent: [], closed: false };
      socket.send = (text) => socket.sent.push(text);
      socket.close = () => (socket.closed = true);
      socket.say = (frame) => socket.onmessage({ data: JSON.stringify(frame) });
      socket.end = (code) => socket.onclose({ code, reason: '' });
      socket.greet = (recovered = false, seq = 4) => {
        socket.say({ type: 'sync_connected', user_id: 7, epoch: 'e', seq, recovered, heartbeat_s: 20 });
        if (!recovered) socket.say({ type: 'initial_state', user_id: 7, seq, data: STATE });
      };
      hub.sockets.push(socket);
      return socket;
    },
  });
  hub.pass = async (ms) => { mock.timers.tick(ms); await settle(); };
  hub.last = () => hub.sockets.at(-1);
  hub.since = () => hub.last().url.searchParams.get('since');
  hub.token = () => hub.last().protocols[1].replace('bearer.', '');
  hub.sync.start();
  await settle();
  return hub;
}

const STATE = {
  profile: {}, achievements: {}, events: {}, streaks: {}, stats: {},
  recent_rewards: [], purchases: [], last_plays: [], open_rounds: [],
};
const event = (seq) => ({ type: 'user_action', seq, id: `i${seq}`, data: {} });

test('connects, goes live, and resumes after a lost connection', async (t) => {
  const hub = await setUp(t);
  assert.deepEqual([hub.token(), hub.since(), hub.sync.status.phase], ['old', null, 'connecting']);
  hub.last().greet();
  hub.last().say(event(5));
  assert.equal(hub.sync.status.phase, 'live');
  hub.last().end(1006);
  assert.deepEqual(hub.sync.status, { phase: 'waiting', retryAt: Date.now() + 500 });
  await hub.pass(500);
  assert.deepEqual([hub.sockets.length, hub.since()], [2, 'e:5']);
});

test('failures in a row wait longer, until a connection was stable', async (t) => {
  const hub = await setUp(t);
  const waits = [];
  for (let n = 0; n < 3; n++) {
    hub.last().end(1006);
    waits.push(hub.sync.status.retryAt - Date.now());
    await hub.pass(waits.at(-1));
  }
  hub.last().greet();
  await hub.pass(11_000);
  hub.last().end(3001);
  waits.push(hub.sync.status.retryAt - Date.now());
  assert.deepEqual(waits, [500, 1000, 2000, 500]);
});

test('a gap resumes at once; the same gap again asks for the whole state', async (t) => {
  const hub = await setUp(t);
  hub.last().greet();
  hub.last().say(event(7));
  assert.ok(hub.sockets[0].closed);
  await hub.pass(0);
  assert.equal(hub.since(), 'e:4');
  hub.last().greet(true);
  hub.last().say(event(7));
  await hub.pass(30_000);
  assert.deepEqual([hub.sockets.length, hub.since()], [3, null]);
});

test('an expired token is renewed before coming back', async (t) => {
  const hub = await setUp(t);
  hub.last().greet();
  await hub.pass(15_000);
  hub.last().end(3005);
  await settle();
  assert.deepEqual([hub.token(), hub.since()], ['new1', 'e:4']);
});

test('a token that expires soon is renewed over the socket', async (t) => {
  const hub = await setUp(t);
  hub.last().greet();
  hub.last().say({ type: 'token_expiring' });
  await settle();
  assert.deepEqual(hub.last().sent, ['{"type":"auth","token":"new1"}']);
  hub.last().say({ type: 'auth_ok' });
  assert.deepEqual([hub.sockets.length, hub.sync.status.phase], [1, 'live']);
});

test('a token that cannot be renewed changes nothing until the server closes', async (t) => {
  const hub = await setUp(t, { refresh: async () => { throw new SignedOut(); } });
  hub.last().greet();
  hub.last().say({ type: 'token_expiring' });
  await settle();
  assert.deepEqual([hub.last().sent, hub.sync.status.phase], [[], 'live']);
});

test('4401 tries one refresh, then the login is over', async (t) => {
  const hub = await setUp(t);
  hub.last().end(4401);
  await settle();
  assert.deepEqual([hub.token(), hub.forgotten], ['new1', 0]);
  hub.last().end(4401);
  await settle();
  assert.deepEqual([hub.sockets.length, hub.forgotten], [2, 1]);
});

test('some close codes and a login that is gone are final', async (t) => {
  const hub = await setUp(t);
  hub.last().end(3500);
  await hub.pass(60_000);
  assert.deepEqual([hub.sockets.length, hub.sync.status.phase], [1, 'stopped']);
});

test('no socket without a login', async (t) => {
  const hub = await setUp(t, { accessToken: async () => { throw new SignedOut(); } });
  assert.deepEqual([hub.sockets.length, hub.sync.status.phase], [0, 'stopped']);
});

test('a server that cannot be reached for a token is tried again', async (t) => {
  const hub = await setUp(t, { accessToken: async () => { throw new TypeError('network'); } });
  assert.equal(hub.sync.status.phase, 'waiting');
});

test('`reconnect` names the time; a nudge shortens it', async (t) => {
  const hub = await setUp(t);
  hub.last().greet();
  hub.last().say({ type: 'reconnect', after_ms: 3000 });
  assert.equal(hub.sync.status.retryAt, Date.now() + 3000);
  hub.sync.nudge();
  await settle();
  assert.deepEqual([hub.sockets.length, hub.since()], [2, 'e:4']);
  await hub.pass(10_000);
  assert.equal(hub.sockets.length, 2);
});

test('silence ends a connection that only looks alive', async (t) => {
  const hub = await setUp(t);
  hub.last().greet();
  await hub.pass(20_000);
  hub.last().say({ type: 'pong' });
  await hub.pass(20_000);
  assert.deepEqual(hub.last().sent, ['ping', 'ping']);
  await hub.pass(40_000);
  assert.ok(hub.sockets[0].closed);
  assert.notEqual(hub.sync.status.phase, 'live');
});

test('after a stop nothing happens any more, not even with a late token', async (t) => {
  let give;
  const hub = await setUp(t, { accessToken: () => new Promise((resolve) => (give = resolve)) });
  hub.sync.stop();
  give('late');
  await hub.pass(60_000);
  assert.equal(hub.sockets.length, 0);
});
