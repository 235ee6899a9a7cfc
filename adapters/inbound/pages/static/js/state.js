// The state of the page as a pure fold (reducer) over frames: same frames, same state in every tab.

import { classify } from './protocol.js';

export const RECENT_REWARDS = 10;

export const initialState = Object.freeze({
  userId: null,
  position: null, // {epoch, seq} of this state; both change together
  profile: {},
  streaks: {}, // by action type
  stats: {}, // by game type
  rewards: [], // newest first
  plays: {}, // the latest game_event data of each game that was played lately
  rounds: {}, // open crash rounds by id, oldest first
  purchased: {}, // product ids bought lately
  goals: {}, // achievements and events by id
});

/** Duplicates, gaps and frames that are not events of the player do not change the state. */
export function reduce(state, frame) {
  switch (classify(state.position, frame)) {
    case 'snapshot':
      return restart(state, frame);
    case 'next': {
      const position = { ...state.position, seq: frame.seq };
      const fold = folds[frame.type];
      return { ...state, ...fold?.(state, frame.data), position };
    }
    case 'control':
      return frame.type === 'sync_connected' ? connected(state, frame) : state;
    default:
      return state;
  }
}

/** Removes a round that the server reports as settled: its last event was before the snapshot. */
export function forgetRound(state, roundId) {
  const { [roundId]: _gone, ...rounds } = state.rounds;
  return { ...state, rounds };
}

function connected(state, frame) {
  const known = state.userId === frame.user_id ? state : { ...initialState, userId: frame.user_id };
  // If not recovered, a snapshot follows; until then there is no position to resume from.
  return frame.recovered ? known : { ...known, position: { epoch: frame.epoch, seq: null } };
}

function restart(state, { seq, data }) {
  return {
    ...initialState,
    userId: state.userId,
    position: { epoch: state.position?.epoch, seq },
    profile: data.profile,
    streaks: data.streaks,
    stats: mapValues(data.stats, (game) => game.data),
    rewards: data.recent_rewards,
    goals: {
      ...mapValues(data.achievements, achievementGoal),
      ...mapValues(data.events, eventGoal),
    },
    purchased: Object.fromEntries(data.purchases.map((purchase) => [purchase.product_id, true])),
    rounds: Object.fromEntries(
      data.open_rounds.map(({ round_id: id, bet, started_at: startedAt }) => [id, { id, bet, startedAt }]),
    ),
    // Newest first, so the latest play of a game comes last and stays.
    plays: Object.fromEntries([...data.last_plays].reverse().map((play) => [play.game_type, play])),
  };
}

// The state changes by event type. Types without an entry change only the position.
const folds = {
  profile_update: (state, data) => ({ profile: { ...state.profile, ...data } }),

  balance_update: (state, data) => ({ profile: { ...state.profile, gold: data.balance } }),

  game_event: (state, data) => ({
    plays: { ...state.plays, [data.game_type]: data },
    ...(data.game_type === 'crash' && foldRound(state, data)),
  }),

  stats_update: (state, data) => ({
    stats: { ...state.stats, [data.game_type]: data.stats },
    goals: mapValues(state.goals, (goal) => atPlays(goal, data.game_type, data.stats.plays)),
  }),

  streak_update: (state, data) => ({ streaks: { ...state.streaks, [data.action_type]: data } }),

  reward_granted: (state, data) => ({ rewards: [data, ...state.rewards].slice(0, RECENT_REWARDS) }),

  purchase_update: (state, data) =>
    data.status === 'success' && { purchased: { ...state.purchased, [data.product_id]: true } },

  achievement_progress: (state, data) => ({
    goals: { ...state.goals, [data.achievement_id]: achievementGoal(data) },
  }),

  event_progress: (state, data) => ({
    goals: { ...state.goals, [data.event_id]: eventGoal(data) },
  }),
};

function foldRound(state, data) {
  const { round_id: id, status, started_at: startedAt } = data.result;
  if (status !== 'open') return { rounds: forgetRound(state, id).rounds };
  return { rounds: { ...state.rounds, [id]: { id, bet: data.bet, startedAt } } };
}

const achievementGoal = ({ achievement_id: id, achievement_type: counts, progress, target, unlocked }) => ({
  id, counts, progress, target, done: unlocked,
});

const eventGoal = ({ event_id: id, progress: { current, target }, completed }) => ({
  id, progress: current, target, done: completed,
});

/** Achievements are announced once per quarter; the statistics tell the plays in between. */
function atPlays(goal, game, plays) {
  if (goal.counts !== 'plays' || !goal.id.startsWith(`${game}_`)) return goal;
  return { ...goal, progress: Math.min(plays, goal.target), done: plays >= goal.target };
}

const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
