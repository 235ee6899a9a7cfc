"""The state of a player as its devices show it: what `initial_state` contains."""

from application.frames.control_frames import StateData
from application.ports.storage.stores import Stores
from domain.progress.rewards import RECENT_REWARDS


def read_state(stores: Stores, user_id: int) -> StateData:
    """Everything that `initial_state` shows; NotFound (`unknown_user`) without such a player."""
    return StateData(
        profile=stores.players.get(user_id).profile(),
        streaks={
            streak.action_type: {
                "action_type": streak.action_type,
                "current_count": streak.current_count,
                "last_action_date": streak.last_action_date,
            }
            for streak in stores.players.streaks(user_id)
        },
        stats={stats.game_type: stats.totals() for stats in stores.stats.all(user_id)},
        recent_rewards=[
            {
                "reward_type": reward.reward_type,
                "reward_data": reward.reward_data,
                "source": reward.source,
            }
            for reward in stores.players.recent_rewards(user_id, RECENT_REWARDS)
        ],
        open_rounds=[
            {
                "round_id": opened.round_id,
                "bet": opened.bet,
                "started_at": opened.started_at,
            }
            for opened in stores.crash_rounds.open(user_id)
        ],
    )
