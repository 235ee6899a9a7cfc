import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgetRound, initialState, RECENT_REWARDS, reduce } from '../../adapters/inbound/pages/static/js/state.js';

const TS = '2025-08-16T12:00:00.000Z';
const connected = (more = {}) => ({
  type: 'sync_connected', v: 1, user_id: 7, epoch: 'e1', seq: 4, recovered: false, ...more,
});
const snapshot = (seq = 4, data = {}) => ({
  type: 'initial_state', v: 1, user_id: 7, seq,
  data: {
    profile: { nickname: 'Ann', gold: 1000, exp: 0, level: 1, tier: 'bronze', total_spent: 0 },
    achievements: {}, events: {}, streaks: {}, stats: {},
    recent_rewards: [], purchases: [], last_plays: [], open_rounds: [], ...data,
  },
});
const event = (seq, type, data) => ({ type, v: 1, id: `id${seq}`, seq, user_id: 7, ts: TS, data });
const fold = (...frames) => frames.reduce(reduce, initialState);
const after = (type, data) => fold(connected(), snapshot(), event(5, type, data));
const crash = (status, id = 'r1') => ({
  game_type: 'crash', subtype: `crash_${status}`, bet: 10, win: 0, result: { round_id: id, started_at: 1000, status },
});

test('a snapshot sets the state and the position', () => {
  const state = fold(connected(), snapshot());
  assert.deepEqual(state.position, { epoch: 'e1', seq: 4 });
  assert.equal(state.profile.gold, 1000);
  assert.equal(state.userId, 7);
});

test('there is no position between a fresh start and its snapshot', () => {
  const state = fold(connected(), event(5, 'balance_update', { balance: 1 }));
  assert.deepEqual(state.position, { epoch: 'e1', seq: null });
  assert.deepEqual(state.profile, {});
});

test('profile and balance updates change what they name', () => {
  assert.deepEqual(after('profile_update', { exp: 12, level: 2 }).profile, {
    nickname: 'Ann', gold: 1000, exp: 12, level: 2, tier: 'bronze', total_spent: 0,
  });
  assert.equal(after('balance_update', { delta: -10, balance: 990, reason: 'bet' }).profile.gold, 990);
});

test('stats and streaks are kept by game and action', () => {
  assert.equal(after('stats_update', { game_type: 'rps', stats: { plays: 3 } }).stats.rps.plays, 3);
  const streak = { action_type: 'DAILY_LOGIN', current_count: 2, last_action_date: '2025-08-16' };
  assert.deepEqual(after('streak_update', streak).streaks, { DAILY_LOGIN: streak });
});

test('rewards are newest first and capped', () => {
  let state = fold(connected(), snapshot());
  for (let n = 1; n <= RECENT_REWARDS + 2; n++) {
    state = reduce(state, event(4 + n, 'reward_granted', { reward_type: 'item', source: n }));
  }
  assert.equal(state.rewards.length, RECENT_REWARDS);
  assert.equal(state.rewards[0].source, RECENT_REWARDS + 2);
});

test('duplicates and gaps change nothing', () => {
  const state = fold(connected(), snapshot());
  assert.equal(reduce(state, event(4, 'balance_update', { balance: 1 })), state);
  assert.equal(reduce(state, event(6, 'balance_update', { balance: 1 })), state);
});

test('an event of an unknown type moves the position only', () => {
  const state = after('news_from_tomorrow', { gold: 1 });
  assert.equal(state.position.seq, 5);
  assert.equal(state.profile.gold, 1000);
});

test('control frames of any kind change nothing', () => {
  const state = fold(connected(), snapshot());
  for (const type of ['pong', 'error', 'reconnect', 'announcement']) {
    assert.equal(reduce(state, { type }), state);
  }
});

test('a recovered connection goes on where the state stands', () => {
  const before = after('balance_update', { balance: 990 });
  const state = reduce(before, connected({ recovered: true }));
  assert.equal(state, before);
  assert.equal(reduce(state, event(6, 'balance_update', { balance: 980 })).profile.gold, 980);
});

test('a snapshot in the middle replaces the state, open rounds included', () => {
  const before = fold(connected(), snapshot(), event(5, 'game_event', crash('open')));
  const state = reduce(before, snapshot(20, {
    stats: { slot: { game_type: 'slot', data: { plays: 1 } } },
    open_rounds: [{ round_id: 'r2', bet: 5, started_at: 7 }],
  }));
  assert.deepEqual(state.position, { epoch: 'e1', seq: 20 });
  assert.deepEqual(state.stats, { slot: { plays: 1 } });
  assert.deepEqual(state.rounds, { r2: { id: 'r2', bet: 5, startedAt: 7 } });
});

test('another user starts from nothing', () => {
  const before = fold(connected(), snapshot(), event(5, 'game_event', crash('open')));
  const state = reduce(before, connected({ user_id: 8 }));
  assert.deepEqual([state.userId, state.rounds, state.profile], [8, {}, {}]);
});

test('a crash round opens with its bet and closes however it ends', () => {
  const open = after('game_event', crash('open'));
  assert.deepEqual(open.rounds, { r1: { id: 'r1', bet: 10, startedAt: 1000 } });
  for (const status of ['won', 'lost']) {
    assert.deepEqual(reduce(open, event(6, 'game_event', crash(status))).rounds, {});
  }
  assert.deepEqual(forgetRound(open, 'r1').rounds, {});
});

test('only successful purchases count as bought', () => {
  const buy = (status) => after('purchase_update', { status, product_id: 'frame' }).purchased;
  assert.deepEqual(buy('success'), { frame: true });
  assert.deepEqual(buy('failed'), {});
});

const achievement = (game, progress) => ({
  achievement_id: `${game}_novice`, achievement_type: 'plays', progress, target: 10, unlocked: false,
});
const marathon = { event_id: 'm', progress: { current: 10, target: 100 }, completed: false };

test('achievements and events become goals, by snapshot and by event', () => {
  const goals = {
    slot_novice: { id: 'slot_novice', counts: 'plays', progress: 3, target: 10, done: false },
    m: { id: 'm', progress: 10, target: 100, done: false },
  };
  const whole = snapshot(4, { achievements: { slot_novice: achievement('slot', 3) }, events: { m: marathon } });
  assert.deepEqual(fold(connected(), whole).goals, goals);
  const events = [event(5, 'achievement_progress', achievement('slot', 3)), event(6, 'event_progress', marathon)];
  assert.deepEqual(fold(connected(), snapshot(), ...events).goals, goals);
});

test('each play counts for the achievements of its game', () => {
  const achievements = { slot_novice: achievement('slot', 3), rps_novice: achievement('rps', 3) };
  const before = fold(connected(), snapshot(4, { achievements, events: { m: marathon } }));
  const plays = (count) =>
    reduce(before, event(5, 'stats_update', { game_type: 'slot', stats: { plays: count } })).goals;
  assert.deepEqual([plays(4).slot_novice.progress, plays(4).rps_novice.progress], [4, 3]);
  assert.deepEqual([plays(11).slot_novice.progress, plays(11).slot_novice.done], [10, true]);
});

test('a snapshot brings the latest play of each game, and what was bought', () => {
  const play = (game, seq) => ({ game_type: game, seq });
  const state = fold(connected(), snapshot(9, {
    last_plays: [play('slot', 9), play('rps', 8), play('slot', 7)],
    purchases: [{ product_id: 'frame' }],
  }));
  assert.deepEqual(state.plays, { slot: play('slot', 9), rps: play('rps', 8) });
  assert.deepEqual(state.purchased, { frame: true });
});
