"""The command `synchub`."""

import click

from bootstrap.cli.accounts import create_admin, set_password
from bootstrap.cli.audit import audit_commands
from bootstrap.cli.journal import renew_epoch
from bootstrap.cli.reference import errors, schemas
from bootstrap.cli.serve import serve
from bootstrap.cli.smoke import smoke_command
from bootstrap.logs import configure_logs
from bootstrap.settings.explain import SettingsError
from bootstrap.settings.load import load_settings

COMMANDS = (
    serve,
    create_admin,
    set_password,
    renew_epoch,
    smoke_command,
    schemas,
    errors,
    audit_commands,
)


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


for command in COMMANDS:
    main.add_command(command)


if __name__ == "__main__":
    main()
