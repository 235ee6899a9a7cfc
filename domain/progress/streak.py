"""The daily streak: claimed once per UTC day; it restarts at 1 after a missed day.

Day n pays 800 + 200·n gold and 25 + 25·n exp.
"""

from datetime import date, timedelta

from attrs import frozen

from domain.errors import Conflict

DAILY_LOGIN = "DAILY_LOGIN"
"""The only action type with a streak so far."""


@frozen(kw_only=True)
class Streak:
    """The streak as of its last claim; `last_action_date` is a UTC date."""

    action_type: str = DAILY_LOGIN
    current_count: int = 0
    last_action_date: date | None = None

    def current_on(self, today: date) -> int:
        """The number of consecutive days as of `today`: 0 after a missed day."""
        if self.last_action_date is None or today - self.last_action_date > timedelta(days=1):
            return 0
        return self.current_count

    def claimed_on(self, today: date) -> "Streak":
        """The streak after a claim today; Conflict (`streak_already_claimed`) if today was claimed,
        or a later day by a node whose clock is ahead."""
        if self.last_action_date is not None and self.last_action_date >= today:
            raise Conflict("already claimed today", code="streak_already_claimed")
        return Streak(
            action_type=self.action_type,
            current_count=self.current_on(today) + 1,
            last_action_date=today,
        )

    @property
    def gold(self) -> int:
        """Gold for the last claimed day."""
        return 800 + 200 * self.current_count

    @property
    def exp(self) -> int:
        """Exp points for the last claimed day."""
        return 25 + 25 * self.current_count
