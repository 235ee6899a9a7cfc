// The realtime contract as pure functions: what a frame means for our position, what a close
// code asks of us, how long to wait, and which URL resumes where we left off.

/** Null for anything that is not a JSON object: such a frame is skipped, not fatal. */
export function parseFrame(text) {
  try {
    const frame = JSON.parse(text);
    return typeof frame === 'object' && frame !== null && !Array.isArray(frame) ? frame : null;
  } catch {
    return null;
  }
}

/**
 * What `frame` is to someone at `position` ({epoch, seq} or null):
 * 'control' (outside the order), 'snapshot', 'next', 'duplicate' or 'gap'.
 */
export function classify(position, frame) {
  if (frame.type === 'initial_state') return 'snapshot';
  if (frame.type === 'sync_connected' || !Number.isInteger(frame.seq)) return 'control';
  // Without a snapshot there is nothing to fold into; the one to come includes this event.
  if (!Number.isInteger(position?.seq) || frame.seq <= position.seq) return 'duplicate';
  return frame.seq === position.seq + 1 ? 'next' : 'gap';
}

/** 'refresh', 'reauthenticate', 'stop' or 'retry'. */
export function closeVerdict(code) {
  if (code === 3005) return 'refresh';
  if (code === 4401) return 'reauthenticate';
  if (code === 4403 || (code >= 3500 && code <= 3999)) return 'stop';
  return 'retry'; // 3000-3499, and whatever a dying network or proxy produces (1006, 1012, ...)
}

/**
 * Exponential with half of it random, so that the clients of a restarted node do not all
 * come back in the same instant.
 */
export function backoffMs(attempt, random = Math.random) {
  const most = Math.min(30_000, 500 * 2 ** attempt);
  return Math.round(most / 2 + (random() * most) / 2);
}

/** `location` is the page's; the socket lives at the same origin. */
export function syncUrl(location, token, position) {
  const url = new URL('/api/realtime/sync', location);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('token', token);
  const since = formatPosition(position);
  if (since) url.searchParams.set('since', since);
  return url.href;
}

/** `epoch:seq`, or '' as long as there is no state to resume from. */
export function formatPosition(position) {
  return Number.isInteger(position?.seq) ? `${position.epoch}:${position.seq}` : '';
}
