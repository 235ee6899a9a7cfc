"""Floods of WebSocket frames, by an account that is signed in."""

import asyncio

from benchmarks.attack.attacker import Attacker, attack
from benchmarks.attack.wire import BINARY, CONT, PING, PONG, TEXT, frame, handshake

_TINY = 2_000
"""Frames per write of a flood of small ones."""


@attack(parallel=2)
async def empty_continuations(attacker: Attacker) -> None:
    """A message that goes on for ever in empty fragments."""
    socket = await attacker.socket()
    socket.send(frame(TEXT, fin=False))
    await socket.flood(frame(CONT, fin=False) * _TINY)


@attack(parallel=2)
async def frames_behind_a_handshake(attacker: Attacker) -> None:
    """Without a token, empty fragments in the same packets as the handshake."""
    socket = await attacker.connect()
    socket.send(handshake() + frame(TEXT, fin=False))
    await socket.flood(frame(CONT, fin=False) * _TINY)


@attack(parallel=2)
async def ping_flood(attacker: Attacker) -> None:
    """Pings as fast as the server takes them; the pongs are read."""
    socket = await attacker.socket()
    await socket.flood(frame(PING, b"p" * 125) * 500)


@attack(parallel=2)
async def ping_flood_unread(attacker: Attacker) -> None:
    """Pings whose pongs nobody reads."""
    socket = await attacker.socket()
    socket.stop_reading()
    await socket.flood(frame(PING, b"p" * 125) * 500)


@attack(parallel=2)
async def pong_flood(attacker: Attacker) -> None:
    """Pongs that nobody asked for."""
    socket = await attacker.socket()
    await socket.flood(frame(PONG) * _TINY)


@attack(parallel=2)
async def tiny_messages(attacker: Attacker) -> None:
    """Messages of one byte."""
    socket = await attacker.socket()
    await socket.flood(frame(TEXT, b"x") * _TINY)


@attack(parallel=2)
async def large_messages(attacker: Attacker) -> None:
    """Messages of nearly the largest size, nested deeply."""
    socket = await attacker.socket()
    await socket.flood(frame(TEXT, b'{"type":' + b"[" * 60_000))


@attack(parallel=20)
async def giant_frame_announced(attacker: Attacker) -> None:
    """A frame of 2^62 bytes is announced, and begun."""
    socket = await attacker.socket()
    socket.send(frame(BINARY, b"x" * 1_000, announced=1 << 62))
    await socket.flood(b"x" * 65_536)


@attack(parallel=20)
async def giant_message_in_fragments(attacker: Attacker) -> None:
    """Fragments of 16 KiB, without an end."""
    socket = await attacker.socket()
    socket.send(frame(BINARY, fin=False))
    await socket.flood(frame(CONT, b"x" * 16_384, fin=False))


@attack(parallel=100)
async def never_ending_message(attacker: Attacker) -> None:
    """A message of nearly the largest size that stays unfinished, with a byte at times."""
    socket = await attacker.socket()
    socket.send(frame(BINARY, b"x" * 60_000, fin=False))
    while True:
        socket.send(frame(CONT, b"x", fin=False))
        await asyncio.sleep(0.2)


@attack(parallel=100)
async def unfinished_frames(attacker: Attacker) -> None:
    """A frame of 64 KiB that never becomes complete."""
    socket = await attacker.socket()
    socket.send(frame(BINARY, b"x" * 60_000, announced=65_536))
    await socket.trickle(b"x" * 5_000, 0.2)


@attack(parallel=8)
async def bad_utf8(attacker: Attacker) -> None:
    """Text that is not UTF-8, again on a new socket, to fill the log."""
    socket = await attacker.socket()
    socket.send(frame(TEXT, b"\xff\xfe" * 20))
    await socket.ended.wait()


@attack(parallel=8)
async def violations(attacker: Attacker) -> None:
    """Each kind of violation, again on a new socket."""
    socket = await attacker.socket()
    wrong = [
        frame(TEXT, b"x", rsv=4),
        frame(0x3, b"x"),
        frame(TEXT, b"x", mask=None),
        frame(PING, b"x" * 126),
        frame(PING, fin=False),
        frame(CONT, b"x"),
        frame(0x8, b"x"),
        frame(0x8, b"\x00\x01"),
    ]
    socket.send(attacker.random.choice(wrong) * 100)
    await socket.ended.wait()
