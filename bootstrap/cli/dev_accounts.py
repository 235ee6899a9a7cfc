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


async def open_dev_accounts(container: Container) -> list[str]:
    """The site ids of these accounts that still have their known passwords."""
    found = []
    for account in DEV_ACCOUNTS:
        stored = await container.unit_of_work().read(
            lambda stores, site_id=account.site_id: stores.accounts.by_site_id(site_id)
        )
        if stored is not None and await container.passwords().verify(
            account.password, stored.password_hash
        ):
            found.append(account.site_id)
    return found
