"""Rewards: grants in addition to pay-outs. They are stored so that devices can show recent ones."""

from datetime import datetime

from attrs import frozen

from domain.events import JsonObject

RECENT_REWARDS = 10
"""Number of latest rewards in `initial_state`."""


@frozen(kw_only=True)
class Reward:
    """A granted reward. `source` is the feature that granted it, for example `level_up`."""

    reward_type: str
    reward_data: JsonObject
    source: str
    granted_at: datetime
