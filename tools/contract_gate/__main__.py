"""The commands: `python -m tools.contract_gate check` and `release`."""

import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import click

from tools.contract_gate.documents import read_documents
from tools.contract_gate.gate import Report, check
from tools.contract_gate.releases import last_release, release
from tools.contract_gate.schema.errors import GateError

_folder = click.option(
    "--schemas",
    type=click.Path(file_okay=False, path_type=Path),
    default="schemas",
    help="The folder of the documents, with the releases in `released`.",
)


@click.group()
def main() -> None:
    """Whether deployed clients can go on with the documents as they are now."""


@main.command("check")
@_folder
def check_command(schemas: Path) -> None:
    """Compare the documents with those of the last release; fail if a client would break."""
    last = _last(schemas)
    if last is None:
        raise click.ClickException("there is no release to compare with: make release-contract")
    report = _report(schemas, last)
    if not report.is_compatible():
        sys.exit(1)
    click.echo(f"compatible with release {last.name}")


@main.command("release")
@_folder
@click.option(
    "--project", type=click.Path(dir_okay=False, path_type=Path), default="pyproject.toml"
)
def release_command(schemas: Path, project: Path) -> None:
    """Copy the documents to `released/<version>`, if they are compatible with the last release."""
    version = tomllib.loads(project.read_text("utf-8"))["project"]["version"]
    if not _report(schemas, _last(schemas)).is_compatible():
        sys.exit(1)
    try:
        click.echo(release(schemas, version))
    except GateError as error:
        raise click.ClickException(str(error)) from error


def _last(schemas: Path) -> Path | None:
    try:
        return last_release(schemas)
    except GateError as error:
        raise click.ClickException(str(error)) from error


def _report(schemas: Path, last: Path | None) -> Report:
    """Compare, and print what was found. Before the first release, documents must be readable."""
    released = {} if last is None else read_documents(last)
    report = check(released, read_documents(schemas), datetime.now(UTC).date())
    for finding in report.findings:
        click.echo(f"{finding}\n")
    for undecided in report.undecided:
        click.echo(f"{undecided}\n")
    if not report.is_compatible():
        found = f"{len(report.findings)} incompatible, {len(report.undecided)} undecided"
        base = f"release {last.name}" if last else "themselves"
        click.echo(f"compared with {base}: {found}; see docs/compatibility.md")
    return report


if __name__ == "__main__":
    main()
