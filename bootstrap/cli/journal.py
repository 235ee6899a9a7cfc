"""`synchub renew-epoch`."""

import click

from bootstrap.cli.actions import audited, with_database
from bootstrap.container import Container
from bootstrap.settings.settings import Settings


@click.command("renew-epoch")
@click.pass_obj
def renew_epoch(settings: Settings) -> None:
    """After a backup was restored: let all devices start afresh."""

    async def renew(container: Container) -> str:
        return await audited(container, "renew-epoch", "", container.renew_epoch().execute())

    click.echo(f"the journal's epoch is {with_database(settings, renew)} now")
