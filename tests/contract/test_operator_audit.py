"""Every operator's route is audited, without its handler knowing."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from sqlalchemy import select
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from adapters.inbound.access.guards import Access, declared_access
from adapters.outbound.sql.tables import metadata
from application.audit.audit_log import AuditLog
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from bootstrap.container import build_container
from bootstrap.server.app import build_app
from bootstrap.settings.settings import Settings
from domain.account import Role
from domain.audit import AuditEntry
from tests.support.audit import entries_of
from tests.support.bad_tokens import mint
from tests.support.client import MONITOR, Client, http_client, sign_up, sign_up_admin
from tests.support.node import Node, node_settings, running_node
from tests.support.routes import routes


def bodies(user_id: int) -> dict[str, Any]:
    """A right body of each call that has one."""
    user = {"user_id": user_id}
    return {
        **BODIES,
        "POST /api/admin/users/role": {**user, "role": "admin"},
        "POST /api/admin/users/block": user,
        "POST /api/admin/users/unblock": user,
        "POST /api/admin/users/delete": user,
    }


BODIES: dict[str, Any] = {
    "POST /api/admin/announce": {"message": "hello"},
    "POST /api/admin/users/{user_id:int}/balance": {"delta": 5, "note": "a mistake of ours"},
    "POST /api/admin/users/{user_id:int}/revoke": {},
}
"""Bodies that do not name the user."""

QUERIES = {"GET /api/admin/users": "?user_id=1"}

OPERATORS = [
    (path, handler)
    for path, handler in routes(build_app(build_container(Settings())))
    if declared_access(handler) is Access.OPERATOR
]
CALLS = [
    f"{method} {path}"
    for path, handler in OPERATORS
    if isinstance(handler, HTTPRouteHandler)
    for method in sorted(handler.http_methods)
]
SOCKETS = [path for path, handler in OPERATORS if isinstance(handler, ASGIRouteHandler)]

each_call = pytest.mark.parametrize("call", CALLS)


@pytest_asyncio.fixture(scope="module")
async def own_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    """A node whose log these tests have for themselves."""
    async with running_node(node_settings(tmp_path_factory.mktemp("audited"))) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def own_http(own_node: Node) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(own_node) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def somebody(own_http: httpx.AsyncClient, own_node: Node) -> Client:
    """A player."""
    return await sign_up(own_http, own_node)


@pytest_asyncio.fixture
async def target(own_http: httpx.AsyncClient, own_node: Node) -> Client:
    """The player whom the calls are about."""
    return await sign_up(own_http, own_node)


@pytest_asyncio.fixture(scope="module")
async def operator(own_http: httpx.AsyncClient, own_node: Node) -> Client:
    return await sign_up_admin(own_http, own_node)


def request_of(call: str, user_id: int) -> tuple[str, str]:
    """Method and URL of a call about this user."""
    method, path = call.split(" ")
    return method, re.sub(r"{user_id:int}", str(user_id), path) + QUERIES.get(call, "")


async def new_entries(node: Node, before: Sequence[AuditEntry]) -> Sequence[AuditEntry]:
    return await entries_of(node, after=before[-1].number if before else 0)


def test_all_kinds_of_routes_are_walked() -> None:
    """Calls with and without a body, and a socket."""
    assert {"POST /api/admin/announce", "GET /api/admin/audit", *BODIES} <= set(CALLS)
    assert [MONITOR] == SOCKETS


@each_call
async def test_a_call_is_an_entry(
    own_node: Node, operator: Client, target: Client, call: str
) -> None:
    """When the answer arrives, the log has who did what to whom, from where, with what."""
    before = await entries_of(own_node)
    method, url = request_of(call, target.user_id)
    response = await operator.http.request(
        method,
        url,
        json=bodies(target.user_id).get(call),
        headers={"Authorization": f"Bearer {operator.access_token}", "X-Request-ID": "my-id"},
    )
    assert response.status_code == 200, response.text
    after = before[-1].number if before else 0
    page = await own_node.container.unit_of_work().read(lambda stores: stores.audit.page(after, 10))
    [entry] = page
    record = entry.record
    assert record.actor == f"user:{operator.user_id}"
    assert (record.action, record.outcome, record.count) == (call, "ok", 1)
    assert (record.address, record.request_id) == ("127.0.0.1", "my-id")
    body = bodies(target.user_id).get(call, {})
    about = "1" if call in QUERIES else str(target.user_id)
    is_about = call in QUERIES or "{" in call or "user_id" in body
    assert record.target == (f"user_id={about}" if is_about else "")
    expected = {"user_id": "1"} if call in QUERIES else body
    assert json.loads(record.parameters or "{}") == expected


@each_call
async def test_a_refused_attempt_is_an_entry(
    own_node: Node, own_http: httpx.AsyncClient, somebody: Client, operator: Client, call: str
) -> None:
    """No token; a player's; a player's with a forged role; an operator's for another audience."""
    method, url = request_of(call, somebody.user_id)
    nobody, player = "nobody", f"user:{somebody.user_id}"
    for token, actor, code in (
        (None, nobody, "token_missing"),
        ("garbage", nobody, "token_invalid"),
        (somebody.access_token, player, "admin_only"),
        (mint(somebody, role="admin"), nobody, "token_invalid"),
        (mint(operator, aud="unified-sync-hub"), nobody, "token_invalid"),
    ):
        before = await entries_of(own_node)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        response = await own_http.request(method, url, json=BODIES.get(call), headers=headers)
        assert response.json()["code"] == code
        [entry] = await new_entries(own_node, before)
        record = entry.record
        assert (record.action, record.actor, record.outcome) == (call, actor, code)
        assert record.address == "127.0.0.1"
        assert record.parameters == ""


@each_call
async def test_invalid_input_is_an_entry(own_node: Node, operator: Client, call: str) -> None:
    """An operator's call that is not valid, with its code."""
    method, url = request_of(call, 0)
    response = await operator.http.request(
        method,
        url.partition("?")[0] + "?limit=0&user_id=x",
        content=b'{"no": 1}',
        headers={"Authorization": f"Bearer {operator.access_token}"},
    )
    assert response.status_code == 422, response.text
    page = await entries_of(own_node)
    record = page[-1].record
    assert (record.action, record.outcome) == (call, "invalid_input")
    assert (record.actor, record.parameters) == (f"user:{operator.user_id}", "")


@pytest.mark.parametrize("path", SOCKETS)
async def test_a_socket_is_an_entry(
    own_node: Node, operator: Client, somebody: Client, path: str
) -> None:
    """Opened by an operator, and refused to others."""
    for token, actor, outcome in (
        (operator.access_token, f"user:{operator.user_id}", "ok"),
        (somebody.access_token, f"user:{somebody.user_id}", "admin_only"),
        (mint(operator, aud="unified-sync-hub"), "nobody", "token_invalid"),
        ("", "nobody", "token_missing"),
    ):
        before = await entries_of(own_node)
        try:
            async with connect(f"{own_node.ws_url}{path}?token={token}") as socket:
                await socket.recv()
        except WebSocketException:
            assert outcome != "ok"
        [entry] = await new_entries(own_node, before)
        assert (entry.record.actor, entry.record.outcome) == (actor, outcome)
        assert token not in entry.record.parameters or not token


async def test_the_log_is_whole(own_node: Node) -> None:
    """After all of these."""
    await entries_of(own_node)
    assert (await own_node.container.verify_audit_log().execute()).flaw is None


async def test_secrets_are_left_out(own_node: Node, operator: Client) -> None:
    """Values of what is named like a secret, and the token of the query."""
    await operator.ok(
        "GET", f"/api/admin/audit?limit=1&token={operator.access_token}&new_password=hunter2"
    )
    record = (await entries_of(own_node))[-1].record
    assert json.loads(record.parameters) == {"limit": "1", "token": "***", "new_password": "***"}


async def test_a_players_calls_are_not_audited(own_node: Node, somebody: Client) -> None:
    before = await entries_of(own_node)
    await somebody.spin()
    await somebody.http.post("/api/games/slot/spin", json={})
    assert await new_entries(own_node, before) == []


async def test_a_flood_of_refused_attempts_is_bounded(
    own_node: Node, own_http: httpx.AsyncClient
) -> None:
    """Few entries, and none is missing from their count."""
    before = await entries_of(own_node)
    for _ in range(100):
        await own_http.get("/api/admin/audit")
    entries = await new_entries(own_node, before)
    assert sum(entry.record.count for entry in entries) == 100
    assert len(entries) < 15


CHANGES = [call for call in CALLS if call.startswith("POST")]


@pytest.mark.parametrize("call", CHANGES)
async def test_no_change_without_its_entry(
    own_node: Node,
    operator: Client,
    target: Client,
    call: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the entry cannot be written, nothing is changed in the database."""

    async def tables() -> dict[str, list[Any]]:
        def read(stores: Any) -> dict[str, list[Any]]:
            execute = stores._connection.execute
            return {name: execute(select(table)) for name, table in metadata.tables.items()}

        unit_of_work: UnitOfWork = own_node.container.unit_of_work()
        return await unit_of_work.read(read)

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    await entries_of(own_node)
    before = await tables()
    method, url = request_of(call, target.user_id)
    with monkeypatch.context() as patch:
        patch.setattr(own_node.container.audit_log()._chain, "entry", fail)
        response = await operator.call(method, url, bodies(target.user_id).get(call))
    assert response.status_code == 500, response.text
    assert await tables() == before


@each_call
async def test_a_former_operator_is_refused(
    own_node: Node, own_http: httpx.AsyncClient, target: Client, call: str
) -> None:
    """The role counts as it is in the database now, whatever the token says."""
    former = await sign_up_admin(own_http, own_node)

    def demote(stores: Stores) -> None:
        stores.accounts.set_role(former.user_id, Role.PLAYER)

    await own_node.container.unit_of_work().write(demote)
    before = await entries_of(own_node)
    method, url = request_of(call, target.user_id)
    response = await former.call(method, url, bodies(target.user_id).get(call))
    assert (response.status_code, response.json()["code"]) == (403, "admin_only")
    [entry] = await new_entries(own_node, before)
    assert (entry.record.action, entry.record.outcome) == (call, "admin_only")
    assert entry.record.actor == f"user:{former.user_id}"


def test_the_log_is_one_per_node(own_node: Node) -> None:
    assert isinstance(own_node.container.audit_log(), AuditLog)
