"""`synchub schemas` and `synchub errors`: the documents that are made from the code."""

from pathlib import Path

import click

from adapters.inbound.cli.reference import error_reference
from adapters.inbound.cli.schemas import write_schemas
from bootstrap.server.app import openapi_document


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default="schemas")
def schemas(folder: Path) -> None:
    """Write the JSON Schemas of all frames, and the OpenAPI document, into FOLDER."""
    for path in write_schemas(folder, openapi_document()):
        click.echo(path)


@click.command()
def errors() -> None:
    """Print the reference of all error codes, as it is in docs/errors.md."""
    click.echo(error_reference(), nl=False)
