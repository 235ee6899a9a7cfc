"""`synchub serve`."""

import sys

import attrs
import click

from bootstrap.cli.actions import with_database
from bootstrap.cli.dev_accounts import DEV_ACCOUNTS, open_dev_accounts, seed_dev_accounts
from bootstrap.server.node_server import check_workers
from bootstrap.server.node_server import serve as run_server
from bootstrap.server.ports import PortTaken
from bootstrap.settings.choices import Environment
from bootstrap.settings.explain import SettingsError
from bootstrap.settings.settings import Settings


@click.command()
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
