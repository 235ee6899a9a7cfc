"""`synchub smoke`."""

import asyncio
import sys

import click

from adapters.inbound.cli.smoke import smoke
from bootstrap.settings.settings import Settings


@click.command("smoke")
@click.option("--url", help="Base URL of the server; by default the one that `serve` listens on.")
@click.option("--site-id", default="smoke", show_default=True)
@click.option("--password", envvar="SYNCHUB_SMOKE_PASSWORD", default="smoke-test-password")
@click.pass_obj
def smoke_command(settings: Settings, url: str | None, site_id: str, password: str) -> None:
    """Sign in (up, where needed), connect, spin; succeed if the event of that spin arrives."""
    base = url or f"http://{settings.host}:{settings.port}"
    sys.exit(asyncio.run(smoke(base, site_id, password, click.echo)))
