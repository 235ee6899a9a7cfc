// Plays the front end that is deployed: it sends what that sends, reads what that reads, and notes
// in `client.missing` whatever it reads that is not there. It knows none of our newer names.
'use strict';

const API = new URLSearchParams(location.search).get('api');
const ATTEMPTS = 5;
const RETRIES = 8;

const client = {
  missing: [],
  warnings: [],
  user: null,
  accessToken: null,
  refreshToken: null,
  socket: null,
  attempts: 0,
  opens: 0,
  pongs: 0,
  closes: [],
  networkErrors: 0,
  gaveUp: false,
  reconnectMs: 3000,
  seen: {},
  state: { profile: {}, achievements: {}, streaks: {}, events: {}, stats: {}, recentRewards: [], purchases: [], plays: [] },
};

// Reads ---------------------------------------------------------------------------------------

function kindOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Reads fields of an object; `kinds` is like `{gold: 'number', receipt_code: 'string?'}`. */
function read(where, object, kinds) {
  for (const [name, kind] of Object.entries(kinds)) {
    const found = kindOf(object?.[name]);
    const optional = kind.endsWith('?') && (found === 'undefined' || found === 'null');
    if (!optional && found !== kind.replace('?', '')) client.missing.push(`${where}: ${name} is ${found}, not ${kind}`);
  }
  return object;
}

/** Runs a read that throws when something on its way is not there. */
function reading(where, action) {
  try {
    return action();
  } catch (error) {
    client.missing.push(`${where}: ${error.message}`);
    return undefined;
  }
}

// REST ----------------------------------------------------------------------------------------

async function request(method, path, body, key) {
  const headers = { 'Content-Type': 'application/json' };
  if (client.accessToken) headers.Authorization = `Bearer ${client.accessToken}`;
  if (method !== 'GET') headers['X-Idempotency-Key'] = key ?? crypto.randomUUID();
  const options = { method, headers, credentials: 'include', body: body && JSON.stringify(body) };
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await fetch(API + path, options);
      return { status: response.status, body: await response.json() };
    } catch (error) {
      client.networkErrors += 1;
      if (attempt === RETRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** The answer of a call, which must be 200. */
async function call(method, path, body, key) {
  const answer = await request(method, path, body, key);
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const USER = {
  id: 'number', site_id: 'string', nickname: 'string', is_admin: 'boolean', gold: 'number',
  gold_balance: 'number', exp: 'number', experience: 'number', level: 'number',
  vip_points: 'number', tier: 'string', total_spent: 'number',
};

function signedIn(where, answer) {
  read(where, answer, { access_token: 'string', refresh_token: 'string', token_type: 'string', user: 'object' });
  client.user = read(`${where} user`, answer.user, USER);
  client.accessToken = answer.access_token;
  client.refreshToken = answer.refresh_token;
  return answer.user;
}

client.signUp = async (siteId, password, key) =>
  signedIn('signup', await call('POST', '/api/auth/signup', { site_id: siteId, nickname: siteId, password, invite_code: '5858', phone_number: '01012345678' }, key));
client.logIn = async (siteId, password) =>
  signedIn('login', await call('POST', '/api/auth/login', { site_id: siteId, password }));
client.refresh = async () =>
  signedIn('refresh', await call('POST', '/api/auth/refresh', { refresh_token: client.refreshToken }));

/** What each load of a page begins with; anything but 200 for the profile signs the user out. */
client.load = async () => {
  const profile = await request('GET', '/api/auth/profile');
  if (profile.status !== 200) {
    client.user = client.accessToken = null;
    return false;
  }
  client.user = read('profile', profile.body, USER);
  read('balance', await call('GET', '/api/users/balance'), { cyber_token_balance: 'number' });
  await client.loadStreak();
  const events = await call('GET', '/api/events/active');
  if (!Array.isArray(events)) client.missing.push('events: no list');
  return true;
};

client.loadStreak = async () =>
  read('streak', await call('GET', '/api/streak/status'), { action_type: 'string', current_count: 'number', last_action_date: 'string?' });

client.spin = async () => {
  const answer = await call('POST', '/api/games/slot/spin', { bet_amount: 10, lines: 3 });
  read('spin', answer, { success: 'boolean', reels: 'array', win_amount: 'number', is_jackpot: 'boolean', balance: 'number', net_change: 'number' });
  reading('spin', () => {
    const shown = answer.reels[0].slice(0, 3);
    if (!Array.isArray(shown) || shown.length !== 3) throw new Error('reels has no rows');
    read('spin reels', shown, { 0: 'string', 1: 'string', 2: 'string' });
  });
  return answer;
};

client.playRps = async () => {
  const answer = await call('POST', '/api/games/rps/play', { choice: 'rock', bet_amount: 10, game_id: 'rps' });
  read('rps', answer, { success: 'boolean', player_choice: 'string', computer_choice: 'string', result: 'string', win_amount: 'number', balance: 'number', message: 'string' });
  if (!['win', 'lose', 'draw'].includes(answer.result)) client.missing.push(`rps: result ${answer.result}`);
  return answer;
};

client.pullGacha = async () => {
  const answer = await call('POST', '/api/games/gacha/pull', { pull_count: 1, gacha_id: 'standard' });
  read('gacha', answer, { success: 'boolean', items: 'array', rare_item_count: 'number', ultra_rare_item_count: 'number', balance: 'number' });
  reading('gacha', () => answer.items.forEach((item) => read('gacha item', item, { name: 'string', rarity: 'string', quantity: 'number' })));
  return answer;
};

client.betCrash = async (automatic) => {
  const body = { bet_amount: 10 };
  if (automatic) body.auto_cashout_multiplier = automatic;
  const answer = await call('POST', '/api/games/crash/bet', body);
  read('crash bet', answer, { success: 'boolean', game_id: 'string', bet_amount: 'number', max_multiplier: 'number', status: 'string', win_amount: 'number', balance: 'number' });
  if (!['active', 'auto_cashed', 'crashed'].includes(answer.status)) client.missing.push(`crash bet: status ${answer.status}`);
  return answer;
};

client.cashOut = async (gameId) => {
  const answer = await call('POST', '/api/games/crash/cashout', { multiplier: 1.01, game_id: gameId });
  return read('cash-out', answer, { success: 'boolean', game_id: 'string', multiplier: 'number', win_amount: 'number', balance: 'number' });
};

client.catalog = async () => {
  const products = await call('GET', '/api/shop/catalog');
  reading('catalog', () => products.forEach((product) => read('catalog', product, { id: 'string', sku: 'string', name: 'string', price_cents: 'number', gold: 'number', discounted_price_cents: 'number?' })));
  return products;
};

client.buy = async (productId, key) => {
  const body = { product_id: productId, amount: 100, quantity: 1, kind: 'gold', payment_method: 'card' };
  if (key) body.idempotency_key = key;
  const answer = await call('POST', '/api/shop/buy', body, key);
  return read('buy', answer, { success: 'boolean', message: 'string', receipt_code: 'string', balance: 'number', charge_id: 'string?' });
};

client.gameStats = async () => {
  const answer = read('stats', await call('GET', '/api/games/stats/me'), { success: 'boolean', stats: 'object' });
  read('stats', answer.stats, { total_bets: 'number', total_wins: 'number', total_losses: 'number', total_profit: 'number', highest_multiplier: 'number', game_breakdown: 'object' });
  return answer.stats;
};

// The socket ----------------------------------------------------------------------------------

client.connect = () => {
  clearTimeout(client.timer);
  const url = `${API.replace('http', 'ws')}/api/realtime/sync?token=${encodeURIComponent(client.accessToken)}`;
  const socket = new WebSocket(url);
  client.socket = socket;
  socket.onopen = () => {
    client.attempts = 0;
    client.opens += 1;
    client.ping();
    client.pings = setInterval(client.ping, 30_000);
  };
  socket.onmessage = (message) => receive(JSON.parse(message.data));
  socket.onclose = (closed) => {
    client.closes.push(closed.code);
    clearInterval(client.pings);
    if (client.socket !== socket) return;
    if (client.attempts >= ATTEMPTS) {
      client.gaveUp = true;
      return;
    }
    client.attempts += 1;
    client.timer = setTimeout(client.connect, client.reconnectMs);
  };
};

client.ping = () => client.socket.readyState === WebSocket.OPEN && client.socket.send(JSON.stringify({ type: 'ping' }));

/** As at the sign-out: without a return. Done when the socket is closed. */
client.disconnect = () =>
  new Promise((resolve) => {
    const { socket } = client;
    client.socket = null;
    socket.addEventListener('close', resolve);
    socket.close();
  });

const PROFILE = { gold: 'number', exp: 'number', tier: 'string', total_spent: 'number' };
const STREAK = { action_type: 'string', current_count: 'number', last_action_date: 'string?' };

function receive(message) {
  const { type, data } = message;
  client.seen[type] = (client.seen[type] ?? 0) + 1;
  if (type === 'pong') {
    client.pongs += 1;
    return;
  }
  reading(type, () => reduce(type, data));
}

function reduce(type, data) {
  const { state } = client;
  switch (type) {
    case 'sync_connected':
      request('GET', '/api/auth/profile').catch(() => {});
      request('GET', '/api/streak/status').catch(() => {});
      break;
    case 'initial_state':
      state.profile = read('initial_state profile', data.profile, PROFILE);
      state.achievements = byId('achievements', data.achievements, { progress: 'number', unlocked: 'boolean' });
      state.streaks = byId('streaks', data.streaks, STREAK);
      state.events = byId('events', data.events, { progress: 'object', completed: 'boolean' });
      state.stats = byId('stats', data.stats, { game_type: 'string', data: 'object' });
      state.recentRewards = recent(data.recent_rewards);
      break;
    case 'profile_update':
      read(type, data, { gold: 'number?', exp: 'number?', tier: 'string?', total_spent: 'number?' });
      for (const name of Object.keys(PROFILE)) if (data[name] !== undefined) state.profile[name] = data[name];
      break;
    case 'purchase_update':
      state.purchases.push(read(type, data, { status: 'string', product_id: 'string', amount: 'number', receipt_code: 'string?', reason_code: 'string?' }));
      break;
    case 'achievement_progress':
      read(type, data, { achievement_id: 'string', progress: 'number', unlocked: 'boolean', achievement_type: 'string' });
      state.achievements[data.achievement_id] = data;
      break;
    case 'event_progress':
      read(type, data, { event_id: 'string', progress: 'object', completed: 'boolean' });
      state.events[data.event_id] = data;
      break;
    case 'streak_update':
      state.streaks[data.action_type] = read(type, data, STREAK);
      break;
    case 'stats_update':
      read(type, data, { game_type: 'string', stats: 'object' });
      state.stats[data.game_type] = { game_type: data.game_type, data: data.stats };
      break;
    case 'reward_granted':
      read(type, data, { reward_type: 'string', reward_data: 'object', source: 'string' });
      if (data.reward_type === 'gold') {
        const { awarded_gold: awarded, gold, amount } = data.reward_data;
        read(type, { awarded: awarded ?? gold ?? amount }, { awarded: 'number' });
      }
      break;
    case 'game_event':
      read(type, data, { subtype: 'string', win: 'number', bet: 'number' });
      if (data.subtype === 'slot_spin') read(type, data, { jackpot: 'boolean', reels: 'array' });
      state.plays.push(data);
      break;
    case 'user_action':
      read(type, data, { user_id: 'number', action_type: 'string', action_data: 'object' });
      break;
    default:
      client.warnings.push(type);
  }
}

/** A part of the state whose keys are ids. */
function byId(name, part, kinds) {
  const found = read('initial_state', { [name]: part }, { [name]: 'object' })[name] ?? {};
  for (const [id, entry] of Object.entries(found)) read(`initial_state ${name} ${id}`, entry, kinds);
  return found;
}

/** Entries without a time, or older than an hour, are removed. */
function recent(rewards) {
  read('initial_state', { rewards }, { rewards: 'array' });
  for (const reward of rewards ?? []) {
    read('initial_state reward', reward, { reward_type: 'string', reward_data: 'object', source: 'string', timestamp: 'string' });
    if (!['number', 'string'].includes(kindOf(reward.id))) client.missing.push('initial_state reward: id');
    if (Number.isNaN(Date.parse(reward.timestamp))) client.missing.push('initial_state reward: timestamp is no date');
  }
  return (rewards ?? []).filter(({ timestamp }) => Date.now() - Date.parse(timestamp) < 3_600_000);
}
