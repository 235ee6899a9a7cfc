// The multiplier of an open crash round, for display only: the server decides.

const GROWTH_PER_MS = 0.00006;
const MOST = 10_000;
const LONGEST_MS = Math.log(MOST) / GROWTH_PER_MS;

/** Rounded down to hundredths, like the server: never shows more than is paid. */
export function multiplierAt(elapsedMs) {
  const grown = Math.exp(GROWTH_PER_MS * Math.max(elapsedMs, 0));
  return Math.min(Math.floor(grown * 100) / 100, MOST);
}

/** Rounds that may still be open, oldest first: none outlasts the highest multiplier. */
export function flying(rounds, serverNow) {
  return Object.values(rounds).filter((round) => serverNow - round.startedAt < LONGEST_MS);
}

/**
 * Clock skew: how far this device's clock is ahead of the server's, in ms. Every event arrives
 * after the network delay or later (replays), so the smallest difference is the best estimate.
 */
export function clockSkew(known, frame, now) {
  const sent = Date.parse(frame.ts);
  return Number.isNaN(sent) ? known : Math.min(known ?? Infinity, now - sent);
}
