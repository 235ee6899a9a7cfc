"""Serves the page at `/`, its static files and those of the API docs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import swagger_ui
from litestar import MediaType, Request, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.static_files import create_static_files_router

from adapters.inbound.access.guards import MANAGEMENT, PUBLIC, Declaration

API_DOCS_PATH = "/api-docs"
"""Path of the static files of Swagger UI; the page at `/schema` loads them."""

_STATIC = Path(__file__).with_name("static")
_API_DOCS = Path(__file__).with_name("api_docs")
_SWAGGER_UI = Path(swagger_ui.__path__[0], "static")
_LONGEST_PATH = 200

REVALIDATE = CacheControlHeader(no_cache=True)
"""Public files: kept by browsers and proxies, and checked for changes before each use."""


@get(
    "/",
    media_type=MediaType.HTML,
    include_in_schema=False,
    sync_to_thread=False,
    cache_control=REVALIDATE,
    **PUBLIC,
)
def get_page() -> str:
    """The demo page."""
    return (_STATIC / "index.html").read_text("utf-8")


async def _check_file_path(request: Request[Any, Any, Any]) -> None:
    """404 for paths that are too long or unprintable: for these, opening the file raises an OSError
    or ValueError, which would be an internal error."""
    path = str(request.path_params["file_path"])
    if len(path) > _LONGEST_PATH or not path.isprintable():
        raise NotFoundException


def _files(path: str, folders: Sequence[Path], declaration: Declaration) -> Router:
    return create_static_files_router(
        path,
        directories=[*folders],
        include_in_schema=False,
        before_request=_check_file_path,
        name=path,
        opt=declaration["opt"],
        cache_control=REVALIDATE,
    )


WEB_HANDLERS: Sequence[HTTPRouteHandler | Router] = [
    get_page,
    _files("/static", [_STATIC], PUBLIC),
    _files(API_DOCS_PATH, [_API_DOCS, _SWAGGER_UI], MANAGEMENT),
]
