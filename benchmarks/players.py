"""Direct creation of thousands of players in the database of a server, without password hashing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from typed_settings import SecretStr

from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.tokens import Caller
from application.transactions.command import Actor
from application.use_cases.accounts.sign_up import SignUpCommand, add_account
from application.use_cases.players.update_profile import UpdateProfileCommand
from benchmarks.server import BenchServer
from bootstrap.container import Container, build_container
from bootstrap.server.lifecycle import database_open
from bootstrap.settings.settings import Settings
from domain.account import Role

T = TypeVar("T")


def add_players(server: BenchServer, count: int) -> list[int]:
    """Create players; returns their user ids."""

    async def add(container: Container) -> list[int]:
        def work(stores: Stores) -> list[int]:
            commands = (
                SignUpCommand(site_id=f"bench{number}", nickname="bench", password="")
                for number in range(count)
            )
            clock = container.clock()
            return [
                add_account(stores, command, "", Role.PLAYER, clock.now()).user_id
                for command in commands
            ]

        unit_of_work: UnitOfWork = container.unit_of_work()
        return await unit_of_work.write(work)

    return _run(server, add)


def issue_token(server: BenchServer, user_id: int, role: Role = Role.PLAYER) -> str:
    """Access token that the server accepts."""
    container = _container(server)
    now = container.clock().now()
    caller = Caller(
        user_id=user_id, login_id=f"bench{user_id}", role=role, expires_at=now + timedelta(hours=1)
    )
    return container.tokens().issue(caller, now)


def make_operator(server: BenchServer, user_id: int) -> None:
    """Give an account the admin role."""

    async def promote(container: Container) -> None:
        unit_of_work: UnitOfWork = container.unit_of_work()
        await unit_of_work.write(lambda stores: stores.accounts.set_role(user_id, Role.ADMIN))

    _run(server, promote)


def rename_players(server: BenchServer, user_ids: list[int], times: int) -> int:
    """Change the nickname of each player; returns the last sequence number of each."""

    async def rename(container: Container) -> int:
        update_profile = container.update_profile()
        for number in range(times):
            command = UpdateProfileCommand(nickname=f"bench {number}")
            results = await asyncio.gather(
                *(update_profile.execute(Actor(user_id=user_id), command) for user_id in user_ids)
            )
        return results[-1].events[-1].seq

    return _run(server, rename)


def journal_epoch(server: BenchServer) -> str:
    """Epoch of the server's journal."""

    async def read(container: Container) -> str:
        unit_of_work: UnitOfWork = container.unit_of_work()
        return await unit_of_work.read(lambda stores: stores.journal.epoch())

    return _run(server, read)


def _run(server: BenchServer, action: Callable[[Container], Awaitable[T]]) -> T:
    async def run() -> T:
        container = _container(server)
        async with database_open(container):
            return await action(container)

    return asyncio.run(run())


def _container(server: BenchServer) -> Container:
    return build_container(
        Settings(database_url=server.database_url, jwt_secret=SecretStr(server.jwt_secret))
    )
