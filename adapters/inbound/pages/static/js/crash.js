// The clock of an open crash round. The server alone decides; this is only what to display.

const GROWTH_PER_MS = 0.00006;
const MOST = 10_000;
const LONGEST_MS = Math.log(MOST) / GROWTH_PER_MS;

/** Rounded down to hundredths like the server's, so as not to promise more than it pays. */
export function multiplierAt(elapsedMs) {
  const grown = Math.exp(GROWTH_PER_MS * Math.max(elapsedMs, 0));
  return Math.min(Math.floor(grown * 100) / 100, MOST);
}

/** Rounds that may still fly, oldest first: past the highest multiplier every round is over. */
export function flying(rounds, serverNow) {
  return Object.values(rounds).filter((round) => serverNow - round.startedAt < LONGEST_MS);
}

/**
 * How far this device's clock is ahead of the server's, in ms. Every event arrives late by the
 * network's delay or more (replays), so the least difference seen is the best guess.
 */
export function clockSkew(known, frame, now) {
  const sent = Date.parse(frame.ts);
  return Number.isNaN(sent) ? known : Math.min(known ?? Infinity, now - sent);
}
