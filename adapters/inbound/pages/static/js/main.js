// Wires the page together: requests go out through the API, state comes back through frames only.

import { createApi } from './api.js';
import { clockSkew } from './crash.js';
import { byId } from './dom.js';
import { createFrameLog } from './framelog.js';
import { createSession, REFRESH_KEY, SignedOut } from './session.js';
import { forgetRound, initialState, reduce } from './state.js';
import { Sync } from './sync.js';
import * as view from './view.js';
import { answers, playLine, sentence, words } from './words.js';

const TICK_MS = 100;

let state = initialState;
let products = [];
let skew = null; // how far this device's clock is ahead of the server's, in ms
const log = createFrameLog(byId('frames'));

const session = createSession({ onSignedOut: leave });
const api = createApi(session);
const sync = new Sync({
  session,
  // Another account may have signed in since: its journal is not the one this state is from.
  getPosition: () => (String(session.user?.id) === String(state.userId) ? state.position : null),
  onFrame,
  onStatus: (status) => view.showConnection(status, Date.now()),
});

function onFrame(frame, verdict) {
  setState(reduce(state, frame));
  // Pongs say nothing and would push the rest out of the list.
  if (frame.type !== 'pong') log.add(frame, verdict);
  if (verdict === 'next') skew = clockSkew(skew, frame, Date.now());
  if (verdict === 'snapshot') loadProducts();
  announce(frame, verdict);
}

/** What happens to the player without a request of this page has to be said, too. */
function announce(frame, verdict) {
  if (frame.type === 'announcement') view.showMessage(frame.message);
  if (frame.type === 'error') view.showMessage(frame.message, 'error');
  if (verdict !== 'next') return;
  if (frame.data?.subtype === 'crash_lost') view.showMessage(playLine(frame.data));
  if (frame.data?.unlocked || frame.data?.completed) {
    view.showMessage(`Reached: ${words(frame.data.achievement_id ?? frame.data.event_id)}.`, 'ok');
  }
}

function setState(next) {
  if (next === state) return;
  state = next;
  view.showState(state, products);
  tick();
}

function tick() {
  if (sync.status.phase === 'waiting') view.showConnection(sync.status, Date.now());
  view.showRounds(state.rounds, Date.now() - (skew ?? 0));
}

async function loadProducts() {
  try {
    ({ products } = await api.products());
    view.showProducts(products, state.purchased);
  } catch (error) {
    fail(error);
  }
}

// ---- signing in and out ----

async function resume() {
  view.showScreen('loading');
  try {
    await session.accessToken();
    enter();
  } catch (error) {
    if (error instanceof SignedOut) return; // leave() has shown the forms
    // The login may be fine, only the server is away: the connection keeps trying.
    enter();
    fail(error);
  }
}

function enter(options) {
  view.showScreen('app', options);
  view.showState(state, products);
  sync.start();
}

/** The login is over, by this page, another tab or the server. */
function leave() {
  const wasInside = document.body.dataset.show === 'app';
  sync.stop();
  log.clear();
  products = [];
  view.showProducts(products);
  setState(initialState);
  view.showScreen('welcome', { focus: wasInside });
  if (wasInside) view.showMessage('You are signed out.');
}

/** `access` is session.signUp or session.signIn. */
function onAccess(form, access) {
  onSubmit(form, async (fields) => {
    await access(fields);
    form.reset(); // no password stays behind in a hidden form
    enter({ focus: true });
    view.showMessage(`Welcome, ${session.user.nickname}.`, 'ok');
  });
}

// ---- actions ----

/**
 * Runs `work(fields, button)` for the form `root` or those inside it, one at a time each; failures
 * end up at the fields or in the message. Inputs are named as in the API, so errors find them.
 */
function onSubmit(root, work) {
  root.addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = event.target;
    if (form.dataset.busy) return;
    form.dataset.busy = 'true'; // not `disabled`, which would take the focus away
    view.showFieldErrors(form, []);
    try {
      await work(Object.fromEntries(new FormData(form)), event.submitter);
    } catch (error) {
      fail(error, form);
    } finally {
      delete form.dataset.busy;
    }
  });
}

/** A form that plays or changes something: `body(fields, button)` gives the request's body. */
function onAction(formId, name, body) {
  onSubmit(byId(formId), (fields, button) => perform(name, body(fields, button)));
}

async function perform(name, body) {
  const answer = await api[name](body);
  log.claim(answer.events);
  view.showMessage(answers[name](answer, products), answer.success === false ? 'info' : 'ok');
}

function fail(error, form) {
  if (error instanceof SignedOut) return;
  log.claim(error.events); // a refused purchase is an event, too
  const unplaced = form ? view.showFieldErrors(form, error.errors ?? []) : [];
  const text = error instanceof TypeError ? 'The server cannot be reached.' : error.message;
  view.showMessage([text, ...unplaced].map(sentence).join(' '), 'error');
}

onAccess(byId('signup-form'), session.signUp);
onAccess(byId('login-form'), session.signIn);
byId('sign-out').addEventListener('click', () => session.signOut());

onAction('slot-form', 'spin', (fields) => ({ bet_amount: Number(fields.bet_amount) }));
onAction('rps-form', 'playRps', (fields, button) => ({
  choice: button.value,
  bet_amount: Number(fields.bet_amount),
}));
onAction('gacha-form', 'pullGacha', (_, button) => ({ pull_count: Number(button.value) }));
onAction('crash-form', 'betCrash', ({ bet_amount: bet, auto_cashout_multiplier: auto }) => ({
  bet_amount: Number(bet),
  ...(auto && { auto_cashout_multiplier: Number(auto) }),
}));
onAction('streak-form', 'claimStreak', () => undefined);
onAction('nickname-form', 'rename', ({ nickname }) => ({ nickname }));

onSubmit(byId('crash-round'), async (_, button) => {
  const roundId = button.dataset.round;
  try {
    await perform('cashOut', { round_id: roundId });
  } catch (error) {
    // Settled before the state at hand: no frame will close this round any more.
    if (error.status === 404 || error.status === 409) setState(forgetRound(state, roundId));
    throw error;
  }
});

// One listener for products, whose forms come and go; submit events bubble up to the list.
onSubmit(byId('products'), ({ quantity }, button) =>
  perform('buy', { product_id: button.dataset.buy, ...(quantity && { quantity: Number(quantity) }) }),
);

// ---- the world around ----

addEventListener('storage', ({ key, newValue }) => {
  if (key !== REFRESH_KEY) return;
  const inside = document.body.dataset.show === 'app';
  if (newValue === null && inside) session.forget(); // signed out in another tab
  if (newValue !== null && !inside) resume(); // signed in in another tab
});
addEventListener('online', () => sync.nudge());
addEventListener('visibilitychange', () => document.hidden || sync.nudge());
setInterval(tick, TICK_MS);

if (session.canResume()) resume();
else view.showScreen('welcome');
