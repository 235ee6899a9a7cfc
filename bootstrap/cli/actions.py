"""What the commands of `synchub` share: the database, and an entry in the audit log."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from adapters.outbound.sql.failures import DriverError
from application.ports.storage.unit_of_work import StorageUnavailable
from bootstrap.container import Container, build_container
from bootstrap.server.lifecycle import database_open
from bootstrap.settings.settings import Settings
from domain.audit import AuditRecord

T = TypeVar("T")


def with_database(settings: Settings, action: Callable[[Container], Awaitable[T]]) -> T:
    """Run an action on a database that is up to date."""

    async def run() -> T:
        container = build_container(settings)
        async with database_open(container):
            return await action(container)

    try:
        return asyncio.run(run())
    except (StorageUnavailable, *DriverError) as error:
        raise click.ClickException(f"the database cannot be used: {error}") from error


async def audited(container: Container, name: str, target: str, action: Awaitable[T]) -> T:
    """Run an action of an operator who has the command line."""
    clock, actor = container.clock(), f"cli:{_user_name()}"

    def describe(outcome: str) -> AuditRecord:
        return AuditRecord(
            at=clock.now(), actor=actor, action=name, target=target[:200], outcome=outcome
        )

    return await container.audit_trail().run(describe, action)


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have no name for its user
        return str(os.getuid())
