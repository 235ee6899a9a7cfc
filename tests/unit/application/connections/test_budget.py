"""Budgets of connections, and what remains of them."""

from application.connections.budget import WINDOW_S, Budget, UsedBudgets

USER = 7


def test_a_budget_is_for_a_window() -> None:
    """It is whole again in the next one."""
    budget = Budget(3, now=0)
    assert [budget.spend(1, now) for now in (0, 1, 2, 3)] == [True, True, True, False]
    assert budget.spend(3, WINDOW_S)
    assert not budget.spend(1, WINDOW_S + 1)


def test_the_next_connection_inherits() -> None:
    """Until the window of the first one is over; other users and kinds have their own."""
    used, first = UsedBudgets(), Budget(3, now=0)
    first.spend(2, now=5)
    used.keep(USER, "frames", first, now=6)
    for _ in range(2):  # also the one after the next
        second = Budget(3, now=7)
        used.inherit(USER, "frames", second, now=7)
        assert second.spend(1, now=8)
        assert not second.spend(1, now=8)
    for user_id, kind in ((USER + 1, "frames"), (USER, "bytes")):
        other = Budget(3, now=7)
        used.inherit(user_id, kind, other, now=7)
        assert other.spend(3, now=8)
    late = Budget(3, now=WINDOW_S)
    used.inherit(USER, "frames", late, now=WINDOW_S)
    assert late.spend(3, now=WINDOW_S)


def test_the_connection_that_used_most_counts() -> None:
    """One that used less and ends later does not refill the budget."""
    used = UsedBudgets()
    for amount in (3, 1):
        budget = Budget(3, now=0)
        budget.spend(amount, now=1)
        used.keep(USER, "frames", budget, now=2)
    third = Budget(3, now=3)
    used.inherit(USER, "frames", third, now=3)
    assert not third.spend(1, now=4)


def test_memory_is_bounded() -> None:
    """With too many users, the first are forgotten."""
    used = UsedBudgets(max_entries=2)
    for user_id in (1, 2, 3):
        budget = Budget(1, now=0)
        budget.spend(1, now=0)
        used.keep(user_id, "frames", budget, now=1)
    fresh = {user_id: Budget(1, now=1) for user_id in (1, 2, 3)}
    for user_id, budget in fresh.items():
        used.inherit(user_id, "frames", budget, now=1)
    assert [budget.used for budget in fresh.values()] == [0, 1, 1]
