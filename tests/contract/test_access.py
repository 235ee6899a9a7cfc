"""Every route declares its access, and callers without it are refused."""

import re
from typing import Any

import httpx
import pytest
from litestar import Litestar, Router, get
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler, HTTPRouteHandler
from litestar.testing import TestClient

from adapters.inbound.access.guards import OPERATOR, PLAYER, Access, declared_access
from adapters.inbound.errors.problem_details import PROBLEM_HANDLERS
from bootstrap.container import build_container
from bootstrap.server.app import build_app
from bootstrap.settings.settings import Settings
from tests.support.client import Client
from tests.support.node import Node
from tests.support.routes import routes

PUBLIC_PATHS = {
    "/",
    "/.well-known/jwks.json",
    "/api/auth/login",
    "/api/auth/refresh",
    "/api/auth/signup",
}
"""Beside the files of the page."""

PROBES = {"/health/live", "/health/ready"}

MANAGEMENT_PREFIXES = ("/metrics", "/schema", "/api-docs")

OPERATOR_PREFIXES = ("/api/admin/", "/api/games/ws/monitor")


def label(path: str, handler: BaseRouteHandler) -> str:
    return " ".join([*sorted(getattr(handler, "http_methods", ["WebSocket"])), path])


ROUTES = sorted(routes(build_app(build_container(Settings()))), key=lambda route: label(*route))


@pytest.mark.parametrize(
    ("path", "handler"), ROUTES, ids=[label(path, handler) for path, handler in ROUTES]
)
def test_every_route_declares_its_access(path: str, handler: BaseRouteHandler) -> None:
    """Each route has the access that this file expects, so a route opened by mistake fails."""
    if path in PUBLIC_PATHS or path.startswith("/static"):
        expected = Access.PUBLIC
    elif path in PROBES:
        expected = Access.PROBE
    elif path.startswith(MANAGEMENT_PREFIXES):
        expected = Access.MANAGEMENT
    elif path.startswith(OPERATOR_PREFIXES):
        expected = Access.OPERATOR
    else:
        expected = Access.PLAYER
    assert declared_access(handler) is expected


def test_all_kinds_of_routes_are_walked() -> None:
    """HTTP calls and WebSockets are among the routes."""
    paths = {path for path, _ in ROUTES}
    assert {*PUBLIC_PATHS, *PROBES, "/metrics", "/api/games/slot/spin"} <= paths
    assert {"/api/admin/announce", "/api/games/ws/monitor"} <= paths
    kinds = {type(handler) for _, handler in ROUTES}
    assert {HTTPRouteHandler, ASGIRouteHandler} <= {base for k in kinds for base in k.__mro__}


CALLS = [
    (path, method)
    for path, handler in ROUTES
    if isinstance(handler, HTTPRouteHandler)
    and declared_access(handler) in (Access.PLAYER, Access.OPERATOR)
    for method in sorted(handler.http_methods)
]


@pytest.mark.parametrize(("path", "method"), CALLS, ids=[f"{m} {p}" for p, m in CALLS])
async def test_a_stranger_is_refused(http: httpx.AsyncClient, path: str, method: str) -> None:
    """Without a token the answer is 401, before the body is read."""
    answer = await http.request(method, re.sub(r"{.*?}", "1", path), content=b"no json")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


async def test_a_player_is_no_operator(player: Client) -> None:
    """A valid token of a player gets 403."""
    answer = await player.http.post(
        "/api/admin/announce",
        json={"message": "hello"},
        headers={"Authorization": f"Bearer {player.access_token}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "admin_only")


def small_app(*handlers: Any) -> Litestar:
    """Routes of a test behind the product's guard."""
    guard = build_container(Settings()).access_control().guard()
    return Litestar(handlers, guards=[guard], exception_handlers=PROBLEM_HANDLERS)


def test_a_route_without_a_declaration_is_refused() -> None:
    """Everybody gets 403, so that it is noticed at the first call."""

    @get("/forgotten")
    async def forgotten() -> str:
        return "secret"

    with TestClient(small_app(forgotten)) as client:
        answer = client.get("/forgotten")
    assert (answer.status_code, answer.json()["code"]) == (403, "no_access_declared")


async def test_the_closest_declaration_counts(node: Node, player: Client, admin: Client) -> None:
    """An operator's route below a router for players stays an operator's."""

    @get("/inner", **OPERATOR)
    async def inner() -> str:
        return "for operators"

    guard = node.container.access_control().guard()
    router = Router("/outer", route_handlers=[inner], **PLAYER)
    app = Litestar([router], guards=[guard], exception_handlers=PROBLEM_HANDLERS)
    with TestClient(app) as client:
        statuses = [
            client.get("/outer/inner", headers={"Authorization": f"Bearer {token}"}).status_code
            for token in (player.access_token, admin.access_token)
        ]
    assert statuses == [403, 200]
