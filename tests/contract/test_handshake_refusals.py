"""Every endpoint, every way to carry a token, every reason for a refusal, over raw sockets.

Who offers the subprotocol `synchub.v1` is refused by a close code on an accepted socket, everybody
else by HTTP before the upgrade.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from attrs import evolve, frozen

from adapters.inbound.access.credentials import SUBPROTOCOL
from application.identity.refresh_tokens import digest
from application.ports.storage.tickets import Ticket
from bootstrap.settings.choices import Environment, QueryToken
from bootstrap.settings.protection import CorsSettings
from bootstrap.settings.realtime import RealtimeSettings
from tests.support.bad_tokens import mint
from tests.support.carriages import (
    BY_TOKEN,
    NAMES,
    Attempt,
    by_header,
    by_ticket,
    new_ticket,
)
from tests.support.cases import all_cases
from tests.support.client import (
    LEGACY,
    MONITOR,
    PASSWORD,
    SYNC,
    Client,
    http_client,
    log_in,
    sign_up,
    sign_up_admin,
)
from tests.support.metrics import metric
from tests.support.node import Node, node_settings, running_node
from tests.support.raw_handshake import V1, HandshakeAnswer, raw_handshake
from tests.support.sockets import bystander, each_socket

LISTED = "http://localhost:3000"
FOREIGN = "https://evil.example"
FIRST_FRAMES = {SYNC: "sync_connected", LEGACY: "ws_ack", MONITOR: "monitor_snapshot"}

each_offer = pytest.mark.parametrize("offered", [True, False], ids=["synchub.v1", "no_protocol"])


@frozen
class Cast:
    """Who takes part; the operator may connect everywhere."""

    node: Node
    operator: Client
    player: Client
    signed_out: Client

    async def attempt(self, path: str, attempt: Attempt, *, offered: bool) -> HandshakeAnswer:
        return await raw_handshake(
            self.node,
            path + attempt.query,
            headers=attempt.headers,
            origins=attempt.origins,
            offers=(V1, *attempt.offers) if offered else attempt.offers,
        )

    async def store_ticket(self, path: str, expires_at: datetime) -> str:
        """Put a ticket of the operator into the database; returns its secret."""
        secret = f"secret-{time.monotonic_ns()}"
        container = self.node.container
        caller = container.authenticator().authenticate(self.operator.access_token)
        ticket = Ticket(
            digest=digest(secret),
            caller=container.codec().dump(caller),
            endpoint=NAMES[path],
            origin=None,
            expires_at=expires_at,
        )
        await container.unit_of_work().write(lambda stores: stores.tickets.add(ticket))
        return secret


@pytest_asyncio.fixture(scope="module")
async def cast(node: Node, http: httpx.AsyncClient) -> Cast:
    operator = await sign_up_admin(http, node)
    signed_out = await log_in(http, node, operator.site_id, PASSWORD)
    await signed_out.ok("POST", "/api/auth/logout", {})
    return Cast(node, operator, await sign_up(http, node), signed_out)


Prepare = Callable[[Cast, str], Awaitable[Attempt]]


@frozen
class Case:
    """A handshake and its refusal; `only` limits it to one endpoint."""

    name: str
    prepare: Prepare
    status: int
    code: str
    only: str | None = None


def with_token(token: Callable[[Cast], str], carry: Callable[[str], Attempt]) -> Prepare:
    async def prepare(cast: Cast, _: str) -> Attempt:
        return carry(token(cast))

    return prepare


def from_origin(*origins: str, carry: Callable[[str], Attempt]) -> Prepare:
    async def prepare(cast: Cast, _: str) -> Attempt:
        return evolve(carry(cast.operator.access_token), origins=origins)

    return prepare


def ticket_from_origin(*origins: str) -> Prepare:
    async def prepare(cast: Cast, path: str) -> Attempt:
        ticket = await new_ticket(cast.operator, NAMES[path])
        return evolve(by_ticket(ticket), origins=origins)

    return prepare


async def replayed_ticket(cast: Cast, path: str) -> Attempt:
    attempt = by_ticket(await new_ticket(cast.operator, NAMES[path]))
    first = await cast.attempt(path, attempt, offered=False)
    assert (first.status, first.frame["type"]) == (101, FIRST_FRAMES[path])
    return attempt


async def ticket_spoilt_elsewhere(cast: Cast, path: str) -> Attempt:
    attempt = by_ticket(await new_ticket(cast.operator, NAMES[path]))
    elsewhere = await cast.attempt(path, evolve(attempt, origins=(LISTED,)), offered=False)
    assert elsewhere.status == 401
    return attempt


async def ticket_of_another_endpoint(cast: Cast, path: str) -> Attempt:
    other = {SYNC: "stream", LEGACY: "sync", MONITOR: "legacy"}[path]
    return by_ticket(await new_ticket(cast.operator, other))


async def ticket_of_a_listed_page(cast: Cast, path: str) -> Attempt:
    return by_ticket(await new_ticket(cast.operator, NAMES[path], LISTED))


async def ticket_of_another_page(cast: Cast, path: str) -> Attempt:
    ticket = await new_ticket(cast.operator, NAMES[path], "http://localhost:5173")
    return evolve(by_ticket(ticket), origins=(LISTED,))


async def expired_ticket(cast: Cast, path: str) -> Attempt:
    past = cast.node.container.clock().now() - timedelta(seconds=1)
    return by_ticket(await cast.store_ticket(path, past))


async def ticket_of_an_ended_login(cast: Cast, path: str) -> Attempt:
    again = await log_in(cast.operator.http, cast.node, cast.operator.site_id, PASSWORD)
    ticket = await new_ticket(again, NAMES[path])
    await again.ok("POST", "/api/auth/logout", {})
    return by_ticket(ticket)


async def ticket_of_a_player(cast: Cast, path: str) -> Attempt:
    return by_ticket(await new_ticket(cast.player, NAMES[path]))


async def no_token(_cast: Cast, _path: str) -> Attempt:
    return Attempt()


async def unknown_ticket(_cast: Cast, _path: str) -> Attempt:
    return by_ticket("unheard-of")


REASONS: dict[str, tuple[Callable[[Cast], str], int, str, str | None]] = {
    "bad": (lambda _: "garbage", 401, "token_invalid", None),
    "foreign": (lambda cast: mint(cast.operator, iss="other"), 401, "token_invalid", None),
    "expired": (
        lambda cast: mint(cast.operator, exp=int(time.time()) - 60),
        401,
        "token_expired",
        None,
    ),
    "revoked": (lambda cast: cast.signed_out.access_token, 401, "token_revoked", None),
    "of_a_player": (lambda cast: cast.player.access_token, 403, "admin_only", MONITOR),
}
ORIGINS = {
    "foreign_origin": (FOREIGN,),
    "null_origin": ("null",),
    "empty_origin": ("",),
    "origin_with_path": (f"{LISTED}/",),
    "subdomain_of_a_listed_one": ("http://localhost:3000.evil.example",),
}

CASES = [
    Case("no_token", no_token, 401, "token_missing"),
    *(
        Case(f"{reason}_{way}", with_token(token, carry), status, code, only)
        for reason, (token, status, code, only) in REASONS.items()
        for way, carry in BY_TOKEN.items()
    ),
    *(
        Case(f"{name}_{way}", from_origin(*origins, carry=carry), 403, "origin_not_allowed")
        for name, origins in ORIGINS.items()
        for way, carry in BY_TOKEN.items()
    ),
    *(
        Case(f"{name}_ticket", ticket_from_origin(*origins), 403, "origin_not_allowed")
        for name, origins in ORIGINS.items()
    ),
    Case("unknown_ticket", unknown_ticket, 401, "ticket_invalid"),
    Case("replayed_ticket", replayed_ticket, 401, "ticket_invalid"),
    Case("ticket_spoilt_elsewhere", ticket_spoilt_elsewhere, 401, "ticket_invalid"),
    Case("ticket_of_another_endpoint", ticket_of_another_endpoint, 401, "ticket_invalid"),
    Case("ticket_of_a_listed_page", ticket_of_a_listed_page, 401, "ticket_invalid"),
    Case("ticket_of_another_page", ticket_of_another_page, 401, "ticket_invalid"),
    Case("expired_ticket", expired_ticket, 401, "ticket_invalid"),
    Case("ticket_of_an_ended_login", ticket_of_an_ended_login, 401, "token_revoked"),
    Case("ticket_of_a_player", ticket_of_a_player, 403, "admin_only", MONITOR),
]


def assert_refused(answer: HandshakeAnswer, status: int, code: str, *, offered: bool) -> None:
    """By a close code for who knows them, otherwise by a problem."""
    if offered:
        assert (answer.status, answer.close_code, answer.frame) == (101, status + 4000, None)
        assert answer.header("sec-websocket-protocol") == V1
        return
    assert answer.status == status
    assert (answer.problem["status"], answer.problem["code"]) == (status, code)
    assert answer.header("content-type") == "application/problem+json"
    assert answer.header("cache-control") == "no-store"
    assert answer.header("www-authenticate") == ("Bearer" if status == 401 else None)
    assert answer.header("content-length") is not None
    assert answer.header("sec-websocket-accept") is None


@each_offer
@each_socket
async def test_refusals(cast: Cast, path: str, *, offered: bool) -> None:
    """The refusals of the table; both forms have the same reason."""
    with all_cases() as case:
        for entry in CASES:
            if entry.only not in (None, path):
                continue
            with case(entry.name):
                attempt = await entry.prepare(cast, path)
                answer = await cast.attempt(path, attempt, offered=offered)
                assert_refused(answer, entry.status, entry.code, offered=offered)


async def test_refusals_are_counted_by_reason(cast: Cast, http: httpx.AsyncClient) -> None:
    """Both forms of a refusal count once; a refused ticket also says what was wrong with it."""
    results = {"endpoint": "sync", "result": "ticket_invalid"}
    before = await metric(http, "synchub_websocket_handshakes_total", **results)
    expired = await metric(http, "synchub_refused_tickets_total", reason="expired")
    for offered in (True, False):
        attempt = await expired_ticket(cast, SYNC)
        await cast.attempt(SYNC, attempt, offered=offered)
    assert await metric(http, "synchub_websocket_handshakes_total", **results) == before + 2
    assert await metric(http, "synchub_refused_tickets_total", reason="expired") == expired + 2


def assert_accepted(answer: HandshakeAnswer, path: str, *, offered: bool) -> None:
    assert (answer.status, answer.close_code) == (101, None)
    assert answer.frame["type"] == FIRST_FRAMES[path]
    assert answer.header("sec-websocket-protocol") == (V1 if offered else None)


@each_offer
@each_socket
async def test_every_way_to_carry_a_token(cast: Cast, path: str, *, offered: bool) -> None:
    """It is accepted from our own and from listed pages, and from others than browsers; the
    subprotocol with the token is never selected."""
    origins = {
        "none": (),
        "own": (cast.node.url,),
        "own_behind_tls": (cast.node.url.replace("http:", "https:"),),
        "listed": (LISTED,),
    }
    with all_cases() as case:
        for way, carry in BY_TOKEN.items():
            for origin, sent in origins.items():
                with case(f"{way}, origin {origin}"):
                    attempt = evolve(carry(cast.operator.access_token), origins=sent)
                    answer = await cast.attempt(path, attempt, offered=offered)
                    assert_accepted(answer, path, offered=offered)


@each_offer
@pytest.mark.parametrize("origin", [None, LISTED])
@each_socket
async def test_a_ticket(cast: Cast, path: str, origin: str | None, *, offered: bool) -> None:
    """It stands for the token of who asked for it, at its endpoint and for pages of its origin."""
    ticket = await new_ticket(cast.operator, NAMES[path], origin)
    attempt = evolve(by_ticket(ticket), origins=(origin,) if origin else ())
    assert_accepted(await cast.attempt(path, attempt, offered=offered), path, offered=offered)


async def test_a_ticket_of_our_own_page(cast: Cast) -> None:
    """Browsers send our own origin with some requests and not with others."""
    ticket = await new_ticket(cast.operator, "sync", cast.node.url)
    answer = await cast.attempt(SYNC, by_ticket(ticket), offered=True)
    assert_accepted(answer, SYNC, offered=True)


async def test_a_ticket_ends_with_the_token_that_it_was_made_with(cast: Cast) -> None:
    """The session has the expiry of that token, so a ticket prolongs nothing."""
    by_token = await cast.attempt(SYNC, by_header(cast.operator.access_token), offered=False)
    ticket = await new_ticket(cast.operator)
    answer = await cast.attempt(SYNC, by_ticket(ticket), offered=False)
    assert answer.frame["token_expires_at"] == by_token.frame["token_expires_at"]


async def test_somebody_elses_ticket_beside_a_token(cast: Cast) -> None:
    """The token counts, and the ticket is not used up."""
    ticket = await new_ticket(cast.operator)
    attempt = evolve(by_ticket(ticket), headers=by_header(cast.player.access_token).headers)
    answer = await cast.attempt(SYNC, attempt, offered=False)
    assert answer.frame["user_id"] == cast.player.user_id
    answer = await cast.attempt(SYNC, by_ticket(ticket), offered=False)
    assert answer.frame["user_id"] == cast.operator.user_id


async def test_a_refusal_costs_no_other_device(cast: Cast) -> None:
    """Other sockets of the user stay."""
    async with bystander(cast.operator):
        for offered in (True, False):
            attempt = await replayed_ticket(cast, SYNC)
            await cast.attempt(SYNC, attempt, offered=offered)


async def test_a_ticket_is_used_once_in_the_cluster(tmp_path: Path) -> None:
    """Of simultaneous attempts on two nodes, one succeeds."""
    async with (
        running_node(node_settings(tmp_path)) as one,
        running_node(node_settings(tmp_path)) as other,
        http_client(one) as http,
    ):
        player = await sign_up(http, one)
        for _ in range(5):
            target = f"{SYNC}?ticket={await new_ticket(player)}"
            answers = await asyncio.gather(
                *(raw_handshake(node, target) for node in (one, other) * 3)
            )
            assert sorted(answer.status for answer in answers) == [101] + [401] * 5


async def test_production_without_a_list(tmp_path: Path) -> None:
    """Pages of other origins are refused; our own, and what is no browser, are not."""
    async with running_node(node_settings(tmp_path, env=Environment.PROD)) as node:
        statuses = [
            (await raw_handshake(node, SYNC, origins=origins)).status
            for origins in ([LISTED], ["http://localhost:5173"], [node.url], [])
        ]
    assert statuses == [403, 403, 401, 401]


def without_refusals(app: object) -> object:
    """The application behind a server that cannot answer a handshake with more than 403."""

    async def plain(scope: dict[str, object], receive: object, send: object) -> None:
        scope["extensions"] = {}
        await app(scope, receive, send)  # type: ignore[operator]

    return plain


async def test_servers_that_cannot_refuse_with_a_response(tmp_path: Path) -> None:
    """They answer 403; close codes for who knows them work as everywhere."""
    async with running_node(node_settings(tmp_path), wrap=without_refusals) as node:
        assert (await raw_handshake(node, SYNC)).status == 403
        assert (await raw_handshake(node, SYNC, offers=[V1])).close_code == 4401


@pytest_asyncio.fixture(scope="module")
async def strict(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    """A node like in production: no token in a query, no page of another origin."""
    settings = node_settings(
        tmp_path_factory.mktemp("strict"),
        realtime=RealtimeSettings(query_token=QueryToken.OFF),
        cors=CorsSettings(origins="https://play.example"),
    )
    async with running_node(settings) as node:
        yield node


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, "other"),
        ({"User-Agent": "ours/1"}, "other"),
        ({"User-Agent": "Mozilla/5.0 (X11)"}, "browser"),
        ({"Origin": "https://play.example"}, "browser"),
    ],
)
async def test_no_token_in_the_query_where_it_is_off(
    strict: Node, headers: dict[str, str], kind: str
) -> None:
    """It is refused and counted by kind of client, so that one sees who still needs it."""
    async with http_client(strict) as http:
        player = await sign_up(http, strict)
        for path in (SYNC, LEGACY):
            labels = {"endpoint": NAMES[path], "client": kind}
            before = await metric(http, "synchub_query_tokens_total", **labels)
            target = f"{path}?token={player.access_token}"
            answer = await raw_handshake(strict, target, headers=headers)
            assert_refused(answer, 401, "query_token_off", offered=False)
            answer = await raw_handshake(strict, target, headers=headers, offers=[V1])
            assert_refused(answer, 401, "query_token_off", offered=True)
            assert await metric(http, "synchub_query_tokens_total", **labels) == before + 2
        for endpoint in ("state", "events", "stream"):
            query = f"/api/realtime/{endpoint}?token={player.access_token}"
            refused = await http.get(query, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (401, "query_token_off")
        for attempt in (by_header(player.access_token), by_ticket(await new_ticket(player))):
            answer = await raw_handshake(strict, SYNC + attempt.query, headers=attempt.headers)
            assert_accepted(answer, SYNC, offered=False)


async def test_two_origins(cast: Cast) -> None:
    """They are no handshake of a browser, and refused whatever they are."""
    attempt = evolve(by_header(cast.operator.access_token), origins=(LISTED, cast.node.url))
    for offered in (True, False):
        assert (await cast.attempt(SYNC, attempt, offered=offered)).status == 400


async def test_the_list_of_origins_is_the_setting(strict: Node) -> None:
    """Those of development are not allowed where others are named."""
    for origin, status in (("https://play.example", 401), (LISTED, 403)):
        assert (await raw_handshake(strict, SYNC, origins=[origin])).status == status


def test_the_subprotocol_has_its_published_name() -> None:
    """Clients offer it by this name."""
    assert SUBPROTOCOL == V1
