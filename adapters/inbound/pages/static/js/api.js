// The REST API: one request function, and one function per endpoint.

/** An error response of the server (application/problem+json, RFC 9457). */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The server answered ${status}.`);
    this.status = status;
    this.code = body.code;
    this.errors = body.errors ?? [];
    this.events = body.events;
  }
}

/** Returns the parsed answer. Throws Problem, or what fetch throws if the server is unreachable. */
export async function request(method, path, { body, token, key } = {}) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  if (key) headers['Idempotency-Key'] = key;
  const response = await fetch(path, { method, headers, body: JSON.stringify(body) });
  const answer = await response.json().catch(() => ({})); // the error page of a proxy is not JSON
  if (!response.ok) throw new Problem(response.status, answer ?? {});
  return answer;
}

/** The endpoints for a signed-in player; `session` provides the access token. */
export function createApi(session, send = request) {
  async function call(method, path, options = {}) {
    const token = await session.accessToken();
    try {
      return await send(method, path, { ...options, token });
    } catch (error) {
      if (error.status !== 401) throw error;
      return send(method, path, { ...options, token: await session.refresh() });
    }
  }

  // The Idempotency-Key makes a retry safe if the connection failed before the answer arrived.
  async function once(path, body) {
    const options = { body, key: uuid() };
    try {
      return await call('POST', path, options);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // fetch reports network errors as TypeError
      return call('POST', path, options);
    }
  }

  return {
    products: () => call('GET', '/api/shop/products'),
    spin: (body) => once('/api/games/slot/spin', body),
    playRps: (body) => once('/api/games/rps/play', body),
    pullGacha: (body) => once('/api/games/gacha/pull', body),
    betCrash: (body) => once('/api/games/crash/bet', body),
    cashOut: (body) => once('/api/games/crash/cashout', body),
    buy: (body) => once('/api/shop/buy', body),
    claimStreak: () => call('POST', '/api/streak/claim', { body: {} }),
    rename: (body) => call('PATCH', '/api/profile', { body }),
  };
}

/** crypto.randomUUID needs HTTPS or localhost; a phone on the same Wi-Fi may have neither. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
