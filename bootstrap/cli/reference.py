"""`synchub schemas` and `synchub errors`: the documents that are made from the code."""

from pathlib import Path

import click

from adapters.inbound.cli.reference import error_reference
from adapters.inbound.cli.schemas import write_schemas
from bootstrap.container import build_container
from bootstrap.server.app import build_app
from bootstrap.server.contract import contract_documents
from bootstrap.settings.settings import Settings


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default="schemas")
def schemas(folder: Path) -> None:
    """Write OpenAPI, AsyncAPI and the JSON Schemas of all frames into FOLDER."""
    app = build_app(build_container(Settings()))
    documents = {path: render(app) for path, render in contract_documents().items()}
    for path in write_schemas(folder, documents):
        click.echo(path)


@click.command()
def errors() -> None:
    """Print the reference of all error codes, as it is in docs/errors.md."""
    click.echo(error_reference(), nl=False)
