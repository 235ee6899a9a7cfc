import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answers, gist, playLine, rewardLine, sentence, signed } from '../../adapters/inbound/pages/static/js/words.js';

test('signed numbers', () => {
  assert.deepEqual([signed(1500), signed(-3), signed(0)], ['+1,500', '−3', '±0']);
});

test('sentences', () => {
  assert.deepEqual(['already claimed', 'Wait!', 'x'].map(sentence), ['Already claimed.', 'Wait!', 'X.']);
});

test('answers to requests', () => {
  assert.equal(
    answers.spin({ reels: [['bell', 'bar', 'bell']], is_jackpot: false, net_change: -10 }),
    'bell, bar, bell: −10 gold.',
  );
  const bought = { product_id: 'gold_500', quantity: 2, amount: 1000 };
  assert.equal(answers.buy(bought, [{ product_id: 'gold_500', name: 'Silver chest' }]), 'Bought 2 × Silver chest for 1,000 gold.');
  assert.equal(answers.buy(bought, []), 'Bought 2 × gold 500 for 1,000 gold.');
  const round = { bet_amount: 10, win_amount: 15, cashout_multiplier: 1.5, crash_point: 2 };
  const lost = { bet_amount: 10, win_amount: 0, cashout_multiplier: null, crash_point: 2 };
  assert.equal(answers.betCrash({ bet_amount: 10, status: 'active' }), 'Bet 10. Cash out before it crashes.');
  assert.equal(answers.cashOut({ ...round, status: 'cashed_out' }), 'Cashed out at 1.50×, won 15, crash at 2.00×.');
  assert.equal(answers.cashOut({ ...lost, status: 'crashed' }), 'Lost 10, crash at 2.00×.');
});

test('plays as told by frames', () => {
  const rps = { choice: 'rock', house_choice: 'paper', outcome: 'lose' };
  assert.equal(playLine({ game_type: 'rps', bet: 5, win: 0, result: rps }), 'You lose, rock against paper: −5 gold.');
  assert.equal(playLine({ game_type: 'crash', bet: 5, win: 0, result: { status: 'open' } }), 'Bet of 5 is flying.');
});

test('rewards of known and unknown shape', () => {
  assert.equal(rewardLine({ reward_type: 'item', reward_data: { item_id: 'dragon_crown', rarity: 'legendary' } }), 'dragon crown (legendary)');
  assert.equal(rewardLine({ reward_type: 'gold', reward_data: { amount: 100 } }), 'gold · amount 100');
  assert.equal(rewardLine({ reward_type: 'thing' }), 'thing');
});

test('any frame has a gist', () => {
  assert.equal(gist({ type: 'balance_update', data: { delta: -10, balance: 990, reason: 'bet' } }), '−10 → 990 (bet)');
  assert.equal(gist({ type: 'user_action', data: { action_type: 'slot_spin' } }), 'slot spin');
  const progress = { current: 10, target: 100 };
  assert.equal(gist({ type: 'event_progress', data: { event_id: 'm_1', progress } }), 'm 1: 10 of 100');
  assert.equal(gist({ type: 'news_from_tomorrow', data: {} }), '');
  for (const type of ['profile_update', 'game_event', 'stats_update', 'reward_granted', 'event_progress']) {
    assert.equal(typeof gist({ type }), 'string');
  }
});
