"""`synchub audit`: the audit log on the command line."""

import json
import sys
from collections.abc import Sequence

import attrs
import click

from application.use_cases.audit.read_audit_log import MAX_ENTRIES, EntriesShown, EntryShown
from application.use_cases.audit.verify_audit_log import Verdict
from bootstrap.cli.actions import with_database
from bootstrap.container import Container
from bootstrap.settings.settings import Settings
from domain.audit import AuditHead
from domain.errors import InvalidInput


@click.group("audit")
def audit_commands() -> None:
    """Read and verify the log of what operators did."""


@audit_commands.command()
@click.option("--head", help="A head that was printed or logged before, as <number>:<seal>.")
@click.pass_obj
def verify(settings: Settings, head: str | None) -> None:
    """Exit with 0 if no entry was changed, removed or inserted, else with 1.

    Whoever can write to the database can cut the log at its end. Only a head that was noted
    elsewhere shows that: give it as --head.
    """
    try:
        noted = None if head is None else AuditHead.parse(head)
    except InvalidInput as error:
        raise click.BadParameter(str(error), param_hint="--head") from error

    async def run(container: Container) -> Verdict:
        return await container.verify_audit_log().execute(noted)

    verdict = with_database(settings, run)
    if verdict.flaw is not None:
        click.echo(f"entry {verdict.number}: {verdict.flaw}")
        sys.exit(1)
    click.echo(f"whole, {verdict.head.number} entries; head {verdict.head}")


@audit_commands.command("list")
@click.option("--after", type=click.IntRange(0), default=0, help="Begin behind this number.")
@click.pass_obj
def list_entries(settings: Settings, after: int) -> None:
    """Print all entries, one JSON object a line."""

    async def run(container: Container) -> None:
        last = after
        while shown := (await _read(container, last, MAX_ENTRIES)).entries:
            _print(shown)
            last = shown[-1].number

    with_database(settings, run)


@audit_commands.command()
@click.option("-n", "count", type=click.IntRange(1, MAX_ENTRIES), default=20, show_default=True)
@click.pass_obj
def tail(settings: Settings, count: int) -> None:
    """Print the latest entries."""

    async def run(container: Container) -> None:
        _print((await _read(container, None, count)).entries)

    with_database(settings, run)


async def _read(container: Container, after: int | None, limit: int) -> EntriesShown:
    return await container.read_audit_log().execute(after, limit)


def _print(entries: Sequence[EntryShown]) -> None:
    for entry in entries:
        click.echo(json.dumps(attrs.asdict(entry), default=str))
