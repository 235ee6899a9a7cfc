"""Wrong messages on every open WebSocket: an error frame or the documented close code, while the
player's other devices notice nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio

from tests.support.cases import all_cases
from tests.support.client import LEGACY, MONITOR, SYNC, Client, Device, sign_up_admin
from tests.support.node import Node
from tests.support.sockets import assert_answers, bystander, each_socket

LIMIT = 64 * 1024
NOT_UNDERSTOOD: dict[str, str | bytes] = {
    "empty": "",
    "empty_binary": b"",
    "word": "hello",
    "upper_case": "PING",
    "spaces": " ping ",
    "nul": "ping\x00",
    "quoted": '"ping"',
    "null": "null",
    "number": "7",
    "10_to_400": '{"type": ' + str(10**400) + "}",
    "1e400": '{"type": 1e400}',
    "nan": "NaN",
    "list": '["ping"]',
    "object": "{}",
    "type_number": '{"type": 1}',
    "type_null": '{"type": null}',
    "type_list": '{"type": ["ping"]}',
    "type_unknown": '{"type": "game_event", "user_id": 1, "win": 100}',
    "type_pong": '{"type": "pong"}',
    "truncated": '{"type": "ping"',
    "two_values": '{"type": "ping"}{"type": "ping"}',
    "lone_surrogate": '{"type": "\\ud800"}',
    "deep_list": "[" * 30_000 + "]" * 30_000,
    "deep_object": '{"type":' * 7_000 + "1" + "}" * 7_000,
    "never_closed": "[" * LIMIT,
    "binary_no_utf8": b"\xff\xfe\x00",
    "binary_in_a_string": b'{"type": "\xff"}',
    "binary_deflate": b"\x78\x9c\x00",
    "largest": "a" * LIMIT,
    "largest_binary": b"\x00" * LIMIT,
}
PINGS: dict[str, str | bytes] = {
    "word": "ping",
    "object": '{"type": "ping"}',
    "object_with_more": ' {"v": 1, "type": "ping", "id": [1, {}]} ',
    "binary_word": b"ping",
    "binary_object": b'{"type":"ping"}',
}
NO_FRAMES = {
    "unknown_opcode": b"\x83\x80\x00\x00\x00\x00",
    "unmasked": b"\x81\x04ping",
    "reserved_bit": b"\xc1\x80\x00\x00\x00\x00",
    "continues_nothing": b"\x80\x80\x00\x00\x00\x00",
    "cut_ping": b"\x09\x80\x00\x00\x00\x00",
}


@pytest_asyncio.fixture(scope="module")
async def operator(http: httpx.AsyncClient, node: Node) -> Client:
    return await sign_up_admin(http, node)


@asynccontextmanager
async def opened(path: str, victim: Client, operator: Client) -> AsyncIterator[Device]:
    """A socket on `path` that has received its first frames."""
    greetings = {SYNC: "initial_state", LEGACY: "ws_ack", MONITOR: "monitor_snapshot"}
    async with (operator if path == MONITOR else victim).device(path) as device:
        await device.until(greetings[path])
        yield device


@each_socket
async def test_garbage(victim: Client, operator: Client, path: str) -> None:
    """An unknown message gets an error frame, and the socket stays open."""
    with all_cases() as case:
        for name, message in NOT_UNDERSTOOD.items():
            with case(name):
                async with opened(path, victim, operator) as device:
                    await device.socket.send(message)
                    error = await device.until("error")
                    assert (error["v"], error["code"]) == (1, "unknown_message")
                    await assert_answers(device)


@each_socket
async def test_ping(victim: Client, operator: Client, path: str) -> None:
    """Every form of a ping is answered."""
    with all_cases() as case:
        for name, message in PINGS.items():
            with case(name):
                async with opened(path, victim, operator) as device:
                    await device.socket.send(message)
                    assert await device.until("pong") == {"type": "pong"}


@each_socket
@pytest.mark.parametrize(
    "message",
    ["a" * (LIMIT + 1), b"\x00" * (LIMIT + 1), "\N{PILE OF POO}" * LIMIT, ["a" * LIMIT, "a"]],
    ids=["text", "binary", "emoji", "fragments"],
)
async def test_huge_message(
    victim: Client, operator: Client, path: str, message: str | bytes | list[str]
) -> None:
    """A message over 64 KiB, in one frame or in fragments, closes with 1009."""
    async with bystander(victim), opened(path, victim, operator) as device:
        await device.socket.send(message)
        assert await device.close_code() == 1009


@each_socket
@pytest.mark.parametrize("text", [b"\xff\xfe", b'{"type": "\xc3\x28"}', b"\xed\xa0\x80"])
async def test_text_that_is_no_utf8(
    victim: Client, operator: Client, path: str, text: bytes
) -> None:
    """A text message that is not UTF-8 closes with 1007."""
    async with bystander(victim), opened(path, victim, operator) as device:
        await device.socket.send(text, text=True)
        assert await device.close_code() == 1007


@each_socket
@pytest.mark.parametrize("octets", NO_FRAMES.values(), ids=NO_FRAMES)
async def test_no_websocket(victim: Client, operator: Client, path: str, octets: bytes) -> None:
    """An invalid frame closes with 1002."""
    async with bystander(victim), opened(path, victim, operator) as device:
        device.socket.transport.write(octets)
        assert await device.close_code() == 1002


@each_socket
@pytest.mark.parametrize("message", ["ping", "garbage"])
async def test_too_many_messages(victim: Client, operator: Client, path: str, message: str) -> None:
    """Sixty messages within ten seconds are answered; the next one closes with 4429."""
    async with bystander(victim), opened(path, victim, operator) as device:
        for _ in range(61):
            await device.socket.send(message)
        for _ in range(60):
            await device.until("pong" if message == "ping" else "error")
        assert await device.close_code() == 4429
