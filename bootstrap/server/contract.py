"""The documents of the published contract: OpenAPI, AsyncAPI, and the JSON Schemas of frames.

No setting changes them: they are the same on every node, and in `schemas/`.
"""

from collections.abc import Callable, Mapping
from functools import partial

from litestar import Litestar

from adapters.inbound.http.openapi.document import api_document
from adapters.wire.schemas.documents import Rendered, as_json, realtime_documents


def contract_documents() -> Mapping[str, Callable[[Litestar], str]]:
    """All documents by path below `/schema`; each is made from the application."""
    realtime = realtime_documents()
    return {
        "openapi.json": lambda app: as_json(api_document(app)),
        **{path: partial(_of_any_application, render) for path, render in realtime.items()},
    }


def _of_any_application(render: Rendered, _: Litestar) -> str:
    return render()
