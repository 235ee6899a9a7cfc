// Wires the page together: requests use the REST API; state changes only through frames.

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
let skew = null; // how far this device's clock is ahead of the server's, in ms (see crash.js)
const log = createFrameLog(byId('frames'));

const session = createSession({ onSignedOut: leave });
const api = createApi(session);
const sync = new Sync({
  session,
  // Another account may have signed in: this state belongs to the journal of the previous one.
  getPosition: () => (String(session.user?.id) === String(state.userId) ? state.position : null),
  onFrame,
  onStatus: (status) => view.showConnection(status, Date.now()),
});

function onFrame(frame, verdict) {
  setState(reduce(state, frame));
  // Pongs carry no information and would displace other frames from the list.
  if (frame.type !== 'pong') log.add(frame, verdict);
  if (verdict === 'next') skew = clockSkew(skew, frame, Date.now());
  if (verdict === 'snapshot') loadProducts();
  announce(frame, verdict);
}

/** Shows a message for events that no request of this page caused. */
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
    if (error instanceof SignedOut) return; // leave() has already shown the forms
    // The server is unreachable, but the login may be valid: the connection retries.
    enter();
    fail(error);
  }
}

function enter(options) {
  view.showScreen('app', options);
  view.showState(state, products);
  sync.start();
}

/** The login ended: in this page, in another tab or on the server. */
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
    form.reset(); // do not keep the password in a hidden form
    enter({ focus: true });
    view.showMessage(`Welcome, ${session.user.nickname}.`, 'ok');
  });
}

// ---- actions ----

/**
 * Runs `work(fields, button)` on submit of the form `root` or the forms inside it, one run at a
 * time per form. Errors are shown at the fields (inputs have the names of the API) or as a message.
 */
function onSubmit(root, work) {
  root.addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = event.target;
    if (form.dataset.busy) return;
    form.dataset.busy = 'true'; // not `disabled`, which would remove the focus
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

/** A form that sends a command: `body(fields, button)` returns the request body. */
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
  log.claim(error.events); // a refused purchase causes an event, too
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
    // Settled before the current snapshot, so no further frame will close this round.
    if (error.status === 404 || error.status === 409) setState(forgetRound(state, roundId));
    throw error;
  }
});

// Product forms are created dynamically; their submit events bubble up to the list.
onSubmit(byId('products'), ({ quantity }, button) =>
  perform('buy', { product_id: button.dataset.buy, ...(quantity && { quantity: Number(quantity) }) }),
);

// ---- network, visibility, other tabs ----

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
