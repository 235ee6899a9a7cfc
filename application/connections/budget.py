"""What a client may send in a window of time, over one connection and the next.

A budget belongs to a connection. When that ends, what its user had used is remembered until the
window is over, and the user's next connections begin with it: coming back does not refill a budget.
"""

WINDOW_S = 10.0


class Budget:
    """Counts one kind of thing; times are monotonic seconds."""

    __slots__ = ("limit", "since", "used")

    def __init__(self, limit: int, now: float) -> None:
        """`limit` holds in each window of WINDOW_S."""
        self.limit = limit
        self.since = now
        self.used = 0

    def spend(self, amount: int, now: float) -> bool:
        """Count so many; whether the budget covers them."""
        if now - self.since >= WINDOW_S:
            self.since, self.used = now, 0
        self.used += amount
        return self.used <= self.limit


class UsedBudgets:
    """What users have used of the budgets of connections that have ended."""

    def __init__(self, max_entries: int = 10_000) -> None:
        """With more users than that, those who went first are forgotten."""
        self._max_entries = max_entries
        self._used: dict[tuple[int, str], tuple[float, int]] = {}

    def inherit(self, user_id: int, kind: str, budget: Budget, now: float) -> None:
        """Begin a connection's budget with what the user has used of this kind."""
        since, used = self._used.get((user_id, kind), (0.0, 0))
        if used and now - since < WINDOW_S:
            budget.since = since
            budget.used += used

    def keep(self, user_id: int, kind: str, budget: Budget, now: float) -> None:
        """A connection of the user ends: remember what it has used, if that is the most."""
        key = (user_id, kind)
        since, used = self._used.get(key, (0.0, 0))
        if now - budget.since >= WINDOW_S or (budget.used <= used and now - since < WINDOW_S):
            return
        self._used.pop(key, None)
        if len(self._used) >= self._max_entries:
            del self._used[next(iter(self._used))]
        self._used[key] = (budget.since, budget.used)
