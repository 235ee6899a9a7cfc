"""The documents of the realtime contract by path, as they are served and kept in `schemas/`."""

import json
from collections.abc import Callable, Mapping
from functools import partial

from adapters.wire.schemas.asyncapi.document import asyncapi_document, asyncapi_yaml
from adapters.wire.schemas.frame_schemas import schema_documents

Rendered = Callable[[], str]
"""Makes the text of a document."""


def realtime_documents() -> Mapping[str, Rendered]:
    """JSON Schemas and AsyncAPI."""
    return {
        **{path: partial(_schema, path) for path in schema_documents()},
        "asyncapi.json": lambda: as_json(asyncapi_document()),
        "asyncapi.yaml": asyncapi_yaml,
    }


def as_json(document: object) -> str:
    """The text of a document in JSON."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _schema(path: str) -> str:
    return as_json(schema_documents()[path])
