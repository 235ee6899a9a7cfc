// Text for people: formatted numbers and names, and one-line summaries of answers and frames.

export const number = (value) => Number(value ?? 0).toLocaleString('en-US');
export const signed = (value) => (value > 0 ? '+' : value < 0 ? '−' : '±') + number(Math.abs(value));
export const times = (value) => `${Number(value).toFixed(2)}×`;
export const words = (identifier) => String(identifier ?? '').replaceAll('_', ' ');
export const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Makes a sentence of a phrase such as `already claimed`. */
export const sentence = (text) =>
  text.replace(/^./, (first) => first.toUpperCase()).replace(/[^.!?…]$/, '$&.');

const outcome = (net) => `${signed(net)} gold`;

/** The message after a successful request, by its name in api.js; `a` is the answer. */
export const answers = {
  spin: (a) => `${a.is_jackpot ? 'Jackpot! ' : ''}${a.reels[0].map(words).join(', ')}: ${outcome(a.net_change)}.`,
  playRps: (a) => `${rpsLine(a)}: ${outcome(a.net_change)}.`,
  pullGacha: (a) =>
    `Pulled ${plural(a.items.length, 'item')} worth ${number(a.win_amount)}: ${outcome(a.net_change)}.`,
  betCrash: (a) =>
    a.status === 'active' ? `Bet ${number(a.bet_amount)}. Cash out before it crashes.` : crashLine(a),
  cashOut: (a) => crashLine(a),
  buy: (a, products) => {
    const name = products.find((product) => product.product_id === a.product_id)?.name;
    return `Bought ${a.quantity} × ${name ?? words(a.product_id)} for ${number(a.amount)} gold.`;
  },
  rename: (a) => `You are ${a.nickname} now.`,
  claimStreak: (a) => `Day ${a.current_count}: +${number(a.gold)} gold, +${number(a.exp)} exp.`,
};

/** A one-line summary of the data of a game_event. */
export function playLine({ game_type: game, result, bet, win }) {
  switch (game) {
    case 'rps':
      return `${rpsLine(result)}: ${outcome(win - bet)}.`;
    case 'crash':
      return result.status === 'open'
        ? `Bet of ${number(bet)} is flying.`
        : crashLine({ ...result, bet_amount: bet, win_amount: win });
    default:
      return `Bet ${number(bet)}, won ${number(win)}: ${outcome(win - bet)}.`;
  }
}

function rpsLine({ choice, house_choice: house, outcome: result }) {
  const verdict = { win: 'You win', lose: 'You lose', draw: 'A draw' }[result] ?? words(result);
  return `${verdict}, ${choice} against ${house}`;
}

function crashLine(round) {
  const crash = round.crash_point == null ? '' : `, crash at ${times(round.crash_point)}`;
  return round.cashout_multiplier != null
    ? `Cashed out at ${times(round.cashout_multiplier)}, won ${number(round.win_amount)}${crash}.`
    : `Lost ${number(round.bet_amount)}${crash}.`;
}

/** A short text for a reward of any type. */
export function rewardLine({ reward_type: type, reward_data: data = {} }) {
  const named = data.item_id ?? data.badge;
  if (named) return data.rarity ? `${words(named)} (${data.rarity})` : words(named);
  const details = Object.entries(data).map(([name, value]) => `${words(name)} ${value}`);
  return [words(type), ...details].join(' · ');
}

/** A one-line summary of a frame, for its entry in the list. */
export function gist({ type, data = {}, ...frame }) {
  switch (type) {
    case 'sync_connected':
      return frame.recovered ? 'resumed' : `fresh start${frame.reason ? `: ${words(frame.reason)}` : ''}`;
    case 'initial_state':
      return `the whole state at ${frame.seq}`;
    case 'profile_update':
      return Object.entries(data).map(([name, value]) => `${words(name)} ${value}`).join(', ');
    case 'balance_update':
      return `${signed(data.delta)} → ${number(data.balance)} (${words(data.reason)})`;
    case 'game_event':
      return `${words(data.subtype)}: bet ${number(data.bet)}, won ${number(data.win)}`;
    case 'stats_update':
      return `${data.game_type}: ${plural(data.stats?.plays, 'play')}`;
    case 'streak_update':
      return `${words(data.action_type)}: ${plural(data.current_count, 'day')}`;
    case 'reward_granted':
      return `${rewardLine(data)} from ${words(data.source)}`;
    case 'purchase_update':
      return `${words(data.product_id)}: ${words(data.reason_code ?? data.status)}`;
    case 'user_action':
      return words(data.action_type);
    case 'achievement_progress':
      return `${words(data.achievement_id)}: ${data.progress} of ${data.target}`;
    case 'event_progress':
      return `${words(data.event_id)}: ${data.progress?.current} of ${data.progress?.target}`;
    case 'reconnect':
      return `in ${frame.after_ms} ms`;
    default:
      return frame.message ?? '';
  }
}
