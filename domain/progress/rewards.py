"""Rewards: what is granted beyond a pay-out, kept so that a device can show the recent ones."""

from datetime import datetime

from attrs import frozen

from domain.events import JsonObject

RECENT_REWARDS = 10
"""How many of the latest rewards `initial_state` shows."""


@frozen(kw_only=True)
class Reward:
    reward_type: str
    reward_data: JsonObject
    source: str
    granted_at: datetime
