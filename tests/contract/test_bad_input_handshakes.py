"""Wrong handshakes at every WebSocket: the documented refusal, while the player's other devices
notice nothing.

For every way to carry a token, see `test_handshake_refusals`.
"""

import asyncio
from urllib.parse import quote

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.typing import Subprotocol

from tests.support.bad_tokens import BAD_TOKENS, mint
from tests.support.cases import all_cases
from tests.support.client import (
    LEGACY,
    MONITOR,
    PASSWORD,
    PATIENCE_S,
    SYNC,
    Client,
    Device,
    signed_in,
)
from tests.support.node import Node
from tests.support.sockets import assert_answers, bystander, each_socket

NO_POSITIONS = {
    "empty": "",
    "word": "hello",
    "colon": ":",
    "colons": "::::",
    "no_epoch": ":5",
    "no_number": "epoch:",
    "unknown_epoch": "epoch:0",
    "negative": "epoch:-1",
    "huge": "epoch:" + "9" * 18,
    "beyond_64_bits": "epoch:" + "9" * 30,
    "fraction": "epoch:1.5",
    "arabic_digits": "epoch:\u0661",
    "nul": "epoch\x00:1",
    "newline": "epoch:1\n",
    "emoji": "\N{PILE OF POO}:1",
    "json": '{"seq": 1}',
    "sql": "x' or '1'='1",
    "long": "e" * 5_000 + ":1",
}


async def refusal(
    victim: Client, path: str, query: str = "", headers: dict[str, str] | None = None
) -> int:
    """The status with which a handshake is refused."""
    with pytest.raises(InvalidStatus) as refused:
        async with connect(victim.ws_url + path + query, additional_headers=headers):
            pass
    return refused.value.response.status_code


async def close_code(victim: Client, path: str, token: str) -> int:
    """The code with which a fresh socket of a client that knows our close codes is closed, without
    a single frame before it."""
    offered = [Subprotocol("synchub.v1")]
    url = f"{victim.ws_url}{path}?token={token}"
    async with connect(url, subprotocols=offered) as socket:
        with pytest.raises(ConnectionClosedError) as closed:
            await asyncio.wait_for(socket.recv(), PATIENCE_S)
        assert closed.value.rcvd is not None, "closed without a word"
        return closed.value.rcvd.code


@each_socket
async def test_bad_token(victim: Client, path: str) -> None:
    """401 before the upgrade, or 4401 for clients that know our close codes."""
    with all_cases() as case:
        async with bystander(victim):
            for name, forge, _ in BAD_TOKENS:
                with case(name):
                    token = quote(forge(victim))
                    assert await refusal(victim, path, f"?token={token}") == 401
                    assert await close_code(victim, path, token) == 4401


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("?token=" + "a" * 10_000, {}),
        ("", {"Authorization": "Bearer " + "a" * 10_000}),
        ("", {f"X-{number}": "a" for number in range(200)}),
        ("", {"Content-Length": "5"}),
    ],
    ids=["long_line", "long_header", "many_headers", "body"],
)
@each_socket
async def test_unreadable_handshake(
    victim: Client, path: str, query: str, headers: dict[str, str]
) -> None:
    """A handshake beyond the limits is refused at once with 400."""
    async with bystander(victim):
        refused = await asyncio.wait_for(refusal(victim, path, query, headers), PATIENCE_S)
        assert refused == 400


@each_socket
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer garbage"}, {"Authorization": "Basic {token}"}],
    ids=["none", "garbage", "wrong_scheme"],
)
async def test_bad_header(victim: Client, path: str, headers: dict[str, str]) -> None:
    """A handshake without a valid token is refused with 401."""
    filled = {name: text.format(token=victim.access_token) for name, text in headers.items()}
    async with bystander(victim):
        assert await refusal(victim, path, headers=filled) == 401


@pytest.mark.parametrize("sub", ["0", "-1", "999999999", str(2**63 - 1)])
async def test_token_of_nobody(victim: Client, sub: str) -> None:
    """The socket of a user who does not exist is closed with 4401."""
    token = mint(victim, sub=sub)
    assert await close_code(victim, SYNC, token) == 4401
    assert await close_code(victim, LEGACY, token) == 4401


@each_socket
async def test_token_after_logging_out(node: Node, player: Client, path: str) -> None:
    """Sockets of an ended login are closed with 4401, and their token is refused; another login
    stays."""
    credentials = {"site_id": player.site_id, "password": PASSWORD}
    answer = await player.http.post("/api/auth/login", json=credentials)
    other = signed_in(player.http, node, player.site_id, answer.json())
    async with bystander(other), player.device() as device:
        await device.until("initial_state")
        await player.ok("POST", "/api/auth/logout", {})
        assert await device.close_code() == 4401
        assert await refusal(player, path, f"?token={player.access_token}") == 401


async def test_a_player_is_no_operator(player: Client) -> None:
    """A player's token is refused at the monitor with 403, or 4403."""
    async with bystander(player):
        assert await refusal(player, MONITOR, f"?token={player.access_token}") == 403
        assert await close_code(player, MONITOR, player.access_token) == 4403


@pytest.mark.parametrize(
    "path", ["/", "/api/realtime/nope", "/api/games/slot/spin", "/health/live"]
)
async def test_no_socket_here(victim: Client, path: str) -> None:
    """The handshake is refused with 4xx on paths without a WebSocket."""
    assert 400 <= await refusal(victim, path, f"?token={victim.access_token}") < 500


@pytest.mark.parametrize("since", NO_POSITIONS.values(), ids=NO_POSITIONS)
async def test_garbage_since(victim: Client, since: str) -> None:
    """A session with an invalid position starts from the present state."""
    query = f"?token={victim.access_token}&since={quote(since)}"
    async with bystander(victim), connect(victim.ws_url + SYNC + query) as socket:
        device = Device(socket, [])
        connected = await device.next()
        assert (connected["type"], connected["recovered"]) == ("sync_connected", False)
        assert (await device.next())["type"] == "initial_state"
        await assert_answers(device)


async def test_since_in_the_future(victim: Client) -> None:
    """A position beyond the head has the reason `from_future`."""
    position = (await victim.ok("GET", "/api/realtime/state"))["position"]
    epoch, _, seq = position.partition(":")
    async with victim.device(since=f"{epoch}:{int(seq) + 1}") as device:
        connected = await device.next()
        assert (connected["recovered"], connected["reason"]) == (False, "from_future")
