"""The Litestar application: handlers, and what they need, from the container."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dependency_injector.providers import Provider
from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from adapters.inbound.access.guards import MANAGEMENT
from adapters.inbound.errors.documented import ErrorResponses
from adapters.inbound.errors.problem_details import NO_STORE, PROBLEM_HANDLERS
from adapters.inbound.http.operator.audit import audit_router
from adapters.inbound.http.operator.notices import operators_router
from adapters.inbound.http.operator.users import users_router
from adapters.inbound.http.player.accounts import accounts_router
from adapters.inbound.http.player.fairness import fairness_router
from adapters.inbound.http.player.games import games_router
from adapters.inbound.http.player.profile import players_router
from adapters.inbound.http.player.shop import shop_router
from adapters.inbound.http.realtime.realtime_calls import realtime_router
from adapters.inbound.http.request.json_body import CommandSchemas, JsonRequest
from adapters.inbound.http.request.open_enums import OpenEnumSchemas
from adapters.inbound.http.request.request_context import bind_request_id
from adapters.inbound.http.service.key_set import KEY_SET_HANDLERS
from adapters.inbound.http.service.operations import OPERATIONS_HANDLERS
from adapters.inbound.pages.api_docs_page import ApiDocsPage
from adapters.inbound.pages.page import WEB_HANDLERS
from adapters.inbound.server.cors import METHODS, PREFLIGHT_S, REQUEST_HEADERS, RESPONSE_HEADERS
from bootstrap.container import Container, build_container
from bootstrap.server.lifecycle import node_running
from bootstrap.settings.settings import Settings


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
            fairness_router,
            shop_router,
            players_router,
            operators_router,
            users_router,
            audit_router,
            realtime_router,
            *KEY_SET_HANDLERS,
            *OPERATIONS_HANDLERS,
            *container.socket_endpoints().handlers(),
            *WEB_HANDLERS,
        ],
        dependencies=_dependencies(container),
        exception_handlers=PROBLEM_HANDLERS,
        cors_config=_cors(container.settings()),
        response_headers=NO_STORE,  # unless a route says otherwise
        before_request=bind_request_id,
        guards=[container.access_control().guard(), container.rate_guard().guard()],
        plugins=[
            container.legacy_clients(),  # first, for it adds to what others make
            CommandSchemas(),
            OpenEnumSchemas(),
            ErrorResponses(),
            container.operator_audit(),
        ],
        request_class=JsonRequest,
        lifespan=[lifespan],
        request_max_body_size=container.settings().limits.body_bytes,
        openapi_config=_openapi(),
        logging_config=None,
    )


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document. No setting changes it: it is the same on every node."""
    return build_app(build_container(Settings())).openapi_schema.to_schema()


def _cors(settings: Settings) -> CORSConfig:
    return CORSConfig(
        allow_origins=list(settings.origins()),
        allow_methods=list(METHODS),
        allow_headers=list(REQUEST_HEADERS),
        allow_credentials=True,
        expose_headers=list(RESPONSE_HEADERS),
        max_age=PREFLIGHT_S,
    )


def _dependencies(container: Container) -> dict[str, Provide]:
    """Handlers may ask for any part of the container by its name there."""
    return {name: _provide(provider) for name, provider in container.providers.items()}


class _Part(Provide):
    """A part of the container, equal to itself only. Litestar compares each part with each other
    one for every route; comparing their contents took most of the time in which a node starts."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__


def _provide(provider: Provider[Any]) -> Provide:
    def resolve() -> Any:
        return provider()

    return _Part(resolve, sync_to_thread=False)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        render_plugins=[ApiDocsPage(path="/")],
        title="Unified Sync Hub",
        version="1",
        openapi_router=Router(
            "/schema", route_handlers=[], opt=MANAGEMENT["opt"], include_in_schema=False
        ),
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
            }
        ),
    )
