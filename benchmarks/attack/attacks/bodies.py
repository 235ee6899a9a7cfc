"""Request bodies: announced, slow, endless, and hard to parse."""

from benchmarks.attack.attacker import Attacker, attack
from benchmarks.attack.wire import request

_LOGIN = "/api/auth/login"
_SPIN = "/api/games/slot/spin"
_CHUNKED = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}


def _announcing(path: str, size: int) -> bytes:
    headers = {"Content-Type": "application/json", "Content-Length": str(size)}
    return request("POST", path, headers=headers)


@attack(parallel=200)
async def bodies_never_sent(attacker: Attacker) -> None:
    """A body is announced, and nothing of it comes."""
    peer = await attacker.connect()
    peer.send(_announcing(_LOGIN, 60_000))
    await peer.ended.wait()


@attack(parallel=200)
async def slow_bodies(attacker: Attacker) -> None:
    """A body that comes byte by byte."""
    peer = await attacker.connect()
    peer.send(_announcing(_LOGIN, 60_000))
    await peer.trickle(b" " * 60_000, 0.2)


@attack(parallel=8)
async def oversized_bodies(attacker: Attacker) -> None:
    """A body of a terabyte is announced, and begun."""
    peer = await attacker.connect()
    peer.send(_announcing(_LOGIN, 1 << 40))
    await peer.flood(b"x" * 65_536)


@attack(parallel=8)
async def endless_chunks(attacker: Attacker) -> None:
    """A chunked body without an end."""
    peer = await attacker.connect()
    peer.send(request("POST", _LOGIN, headers=_CHUNKED))
    await peer.flood(b"10000\r\n" + b" " * 65_536 + b"\r\n")


@attack(parallel=4)
async def tiny_chunks(attacker: Attacker) -> None:
    """A body in chunks of one byte."""
    peer = await attacker.connect()
    peer.send(request("POST", _LOGIN, headers=_CHUNKED))
    await peer.flood(b"1\r\n \r\n" * 2_000)


@attack(parallel=4)
async def long_chunk_extensions(attacker: Attacker) -> None:
    """Chunk extensions that go on for ever."""
    peer = await attacker.connect()
    peer.send(request("POST", _LOGIN, headers=_CHUNKED) + b"1;x=")
    await peer.flood(b"y" * 16_384)


async def _repeat_body(attacker: Attacker, body: bytes) -> None:
    peer = await attacker.connect()
    spin = request("POST", _SPIN, body, token=attacker.account.token)
    while not peer.ended.is_set():
        await peer.ask(spin)


@attack(parallel=4)
async def deep_json(attacker: Attacker) -> None:
    """JSON that is nested thirty thousand levels deep."""
    await _repeat_body(attacker, b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}")


@attack(parallel=4)
async def wide_json(attacker: Attacker) -> None:
    """JSON with thousands of fields."""
    fields = ",".join(f'"{number:x}":0' for number in range(6_000))
    await _repeat_body(attacker, b"{" + fields.encode() + b"}")


@attack(parallel=4)
async def long_numbers(attacker: Attacker) -> None:
    """A number of sixty thousand digits."""
    await _repeat_body(attacker, b'{"bet_amount":' + b"9" * 60_000 + b"}")


@attack(parallel=4)
async def escaped_text(attacker: Attacker) -> None:
    """A text of nothing but escapes."""
    await _repeat_body(attacker, b'{"bet_amount":"' + rb"\ud83d\udca9" * 5_000 + b'"}')
