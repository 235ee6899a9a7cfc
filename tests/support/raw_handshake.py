"""A WebSocket handshake over a raw socket: the exact answer, whatever it is."""

import asyncio
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from tests.support.client import PATIENCE_S, Server
from tests.support.contract_recorder import see

V1 = "synchub.v1"


@frozen(kw_only=True)
class HandshakeAnswer:
    """The HTTP response, and what came after an upgrade: the first frame, or a close code."""

    status: int
    headers: Sequence[tuple[str, str]]
    problem: Any = None
    frame: Any = None
    close_code: int | None = None

    def header(self, name: str) -> str | None:
        """The value of a header, which must not be repeated."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) <= 1, f"{name} is repeated: {values}"
        return values[0] if values else None


async def raw_handshake(
    server: Server,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    origins: Sequence[str] = (),
    offers: Sequence[str] = (),
) -> HandshakeAnswer:
    """Ask for an upgrade at this path and query."""
    host = server.url.removeprefix("http://")
    fields = [
        ("Host", host),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
        *(headers or {}).items(),
        *(("Origin", origin) for origin in origins),
        *((("Sec-WebSocket-Protocol", ", ".join(offers)),) if offers else ()),
    ]
    head = f"GET {target} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields) + "\r\n"
    name, _, port = host.rpartition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    try:
        writer.write(head.encode("latin-1"))
        answer = await asyncio.wait_for(_read_answer(reader), PATIENCE_S)
    finally:
        writer.close()
    if answer.frame is not None:
        see(target, json.dumps(answer.frame))
    return answer


async def _read_answer(reader: asyncio.StreamReader) -> HandshakeAnswer:
    status_line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
    pairs = [line.partition(":") for line in lines if line]
    headers = [(name.lower(), value.strip()) for name, _, value in pairs]
    status = int(status_line.split()[1])
    if status != 101:
        body = await reader.read()
        is_problem = ("content-type", "application/problem+json") in headers
        problem = json.loads(body) if is_problem else None
        return HandshakeAnswer(status=status, headers=headers, problem=problem)
    opcode, payload = await _read_frame(reader)
    if opcode == 0x8:
        code = struct.unpack("!H", payload[:2])[0]
        return HandshakeAnswer(status=status, headers=headers, close_code=code)
    return HandshakeAnswer(status=status, headers=headers, frame=json.loads(payload))


async def _read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, size = await reader.readexactly(2)
    if size == 126:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
    elif size == 127:
        (size,) = struct.unpack("!Q", await reader.readexactly(8))
    return first & 0xF, await reader.readexactly(size)
