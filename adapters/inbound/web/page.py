"""Serves the page."""

from collections.abc import Sequence
from pathlib import Path

import swagger_ui
from litestar import MediaType, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.static_files import create_static_files_router

_STATIC = Path(__file__).with_name("static")
_SWAGGER_UI = Path(swagger_ui.__path__[0], "static")

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


API_DOCS_PATH = "/api-docs"
"""Where Swagger UI's own files are, which the page at `/schema` loads."""

WEB_HANDLERS: Sequence[HTTPRouteHandler | Router] = [
    get_page,
    create_static_files_router("/static", directories=[_STATIC], include_in_schema=False),
    create_static_files_router(
        API_DOCS_PATH, directories=[_SWAGGER_UI], include_in_schema=False, name="api-docs"
    ),
]
