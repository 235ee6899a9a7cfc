"""The Litestar application: handlers, and what they need, from the container."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dependency_injector.providers import Provider
from litestar import Litestar, Router
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from adapters.inbound.access.guards import PUBLIC
from adapters.inbound.errors.documented import ErrorResponses
from adapters.inbound.errors.problem_details import PROBLEM_HANDLERS
from adapters.inbound.http.accounts import accounts_router
from adapters.inbound.http.games import games_router
from adapters.inbound.http.json_body import CommandSchemas, JsonRequest
from adapters.inbound.http.operations import OPERATIONS_HANDLERS
from adapters.inbound.http.operators import operators_router
from adapters.inbound.http.players import players_router
from adapters.inbound.http.realtime import realtime_router
from adapters.inbound.http.request_context import bind_request_id
from adapters.inbound.http.shop import shop_router
from adapters.inbound.pages.page import API_DOCS_PATH, WEB_HANDLERS
from bootstrap.container import Container
from bootstrap.lifecycle import node_running

MAX_BODY_BYTES = 64 * 1024


def build_app(container: Container) -> Litestar:
    """The ASGI application of one node; its lifespan starts and stops the node's parts."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with node_running(container):
            yield

    return Litestar(
        route_handlers=[
            accounts_router,
            games_router,
            shop_router,
            players_router,
            operators_router,
            realtime_router,
            *OPERATIONS_HANDLERS,
            *container.socket_endpoints().handlers(),
            *WEB_HANDLERS,
        ],
        dependencies=_dependencies(container),
        exception_handlers=PROBLEM_HANDLERS,
        before_request=bind_request_id,
        guards=[container.access_control().guard()],
        plugins=[CommandSchemas(), ErrorResponses()],
        request_class=JsonRequest,
        lifespan=[lifespan],
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=_openapi(),
        logging_config=None,
    )


def _dependencies(container: Container) -> dict[str, Provide]:
    """Handlers may ask for any part of the container by its name there."""
    return {name: _provide(provider) for name, provider in container.providers.items()}


def _provide(provider: Provider[Any]) -> Provide:
    def resolve() -> Any:
        return provider()

    return Provide(resolve, sync_to_thread=False)


def _openapi() -> OpenAPIConfig:
    docs = SwaggerRenderPlugin(
        path="/",
        js_url=f"{API_DOCS_PATH}/swagger-ui-bundle.js",
        css_url=f"{API_DOCS_PATH}/swagger-ui.css",
        standalone_preset_js_url=f"{API_DOCS_PATH}/swagger-ui-standalone-preset.js",
        favicon='<link rel="icon" href="/static/favicon.svg" type="image/svg+xml">',
    )
    return OpenAPIConfig(
        render_plugins=[docs],
        title="Unified Sync Hub",
        version="1",
        openapi_router=Router(
            "/schema", route_handlers=[], opt=PUBLIC["opt"], include_in_schema=False
        ),
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
            }
        ),
    )
