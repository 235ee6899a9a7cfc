"""Accounts for development only; everybody knows their passwords."""

from attrs import frozen

from application.use_cases.accounts.sign_up import SignUpCommand
from bootstrap.container import Container
from domain.account import Role
from domain.errors import Conflict


@frozen
class DevAccount:
    """Somebody to sign in as."""

    role: Role
    site_id: str
    password: str


DEV_ACCOUNTS = (
    DevAccount(Role.PLAYER, "player", "player-password"),
    DevAccount(Role.ADMIN, "admin", "admin-password"),
)


async def seed_dev_accounts(container: Container) -> None:
    """Open the accounts that do not exist yet; those that do are left alone."""
    for account in DEV_ACCOUNTS:
        command = SignUpCommand(
            site_id=account.site_id, nickname=account.site_id, password=account.password
        )
        try:
            await container.sign_up().execute(command, account.role)
        except Conflict:
            continue
