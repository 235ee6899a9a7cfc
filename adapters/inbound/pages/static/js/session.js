// The login of this browser. The access token is in memory only. The refresh token is in
// localStorage, shared by all tabs; whichever tab refreshes rotates it.

import { Problem, request } from './api.js';

export const REFRESH_KEY = 'hub.refresh_token';

const EARLY_MS = 10_000; // treat tokens as expired this much earlier, for the latency of a request

/** Thrown by requests after the login has ended. */
export class SignedOut extends Error {
  constructor() {
    super('You are signed out.');
  }
}

export function createSession({
  send = request,
  storage = localStorage,
  locks = globalThis.navigator?.locks, // undefined without HTTPS or localhost
  now = Date.now,
  onSignedOut = () => {},
} = {}) {
  let access = null; // {token, expiresAt, user}
  let refreshing = null; // one refresh at a time in this tab
  const exclusively = (work) => (locks ? locks.request(REFRESH_KEY, work) : work()); // in all tabs

  function adopt(answer) {
    storage.setItem(REFRESH_KEY, answer.refresh_token);
    const expiresAt = now() + answer.expires_in * 1000 - EARLY_MS;
    access = { token: answer.access_token, expiresAt, user: answer.user };
    return access.token;
  }

  function forget() {
    storage.removeItem(REFRESH_KEY);
    access = null;
    onSignedOut();
  }

  async function rotate() {
    // Read inside the lock: another tab may have stored a newer token before it released it.
    let sent = storage.getItem(REFRESH_KEY);
    while (sent) {
      try {
        return adopt(await send('POST', '/api/auth/refresh', { body: { refresh_token: sent } }));
      } catch (error) {
        const refused = error instanceof Problem && [400, 401, 403, 422].includes(error.status);
        if (!refused) throw error; // an unreachable or overloaded server does not end the login
        // Without locks, another tab may have rotated the token meanwhile; then use that one.
        const stored = storage.getItem(REFRESH_KEY);
        if (stored === sent) break;
        sent = stored;
      }
    }
    forget();
    throw new SignedOut();
  }

  function refresh() {
    refreshing ??= Promise.resolve(exclusively(rotate)).finally(() => (refreshing = null));
    return refreshing;
  }

  return {
    forget,
    refresh,
    get user() {
      return access?.user ?? null;
    },
    canResume: () => storage.getItem(REFRESH_KEY) !== null,
    accessToken: async () => (access && now() < access.expiresAt ? access.token : refresh()),
    signUp: async (body) => adopt(await send('POST', '/api/auth/signup', { body })),
    signIn: async (body) => adopt(await send('POST', '/api/auth/login', { body })),
    async signOut() {
      const token = access?.token;
      forget(); // sign out locally, even if the request fails
      if (token) await send('POST', '/api/auth/logout', { body: {}, token }).catch(() => {});
    },
  };
}
