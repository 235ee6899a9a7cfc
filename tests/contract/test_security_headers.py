"""Every answer has the security headers, and no personal one may be stored."""

import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from adapters.inbound.server.security_headers import security_headers
from bootstrap.container import build_container
from bootstrap.server.app import build_app
from bootstrap.settings.choices import Environment
from bootstrap.settings.protection import HttpSettings
from bootstrap.settings.settings import Settings
from tests.support.client import Client, http_client
from tests.support.node import Node, node_settings, running_node
from tests.support.raw_handshake import raw_handshake
from tests.support.routes import routes

HEADERS = security_headers(0)
FILES = {
    "/static/js/main.js": 200,
    "/static/favicon.svg": 200,
    "/static/nothing.js": 404,
    "/api-docs/swagger-ui.css": 200,
}


STORED = {"/": "no-cache", "/.well-known/jwks.json": "max-age=300, public"}
"""What may be stored: pages, and the public keys."""

CALLS = sorted(
    (method, re.sub(r"{.*?}", "1", path))
    for path, handler in routes(build_app(build_container(Settings())))
    if isinstance(handler, HTTPRouteHandler)
    for method in handler.http_methods
    if path != "/api/realtime/stream"  # does not end
)


def assert_headers(headers: httpx.Headers) -> None:
    for name, value in HEADERS:
        assert headers.get_list(name) == [value], name


@pytest.mark.parametrize(("method", "path"), CALLS, ids=map(" ".join, CALLS))
async def test_every_route(victim: Client, method: str, path: str) -> None:
    """Answers and refusals alike; only public files may be stored, and are checked before use."""
    answers = [await victim.http.request(method, path)]
    if method == "GET":  # other calls would do something
        answers.append(await victim.call(method, path))
    for answer in answers:
        assert_headers(answer.headers)
        stored = STORED.get(path, "no-store")
        assert answer.headers.get_list("cache-control") == [stored]


def test_calls_that_answer_are_among_them() -> None:
    """The walk covers personal answers, pages and files."""
    paths = {path for _, path in CALLS}
    assert {"/api/auth/me", "/", "/schema", "/metrics", "/static/1"} <= paths


async def test_answers_of_changes_are_not_stored(player: Client) -> None:
    """Those of games, and tickets."""
    for path, body in (("games/slot/spin", {"bet_amount": 1}), ("realtime/ticket", {})):
        answer = await player.call("POST", f"/api/{path}", body)
        assert answer.status_code == 200
        assert_headers(answer.headers)
        assert answer.headers.get_list("cache-control") == ["no-store"]


@pytest.mark.parametrize(("path", "status"), FILES.items())
async def test_files(http: httpx.AsyncClient, path: str, status: int) -> None:
    """They are revalidated; a file that does not exist now may exist later."""
    answer = await http.get(path)
    assert answer.status_code == status
    assert_headers(answer.headers)
    assert answer.headers["cache-control"] == ("no-cache" if status == 200 else "no-store")


@pytest.mark.parametrize("path", ["login", "signup", "refresh"])
async def test_tokens_are_not_stored(victim: Client, path: str) -> None:
    """Neither new tokens nor a refusal."""
    bodies: Mapping[str, object] = {
        "login": {"site_id": victim.site_id, "password": "correct horse battery"},
        "signup": {
            "site_id": "not-stored",
            "nickname": "Nick",
            "password": "correct horse battery",
        },
        "refresh": {"refresh_token": victim.refresh_token},
    }
    for body, status in ((bodies[path], 200), ({}, 422)):
        answer = await victim.http.post(f"/api/auth/{path}", json=body)
        assert answer.status_code == status
        assert answer.headers.get_list("cache-control") == ["no-store"]


async def test_a_stream_is_not_stored(victim: Client) -> None:
    """Nor are its headers missing."""
    async with victim.http.stream(
        "GET", "/api/realtime/stream", headers={"Authorization": f"Bearer {victim.access_token}"}
    ) as answer:
        assert_headers(answer.headers)
        assert answer.headers.get_list("cache-control") == ["no-store"]


@pytest.mark.parametrize("request_", ["OPTIONS /api/auth/me", "DELETE /nowhere", "GET /%ff"])
async def test_what_is_no_route(http: httpx.AsyncClient, request_: str) -> None:
    """The answers of the framework have them, too."""
    assert_headers((await http.request(*request_.split())).headers)


@pytest.mark.parametrize("path", ["/", "/schema"])
async def test_pages_have_nothing_that_the_policy_forbids(
    http: httpx.AsyncClient, path: str
) -> None:
    """No inline script or style, no handler in an attribute, nothing of another host."""
    page = (await http.get(path)).text
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", page) == []
    assert re.findall(r'(?:src|href)="(?!/|#)', page) == []


def test_the_policy_is_strict() -> None:
    """It allows no inline code, no eval, no foreign hosts, no frames."""
    policy = dict(HEADERS)["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert set(policy.replace(";", "").split()) & {"*", "http:", "https:", "ws:", "wss:"} == set()
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(("env", "sent"), [(Environment.PROD, True), (Environment.DEV, False)])
async def test_transport_security_is_for_production(
    tmp_path: Path, env: Environment, *, sent: bool
) -> None:
    """It is only said where the setting says that TLS is in front."""
    settings = node_settings(tmp_path, env=env, http=HttpSettings(hsts_s=60))
    async with running_node(settings) as node, http_client(node) as http:
        answer = await http.get("/health/live")
    assert answer.headers.get("strict-transport-security") == ("max-age=60" if sent else None)


async def test_a_refused_handshake_is_not_stored(node: Node) -> None:
    """See `test_handshake_refusals` for the rest of it."""
    answer = await raw_handshake(node, "/api/realtime/sync")
    assert answer.header("cache-control") == "no-store"
