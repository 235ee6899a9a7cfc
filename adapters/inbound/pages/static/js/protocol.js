// The realtime contract as pure functions: the verdict on a frame by its seq (deduplication, gap
// detection), the reaction to a close code, the reconnect delay, and the URL to resume from.

/** Null for anything that is not a JSON object: such a frame is skipped. */
export function parseFrame(text) {
  try {
    const frame = JSON.parse(text);
    return typeof frame === 'object' && frame !== null && !Array.isArray(frame) ? frame : null;
  } catch {
    return null;
  }
}

/**
 * The verdict on `frame` at `position` ({epoch, seq} or null):
 * 'control' (no seq), 'snapshot', 'next', 'duplicate' or 'gap'.
 */
export function classify(position, frame) {
  if (frame.type === 'initial_state') return 'snapshot';
  if (frame.type === 'sync_connected' || !Number.isInteger(frame.seq)) return 'control';
  // There is no state yet; the snapshot that follows includes this event.
  if (!Number.isInteger(position?.seq) || frame.seq <= position.seq) return 'duplicate';
  return frame.seq === position.seq + 1 ? 'next' : 'gap';
}

/** The reaction to a close code: 'refresh', 'reauthenticate', 'stop' or 'retry'. */
export function closeVerdict(code) {
  if (code === 3005) return 'refresh';
  if (code === 4401) return 'reauthenticate';
  if (code === 4403 || (code >= 3500 && code <= 3999)) return 'stop';
  return 'retry'; // 3000-3499, and codes of network and proxy failures (1006, 1012, ...)
}

/**
 * Exponential back-off with jitter (half of the delay is random), so that the clients of a
 * restarted node do not all reconnect at the same time.
 */
export function backoffMs(attempt, random = Math.random) {
  const most = Math.min(30_000, 500 * 2 ** attempt);
  return Math.round(most / 2 + (random() * most) / 2);
}

/** The subprotocols to offer: the one whose close codes we know, and the token. */
export const subprotocols = (token) => ['synchub.v1', `bearer.${token}`];

/** The socket has the same origin as the page, whose `location` this is. */
export function syncUrl(location, position) {
  const url = new URL('/api/realtime/sync', location);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  const since = formatPosition(position);
  if (since) url.searchParams.set('since', since);
  return url.href;
}

/** `epoch:seq`, or '' if there is no state to resume from. */
export function formatPosition(position) {
  return Number.isInteger(position?.seq) ? `${position.epoch}:${position.seq}` : '';
}
