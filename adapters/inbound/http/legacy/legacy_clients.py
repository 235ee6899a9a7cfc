"""The plugin that serves deployed clients."""

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

from litestar import Response
from litestar.config.app import AppConfig
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import InitPlugin, ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from prometheus_client import CollectorRegistry, Counter

from adapters.inbound.access.legacy_policy import LegacyPolicy
from adapters.inbound.http.legacy.answers import has_old_names, with_old_names
from adapters.inbound.http.legacy.bodies import BODIES
from adapters.inbound.http.legacy.calls import SUCCESSOR, calls_router
from adapters.inbound.http.legacy.legacy_request import COUNT, LegacyRequest
from adapters.inbound.http.legacy.schemas import OldSchemas

AnyResponse = Response[Any]


class LegacyClients(InitPlugin, ReceiveRoutePlugin):
    """Adds the calls of old, and puts the names of old into our own calls: by the types of their
    bodies and answers, so that handlers know nothing of it. Does nothing if the policy says so."""

    def __init__(self, policy: LegacyPolicy, registry: CollectorRegistry) -> None:
        self._policy = policy
        self._calls = Counter(
            "synchub_legacy_calls",
            "Calls of old, and bodies with names of old or unknown ones.",
            ["call"],
            registry=registry,
        )

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Called by Litestar before it registers routes."""
        if self._policy.enabled:
            app_config.route_handlers = [*app_config.route_handlers, calls_router()]
            app_config.plugins = [OldSchemas(), *app_config.plugins]
        return app_config

    def receive_route(self, route: BaseRoute) -> None:
        """Called by Litestar for each route."""
        if not self._policy.enabled or not isinstance(route, HTTPRoute):
            return
        for handler in route.route_handlers:
            methods = "/".join(sorted(handler.http_methods - {"OPTIONS"}))
            self._adapt(handler, f"{methods} {route.path}")

    def _adapt(self, handler: HTTPRouteHandler, call: str) -> None:
        body = handler.parsed_data_field
        if body is not None and body.annotation in BODIES:
            handler.request_class = LegacyRequest
            handler.opt = {**handler.opt, COUNT: self._calls.labels(call).inc}
        successor = handler.opt.get(SUCCESSOR)
        if successor is not None:
            headers = self._policy.headers(successor).items()
            handler.response_headers = [
                *(handler.response_headers or ()),
                *(ResponseHeader(name=name, value=value) for name, value in headers),
            ]
            handler.after_request = partial(_counted, self._calls.labels(call).inc)
        elif _answers_old_names(handler):
            handler.after_request = _with_old_names


def _answers_old_names(handler: HTTPRouteHandler) -> bool:
    kind = handler.parsed_fn_signature.return_type.annotation
    return has_old_names(kind) or any(map(has_old_names, get_args(kind)))


async def _with_old_names(response: AnyResponse) -> AnyResponse:
    response.content = with_old_names(response.content)
    return response


async def _counted(count: Callable[[], None], response: AnyResponse) -> AnyResponse:
    count()
    return await _with_old_names(response)
