// Renders the state to the DOM. Knows the ids of the page; has no logic.

import { flying, multiplierAt } from './crash.js';
import { byId, el, setText } from './dom.js';
import { formatPosition } from './protocol.js';
import { number, playLine, plural, rewardLine, times, words } from './words.js';

const GAMES = ['slot', 'rps', 'gacha', 'crash'];
const STATS = ['plays', 'wins', 'wagered', 'won', 'biggest_win'];
const PROFILE = ['gold', 'exp', 'level', 'total_spent'];

/** Shows one of the views 'loading', 'welcome' and 'app'. */
export function showScreen(name, { focus = false } = {}) {
  for (const screen of document.querySelectorAll('[data-screen]')) {
    screen.hidden = screen.dataset.screen !== name;
  }
  document.body.dataset.show = name;
  if (focus) document.querySelector(`[data-screen="${name}"] [data-focus]`)?.focus();
}

/** `kind` is 'info', 'ok' or 'error'. */
export function showMessage(text, kind = 'info') {
  const message = byId('message');
  message.dataset.kind = kind;
  message.textContent = text;
}

export function showConnection({ phase, retryAt, reason }, now) {
  const left = Math.max(0, Math.ceil((retryAt - now) / 1000));
  const text = {
    connecting: 'connecting',
    live: 'live',
    waiting: `reconnecting in ${left} s`,
    stopped: reason ? `stopped: ${reason}` : 'not connected',
  }[phase];
  const connection = byId('connection');
  connection.dataset.phase = phase;
  if (connection.textContent !== text) connection.textContent = text;
}

export function showState(state, products) {
  byId('position').textContent = formatPosition(state.position) || '–';
  showProfile(state.profile);
  showStreak(state.streaks.DAILY_LOGIN);
  showStats(state.stats);
  showRewards(state.rewards);
  showGoals(Object.values(state.goals));
  for (const game of GAMES) showPlay(game, state.plays[game]);
  for (const product of products) markOwned(product, state.purchased);
}

function showProfile(profile) {
  for (const name of PROFILE) {
    const output = byId(name.replace('_', '-'));
    output.dataset.value = profile[name] ?? '';
    setText(output, profile[name] === undefined ? '–' : number(profile[name]));
  }
  setText(byId('tier'), profile.tier ?? '–');
  byId('tier').dataset.tier = profile.tier ?? '';
  setText(byId('nickname'), profile.nickname ?? '–');
}

function showStreak(streak) {
  setText(byId('streak'), plural(streak?.current_count ?? 0, 'day'));
  const today = new Date().toISOString().slice(0, 10); // days are UTC
  const claimed = streak?.last_action_date === today;
  byId('claim').classList.toggle('second', claimed); // not disabled: the server decides
  const hint = claimed ? 'Claimed today. Next one after midnight UTC.' : 'Ready to claim.';
  byId('streak-hint').textContent = hint;
}

function showStats(stats) {
  for (const game of GAMES) {
    for (const name of STATS) {
      const cell = document.querySelector(`[data-stat="${game}.${name}"]`);
      setText(cell, number(stats[game]?.[name]));
    }
  }
}

function showRewards(rewards) {
  const items = rewards.map((reward) =>
    el(
      'li',
      { 'data-rarity': reward.reward_data?.rarity },
      el('span', {}, rewardLine(reward)),
      el('span', { class: 'muted' }, words(reward.source)),
    ),
  );
  byId('rewards').replaceChildren(...items);
  byId('no-rewards').hidden = items.length > 0;
}

function showGoals(goals) {
  const items = goals.map(({ id, progress, target, done }) => {
    const label = `${words(id)}: ${progress} of ${target}${done ? ', done' : ''}`;
    const bar = el('progress', { max: target, value: progress, 'aria-label': label });
    return el('li', { 'data-done': done ? 'true' : null }, el('span', {}, label), bar);
  });
  byId('goals').replaceChildren(...items);
  byId('goals-panel').hidden = items.length === 0;
}

const shownPlays = new Map();

function showPlay(game, play) {
  if (shownPlays.get(game) === play) return;
  shownPlays.set(game, play);
  const line = document.querySelector(`[data-play="${game}"]`);
  line.textContent = play ? playLine(play) : '';
  if (game === 'slot') showReels(play);
  if (game === 'gacha') showItems(play?.result.items ?? []);
}

function showReels(play) {
  const symbols = play?.reels ?? play?.result.reels ?? ['–', '–', '–'];
  const tiles = symbols.map((symbol) => el('span', { class: 'reel', 'data-symbol': symbol }, symbol));
  byId('reels').replaceChildren(...tiles);
  byId('reels').dataset.jackpot = Boolean(play?.jackpot);
}

function showItems(items) {
  const chips = items.map((item) =>
    el('li', { class: 'chip', 'data-rarity': item.rarity, title: item.rarity }, words(item.item_id)),
  );
  byId('gacha-items').replaceChildren(...chips);
}

/** Called many times per second while a round is open, so it updates only what changes. */
export function showRounds(rounds, serverNow) {
  const open = flying(rounds, serverNow);
  const [round] = open;
  byId('crash-round').hidden = !round;
  if (!round) return;
  const multiplier = multiplierAt(serverNow - round.startedAt);
  byId('crash-multiplier').textContent = times(multiplier);
  const more = open.length > 1 ? ` (first of ${open.length} open rounds)` : '';
  const worth = number(Math.floor(round.bet * multiplier));
  byId('crash-stake').textContent = `${worth} gold if you cash out now${more}`;
  byId('crash-cashout').dataset.round = round.id;
}

export function showProducts(products, purchased = {}) {
  byId('products').replaceChildren(...products.map(productItem));
  for (const product of products) markOwned(product, purchased);
}

function productItem({ product_id: id, name, price, exp, unique }) {
  const gain = exp ? `+${number(exp)} exp` : 'one per player';
  const quantity = el('input', {
    type: 'number', name: 'quantity', value: 1, min: 1, required: '', inputmode: 'numeric',
    'aria-label': `Quantity of ${name}`,
  });
  const button = el('button', { type: 'submit', 'data-buy': id, 'aria-label': `Buy ${name}` }, 'Buy');
  return el(
    'li',
    {},
    el('span', { class: 'product-name' }, name),
    el('span', { class: 'muted' }, `${number(price)} gold · ${gain}`),
    el('form', { class: 'row', 'data-product': id }, ...(unique ? [] : [quantity]), button),
  );
}

function markOwned({ product_id: id, unique, owned }, purchased) {
  const button = document.querySelector(`[data-buy="${CSS.escape(id)}"]`);
  if (!button || !unique) return;
  button.textContent = owned || purchased[id] ? 'Owned' : 'Buy';
  button.disabled = Boolean(owned || purchased[id]);
}

/** Shows each error beside its field; returns the errors without a field. */
export function showFieldErrors(form, errors) {
  const left = new Map(errors.map(({ field, message }) => [field, message]));
  for (const input of form.querySelectorAll('input[name]')) {
    const error = left.get(input.name);
    left.delete(input.name);
    input.setAttribute('aria-invalid', String(Boolean(error)));
    const place = byId(input.getAttribute('aria-describedby'));
    if (place?.matches('.field-error')) place.textContent = error ?? '';
    else if (error) left.set(input.name, error);
  }
  return Array.from(left, ([field, message]) => `${words(field)} ${message}`);
}
