"""Random WebSocket conversations, nearly right: what a fuzzer sends, and how it is sent."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random

from benchmarks.attack.peer import Ended, connect
from benchmarks.attack.wire import (
    BINARY,
    CONT,
    LEGACY,
    MONITOR,
    PING,
    PONG,
    SYNC,
    TEXT,
    close_frame,
    frame,
    handshake,
)

PARALLEL = 20
QUIET_S = 0.2
"""Between the last packet of a conversation and its end."""

Pieces = list[bytes]
Mutation = Callable[[Random, Pieces], Pieces]

_TEXTS = (
    b"ping", b'{"type":"ping"}', b'{"type":"auth","token":"x"}', b"", b"null", b"[" * 500,
    b'{"type":"' + b"x" * 200 + b'"}', "\N{PILE OF POO}".encode() * 50, b"\xff\xfe", b"\x00" * 130,
)  # fmt: skip


def conversation(random: Random, token: str) -> Pieces:
    """A handshake and some frames, mutated somewhere in two of three cases."""
    pieces = [_handshake(random, token), *(_frame(random) for _ in range(random.randrange(1, 12)))]
    for _ in range(random.choice((0, 1, 3))):
        pieces = random.choice(_MUTATIONS)(random, pieces)
    return pieces


def _handshake(random: Random, token: str) -> bytes:
    path = random.choice((SYNC, SYNC, SYNC, LEGACY, MONITOR))
    query = random.choice(
        ("", "", "?since=x:1", "?since=", "?token=x", "?user_id=1&game_type=slot")
    )
    headers = random.choice((
        {}, {}, {"Sec-WebSocket-Protocol": "synchub.v1, bearer.x"}, {"Origin": "https://evil.example"},
        {"Sec-WebSocket-Extensions": "permessage-deflate"}, {"Sec-WebSocket-Version": "8"},
    ))  # fmt: skip
    return handshake(path + query, random.choice((token, token, token, None)), headers)


def _frame(random: Random) -> bytes:
    opcode = random.choice((TEXT, TEXT, TEXT, BINARY, CONT, PING, PONG))
    payload = random.choice(_TEXTS)
    if random.random() < 0.05:
        return close_frame(random.choice((1000, 1001, 1005, 3000, 4999, 0)), payload)
    return frame(
        opcode,
        payload if opcode in {TEXT, BINARY, CONT} else payload[:125],
        fin=random.random() < 0.8,
        mask=random.randbytes(4),
    )


def _flip_bits(random: Random, pieces: Pieces) -> Pieces:
    at = random.randrange(len(pieces))
    data = bytearray(pieces[at])
    for _ in range(random.choice((1, 1, 1, 8))):
        if data:
            data[random.randrange(min(len(data), random.choice((2, 14, 1 << 30))))] ^= (
                1 << random.randrange(8)
            )
    return [*pieces[:at], bytes(data), *pieces[at + 1 :]]


def _cut(random: Random, pieces: Pieces) -> Pieces:
    at = random.randrange(len(pieces))
    data = pieces[at]
    begin, end = sorted(random.randrange(len(data) + 1) for _ in range(2))
    return [*pieces[:at], data[:begin] + data[end:], *pieces[at + 1 :]]


def _insert(random: Random, pieces: Pieces) -> Pieces:
    at = random.randrange(len(pieces) + 1)
    return [*pieces[:at], random.randbytes(random.choice((1, 2, 10, 300))), *pieces[at:]]


def _repeat(random: Random, pieces: Pieces) -> Pieces:
    at = random.randrange(len(pieces))
    return [*pieces[:at], pieces[at] * random.choice((2, 10, 150)), *pieces[at + 1 :]]


def _shuffle(random: Random, pieces: Pieces) -> Pieces:
    frames = pieces[1:]
    random.shuffle(frames)
    return [pieces[0], *frames]


def _swap_in_another_opcode(random: Random, pieces: Pieces) -> Pieces:
    at = random.randrange(len(pieces))
    return [*pieces[:at], bytes([random.randrange(256)]) + pieces[at][1:], *pieces[at + 1 :]]


_MUTATIONS: Sequence[Mutation] = (
    *(_flip_bits, _cut, _insert, _repeat, _shuffle, _swap_in_another_opcode),
)


def _packets(random: Random, pieces: Pieces) -> Pieces:
    """The same bytes in other packets: all in one, one for each piece, or cut anywhere."""
    data = b"".join(pieces)
    match random.randrange(3):
        case 0:
            return [data]
        case 1:
            return pieces
        case _:
            cuts = sorted(random.randrange(len(data) + 1) for _ in range(random.randrange(8)))
            return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


async def fuzz(port: int, tokens: Sequence[str], count: int, seed: int) -> Counter[str]:
    """Hold so many conversations; returns how often the server answered what."""
    seen: Counter[str] = Counter()
    numbers = iter(range(count))

    async def hold_some() -> None:
        for number in numbers:
            await _hold(port, Random(f"{seed} {number}"), tokens, seen)

    await asyncio.gather(*(hold_some() for _ in range(PARALLEL)))
    return seen


async def _hold(port: int, random: Random, tokens: Sequence[str], seen: Counter[str]) -> None:
    """One conversation, from an address of its own: no limit shall keep the fuzzer out."""
    address = f"127.{random.randrange(16, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}"
    packets = _packets(random, conversation(random, random.choice(tokens)))
    peer = await connect(port, seen, address)
    seen["conversations"] += 1
    with suppress(Ended, OSError):
        for packet in packets:
            await peer.push(packet)
        if random.random() < 0.3:
            peer.finish()
    with suppress(TimeoutError):
        await asyncio.wait_for(peer.ended.wait(), QUIET_S)
    peer.abort()
