// The realtime connection: keeps a socket open, resumes from the position of the state after a
// reconnect (catch up), and delivers frames.
//
//     connecting ──sync_connected──▶ live
//         ▲                            │ close, gap, silence, `reconnect`
//         └────────── waiting ◀────────┘          stopped: no further attempts

import { SignedOut } from './session.js';
import { backoffMs, classify, closeVerdict, parseFrame, subprotocols, syncUrl } from './protocol.js';

const STABLE_MS = 10_000; // a connection that lasted this long resets the back-off
const DEFAULT_HEARTBEAT_S = 25;

export class Sync {
  #options;
  #socket = null;
  #run = 0; // incremented by start and stop: a result awaited across a change is dropped
  #retryTimer = null;
  #heartbeatTimer = null;
  #attempt = 0;
  #liveSince = null;
  #heardAt = 0;
  #refreshedFor4401 = false;
  #gapAt = null; // the position at the last detected gap
  #forgetPosition = false;
  status = { phase: 'stopped' };

  /**
   * `session` provides tokens; `getPosition()` returns the position of the state;
   * `onFrame(frame, verdict)` must apply the frame before it returns; `onStatus(status)` receives
   * {phase, retryAt?, reason?}.
   */
  constructor({
    session,
    getPosition,
    onFrame,
    onStatus,
    location = globalThis.location?.href,
    open = (url, protocols) => new WebSocket(url, protocols),
    now = Date.now,
    random = Math.random,
  }) {
    this.#options = { session, getPosition, onFrame, onStatus, location, open, now, random };
  }

  start() {
    this.#attempt = 0;
    this.#refreshedFor4401 = false;
    this.#connect();
  }

  stop(reason) {
    this.#reset();
    this.#setStatus({ phase: 'stopped', reason });
  }

  /** Reconnect now: the network is back, or the page is visible again. */
  nudge() {
    if (this.status.phase === 'waiting') this.#connect();
  }

  async #connect(renew = false) {
    this.#reset();
    const run = this.#run;
    this.#setStatus({ phase: 'connecting' });
    const { session, getPosition, location, open } = this.#options;
    let token;
    try {
      token = await (renew ? session.refresh() : session.accessToken());
    } catch (error) {
      if (run !== this.#run) return;
      return error instanceof SignedOut ? this.stop(error.message) : this.#retry();
    }
    if (run !== this.#run) return;

    const position = this.#forgetPosition ? null : getPosition();
    this.#forgetPosition = false;
    const socket = open(syncUrl(location, position), subprotocols(token));
    this.#socket = socket;
    // A replaced socket may still fire events; ignore all but the current one.
    const ifCurrent = (handle) => (event) => socket === this.#socket && handle(event);
    socket.onmessage = ifCurrent((event) => this.#hear(event.data));
    socket.onclose = ifCurrent((event) => this.#closed(event));
  }

  #hear(text) {
    this.#heardAt = this.#options.now();
    const frame = parseFrame(text);
    if (!frame) return;
    const verdict = classify(this.#options.getPosition(), frame);
    this.#options.onFrame(frame, verdict);
    if (verdict === 'gap') this.#recoverGap();
    else if (frame.type === 'sync_connected') this.#live(frame);
    else if (frame.type === 'token_expiring') this.#renew();
    else if (frame.type === 'reconnect') this.#retry(frame.after_ms ?? 0);
  }

  #live(frame) {
    this.#liveSince = this.#options.now();
    this.#refreshedFor4401 = false;
    this.#setStatus({ phase: 'live' });
    const every = (frame.heartbeat_s || DEFAULT_HEARTBEAT_S) * 1000;
    clearInterval(this.#heartbeatTimer);
    // Heartbeat: scripts cannot see protocol pings, and a dead mobile link sends no close. So send
    // a `ping` and expect a frame.
    this.#heartbeatTimer = setInterval(() => {
      if (this.#options.now() - this.#heardAt > 2.5 * every) this.#retry();
      else this.#socket.send('ping');
    }, every);
  }

  /** Stay connected with a new token. If that fails, the server closes with 3005. */
  async #renew() {
    const socket = this.#socket;
    try {
      const token = await this.#options.session.refresh();
      if (socket === this.#socket) socket.send(JSON.stringify({ type: 'auth', token }));
    } catch {
      // signed out, or the server cannot be reached
    }
  }

  #recoverGap() {
    const { epoch, seq } = this.#options.getPosition();
    const here = `${epoch}:${seq}`;
    // The same gap again: resuming does not help, so request the whole state.
    this.#forgetPosition = this.#gapAt === here;
    this.#gapAt = here;
    this.#retry(this.#forgetPosition ? undefined : 0);
  }

  #closed({ code, reason }) {
    const verdict = closeVerdict(code);
    if (verdict === 'stop') {
      this.stop(reason || (code === 4403 ? 'Not allowed.' : `The server said goodbye (${code}).`));
    } else if (verdict === 'reauthenticate') {
      if (this.#refreshedFor4401) return this.#options.session.forget();
      this.#refreshedFor4401 = true;
      this.#connect(true);
    } else if (verdict === 'refresh' && this.#wasStable()) {
      this.#connect(true);
    } else {
      this.#retry(undefined, verdict === 'refresh');
    }
  }

  #retry(delay, renew = false) {
    if (this.#wasStable()) this.#attempt = 0;
    delay ??= backoffMs(this.#attempt++, this.#options.random);
    this.#reset();
    this.#retryTimer = setTimeout(() => this.#connect(renew), delay);
    this.#setStatus({ phase: 'waiting', retryAt: this.#options.now() + delay });
  }

  #wasStable() {
    return this.#liveSince !== null && this.#options.now() - this.#liveSince > STABLE_MS;
  }

  #reset() {
    this.#run++;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#heartbeatTimer);
    this.#liveSince = null;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #setStatus(status) {
    this.status = status;
    this.#options.onStatus(status);
  }
}
