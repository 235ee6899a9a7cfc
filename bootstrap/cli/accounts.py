"""`synchub create-admin` and `synchub set-password`: accounts on the command line."""

import sys

import click

from bootstrap.cli.actions import audited, with_database
from bootstrap.container import Container
from bootstrap.server.lifecycle import broadcaster_open
from bootstrap.settings.settings import Settings
from domain.errors import DomainError


@click.command("create-admin")
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


@click.command("set-password")
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


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
