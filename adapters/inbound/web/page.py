"""Serves the page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.static_files import create_static_files_router

_STATIC = Path(__file__).with_name("static")
_LONGEST_PATH = 200

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@get("/", media_type=MediaType.HTML, include_in_schema=False, sync_to_thread=False)
def get_page() -> Response[str]:
    """What a newcomer sees first."""
    text = (_STATIC / "index.html").read_text("utf-8")
    return Response(text, media_type=MediaType.HTML, headers=PAGE_HEADERS)


async def _refuse_odd_names(request: Request[Any, Any, Any]) -> None:
    """No file has such a name, and asking the operating system for one is an error."""
    path = str(request.path_params["file_path"])
    if len(path) > _LONGEST_PATH or not path.isprintable():
        raise NotFoundException


WEB_HANDLERS: Sequence[HTTPRouteHandler | Router] = [
    get_page,
    create_static_files_router(
        "/static",
        directories=[_STATIC],
        include_in_schema=False,
        before_request=_refuse_odd_names,
    ),
]
