"""For tests that let one user do what many do."""

from dependency_injector import providers

from application.connections.budget import Budget, UsedBudgets
from bootstrap.container import Container


class ForgetfulBudgets(UsedBudgets):
    """Every connection begins with a whole budget."""

    def keep(self, user_id: int, kind: str, budget: Budget, now: float) -> None:
        """Remember nothing."""


def forget_budgets(container: Container) -> None:
    """Adjust a node, see `running_node`."""
    container.used_budgets.override(providers.Singleton(ForgetfulBudgets))
