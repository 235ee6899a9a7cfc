"""The command `synchub`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import attrs
import click

from adapters.inbound.cli.reference import error_reference
from adapters.inbound.cli.schemas import write_schemas
from adapters.inbound.cli.smoke import smoke
from application.ports.storage.unit_of_work import StorageUnavailable
from bootstrap.container import Container, build_container
from bootstrap.dev import DEV_ACCOUNTS, seed_dev_accounts
from bootstrap.lifecycle import database_open
from bootstrap.logs import configure_logs
from bootstrap.server import check_workers
from bootstrap.server import serve as run_server
from bootstrap.settings import Environment, Settings, SettingsError, load_settings
from bootstrap.workers import PortTaken
from domain.errors import DomainError

T = TypeVar("T")


@click.group()
@click.version_option(package_name="unified-sync-hub")
@click.pass_context
def main(context: click.Context) -> None:
    """Unified Sync Hub: what is committed is delivered."""
    try:
        context.obj = load_settings()
    except SettingsError as error:
        raise click.ClickException(f"wrong settings\n{error}") from error
    configure_logs(context.obj)


@main.command()
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that share the port.")
@click.pass_obj
def serve(settings: Settings, workers: int | None) -> None:
    """Serve HTTP and WebSockets until told to stop."""
    if workers is not None:
        settings = attrs.evolve(settings, workers=workers)
    try:
        check_workers(settings)
    except SettingsError as error:
        raise click.ClickException(f"wrong settings\n{error}") from error
    if settings.env is Environment.DEV:
        _with_database(settings, seed_dev_accounts)
        click.echo(_welcome(settings))
    else:
        _with_database(settings, _nothing)
    try:
        sys.exit(run_server(settings))
    except PortTaken as error:
        raise click.ClickException(str(error)) from error


@main.command("create-admin")
@click.argument("site_id")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def create_admin(settings: Settings, site_id: str, password_stdin: bool) -> None:
    """Make SITE_ID an operator, with a new password; opens the account if there is none."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)

    async def create(container: Container) -> bool:
        return await container.create_admin().execute(site_id, password)

    try:
        created = _with_database(settings, create)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{site_id} is an operator now" + ("" if created else ", with a new password"))


@main.command("renew-epoch")
@click.pass_obj
def renew_epoch(settings: Settings) -> None:
    """After a backup was restored: let all devices start afresh."""

    async def renew(container: Container) -> str:
        return await container.renew_epoch().execute()

    click.echo(f"the journal's epoch is {_with_database(settings, renew)} now")


@main.command("smoke")
@click.option("--url", help="Base URL of the server; by default the one that `serve` listens on.")
@click.option("--site-id", default="smoke", show_default=True)
@click.option("--password", envvar="SYNCHUB_SMOKE_PASSWORD", default="smoke-test-password")
@click.pass_obj
def smoke_command(settings: Settings, url: str | None, site_id: str, password: str) -> None:
    """Sign in (up, where needed), connect, spin; succeed if the event of that spin arrives."""
    base = url or f"http://{settings.host}:{settings.port}"
    sys.exit(asyncio.run(smoke(base, site_id, password, click.echo)))


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default="schemas")
def schemas(folder: Path) -> None:
    """Write the JSON Schemas of all frames into FOLDER."""
    for path in write_schemas(folder):
        click.echo(path)


@main.command()
def errors() -> None:
    """Print the reference of all error codes, as it is in docs/errors.md."""
    click.echo(error_reference(), nl=False)


def _with_database(settings: Settings, action: Callable[[Container], Awaitable[T]]) -> T:
    async def run() -> T:
        container = build_container(settings)
        async with database_open(container):
            return await action(container)

    try:
        return asyncio.run(run())
    except StorageUnavailable as error:
        raise click.ClickException(f"the database cannot be used: {error}") from error


async def _nothing(_: Container) -> None:
    """Opening the database is enough: what is wrong with it is said in one line, not by a server
    that fails to start."""


def _welcome(settings: Settings) -> str:
    base = f"http://{settings.host}:{settings.port}"
    lines = [f"Unified Sync Hub on {base} (development)", ""]
    lines += [
        f"  {account.role:<7} {account.site_id}  {account.password}" for account in DEV_ACCOUNTS
    ]
    lines += [
        "",
        f"  page     {base}/",
        f"  API      {base}/schema",
        f"  sync     ws{base[4:]}/api/realtime/sync?token=...",
        f"  monitor  ws{base[4:]}/api/games/ws/monitor?token=...",
        f"  metrics  {base}/metrics",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
