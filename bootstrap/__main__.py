"""The command `synchub`."""

import asyncio
import sys
from pathlib import Path

import attrs
import click

from adapters.inbound.cli.reference import error_reference
from adapters.inbound.cli.schemas import write_schemas
from adapters.inbound.cli.smoke import smoke
from bootstrap.app import build_app
from bootstrap.audit_commands import audit_commands
from bootstrap.commands import audited, with_database
from bootstrap.container import Container, build_container
from bootstrap.contract import contract_documents
from bootstrap.dev import DEV_ACCOUNTS, open_dev_accounts, seed_dev_accounts
from bootstrap.lifecycle import broadcaster_open
from bootstrap.logs import configure_logs
from bootstrap.ports import PortTaken
from bootstrap.server import check_workers
from bootstrap.server import serve as run_server
from bootstrap.settings.choices import Environment
from bootstrap.settings.explain import SettingsError
from bootstrap.settings.load import load_settings
from bootstrap.settings.settings import Settings
from domain.errors import DomainError


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
        with_database(settings, seed_dev_accounts)
        click.echo(_welcome(settings))
    elif opened := with_database(settings, open_dev_accounts):
        raise click.ClickException(_opened(opened))
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
    password = _read_password(password_stdin)

    async def create(container: Container) -> bool:
        async with broadcaster_open(container):
            action = container.create_admin().execute(site_id, password)
            return await audited(container, "create-admin", f"site_id={site_id}", action)

    try:
        created = with_database(settings, create)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{site_id} is an operator now" + ("" if created else ", with a new password"))


@main.command("set-password")
@click.argument("site_id")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def set_password(settings: Settings, site_id: str, password_stdin: bool) -> None:
    """Give SITE_ID a new password, and end its logins."""
    password = _read_password(password_stdin)

    async def replace(container: Container) -> None:
        async with broadcaster_open(container):
            action = container.set_password().execute(site_id, password)
            await audited(container, "set-password", f"site_id={site_id}", action)

    try:
        with_database(settings, replace)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{site_id} has a new password")


@main.command("renew-epoch")
@click.pass_obj
def renew_epoch(settings: Settings) -> None:
    """After a backup was restored: let all devices start afresh."""

    async def renew(container: Container) -> str:
        return await audited(container, "renew-epoch", "", container.renew_epoch().execute())

    click.echo(f"the journal's epoch is {with_database(settings, renew)} now")


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
    """Write OpenAPI, AsyncAPI and the JSON Schemas of all frames into FOLDER."""
    app = build_app(build_container(Settings()))
    documents = {path: render(app) for path, render in contract_documents().items()}
    for path in write_schemas(folder, documents):
        click.echo(path)


@main.command()
def errors() -> None:
    """Print the reference of all error codes, as it is in docs/errors.md."""
    click.echo(error_reference(), nl=False)


main.add_command(audit_commands)


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _opened(site_ids: list[str]) -> str:
    """What to do with accounts that everybody can sign in to."""
    lines = [
        f"the account {site_id} has the password that SYNCHUB_ENV=dev gave it, which everybody "
        f"knows: run `synchub set-password {site_id}`"
        for site_id in site_ids
    ]
    return "\n".join(["unsafe accounts", *lines])


def _welcome(settings: Settings) -> str:
    base = f"http://{settings.host}:{settings.port}"
    management = base
    if port := settings.management_port():
        management = f"http://{settings.management.host}:{port}"
    lines = [f"Unified Sync Hub on {base} (development)", ""]
    lines += [
        f"  {account.role:<7} {account.site_id}  {account.password}" for account in DEV_ACCOUNTS
    ]
    lines += [
        "",
        f"  page     {base}/",
        f"  API      {management}/schema",
        f"  sync     ws{base[4:]}/api/realtime/sync",
        f"  monitor  ws{base[4:]}/api/games/ws/monitor",
        f"  metrics  {management}/metrics",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
