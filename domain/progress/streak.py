"""The daily streak: claimed once a UTC day, back to one after a missed day.

Day n pays 800 + 200·n gold and 25 + 25·n exp.
"""

from datetime import date, timedelta

from attrs import frozen

from domain.errors import Conflict

DAILY_CLAIM = "daily_claim"
"""The one action type that has a streak."""


@frozen(kw_only=True)
class Streak:
    action_type: str = DAILY_CLAIM
    current_count: int = 0
    last_action_date: date | None = None

    def current_on(self, today: date) -> int:
        """The days in a row that still count on `today`: none once a day was missed."""
        if self.last_action_date is None or today - self.last_action_date > timedelta(days=1):
            return 0
        return self.current_count

    def claimed_on(self, today: date) -> "Streak":
        """The streak with today claimed; Conflict if it was (or a later day, on a skewed clock)."""
        if self.last_action_date is not None and self.last_action_date >= today:
            raise Conflict("already claimed today", code="streak_already_claimed")
        return Streak(
            action_type=self.action_type,
            current_count=self.current_on(today) + 1,
            last_action_date=today,
        )

    @property
    def gold(self) -> int:
        """What the last claimed day paid."""
        return 800 + 200 * self.current_count

    @property
    def exp(self) -> int:
        return 25 + 25 * self.current_count
