"""Rewards: grants in addition to pay-outs. They are stored so that devices can show recent ones."""

from datetime import datetime

from attrs import frozen

from domain.events import RewardGranted

RECENT_REWARDS = 10
"""Number of latest rewards in `initial_state`."""


@frozen(kw_only=True)
class Reward:
    """A granted reward. `id` is the id of its event."""

    id: str
    granted: RewardGranted
    granted_at: datetime
