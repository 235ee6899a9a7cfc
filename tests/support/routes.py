"""All routes of an application, for tests that walk them."""

from collections.abc import Iterator, Sequence

from litestar import Litestar
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute


def routes(app: Litestar) -> Iterator[tuple[str, BaseRouteHandler]]:
    """Every path with each of its handlers, except the OPTIONS that Litestar adds."""
    for route in app.routes:
        handlers: Sequence[BaseRouteHandler] = (
            route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        )
        for handler in handlers:
            if getattr(handler, "http_methods", None) != {"OPTIONS"}:
                yield route.path, handler
