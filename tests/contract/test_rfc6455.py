"""The WebSocket transport against RFC 6455, with raw frames over a real socket.

The numbers are those of the Autobahn test suite, whose cases are followed where they apply:
compression (12, 13) is not negotiated, and its giant messages (9) exceed our limit.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest
import pytest_asyncio

from benchmarks.attack.peer import Peer, connect
from benchmarks.attack.wire import (
    BINARY,
    CLOSE,
    CONT,
    PING,
    PONG,
    TEXT,
    close_frame,
    frame,
    handshake,
)
from tests.support.cases import all_cases
from tests.support.echo import ECHO, echo_node
from tests.support.node import Node

TIMEOUT_S = 20.0
LARGEST = 65_536
_addresses = (f"127.9.{high}.{low}" for high in range(1, 255) for low in range(1, 255))
"""A new one for each connection, because the server limits what comes from one address."""

Message = tuple[int, bytes]
HELLO: Message = (TEXT, b"Hello")
HELLO_FRAME = frame(TEXT, b"Hello", mask=b"\x37\xfa\x21\x3d")
EUROPEAN = "Hello-µ@ßöäüàá-UTF-8!!".encode()
GREEK = "\u03ba\u03cc\u03c3\u03bc\u03b5".encode()


@pytest_asyncio.fixture(scope="module")
async def echo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    async with echo_node(tmp_path_factory.mktemp("echo")) as node:
        yield node


def port_of(node: Node) -> int:
    return int(node.url.rpartition(":")[2])


async def opened(node: Node) -> Peer:
    """A connection whose handshake was accepted."""
    peer = await connect(port_of(node), Counter(), next(_addresses), messages=[])
    assert await peer.ask(handshake(ECHO)) == 101
    return peer


async def conversation(
    node: Node, sent: bytes | Sequence[bytes], *, closes: bool = True, chop: int | None = None
) -> tuple[list[Message], int]:
    """What the server sends, and the code it closes with, if this is sent; in pieces, one by one,
    if it is a sequence or to be chopped. At the end the client `closes`, with 1000."""
    peer = await opened(node)
    pieces = [sent] if isinstance(sent, bytes) else [*sent]
    if chop is not None:
        data = joined(sent)
        pieces = [data[start : start + chop] for start in range(0, len(data), chop)]
    for piece in (*pieces, close_frame(1000)) if closes else pieces:
        if peer.ended.is_set():
            break
        peer.send(piece)
        await asyncio.sleep(0)
    await asyncio.wait_for(peer.ended.wait(), TIMEOUT_S)
    assert peer.messages is not None
    *messages, (last, _) = peer.messages
    assert last == CLOSE
    assert peer.close_code is not None
    return by_kind(messages), peer.close_code


def by_kind(messages: list[Message]) -> list[Message]:
    """Messages first, then pongs, each in their order: one may overtake the other."""
    return sorted(messages, key=lambda message: message[0])


def joined(sent: bytes | Sequence[bytes]) -> bytes:
    return sent if isinstance(sent, bytes) else b"".join(sent)


def fragments(payload: bytes, size: int, opcode: int = TEXT) -> list[bytes]:
    """The frames of a message that is sent in pieces of this size."""
    parts = [payload[start : start + size] for start in range(0, len(payload), size)]
    return [
        frame(CONT if number else opcode, part, fin=number == len(parts) - 1)
        for number, part in enumerate(parts)
    ]


Exchange = tuple[str, bytes | Sequence[bytes], list[Message], int]
"""The number of the case, what is sent, the messages that come back, and the close code."""


def exchange(
    name: str, sent: bytes | Sequence[bytes], *expected: Message, code: int = 1000
) -> Exchange:
    return name, sent, list(expected), code


def data_frames() -> Iterator[Exchange]:
    """Section 1: messages of every size of header."""
    for part, opcode in ((1, TEXT), (2, BINARY)):
        for number, size in enumerate((0, 125, 126, 127, 128, LARGEST - 1, LARGEST), 1):
            payload = b"*" * size
            yield exchange(f"1.{part}.{number}", frame(opcode, payload), (TEXT, payload))
        yield exchange(f"1.{part}.9", frame(opcode, b"*" * (LARGEST + 1)), code=1009)


def pings_and_pongs() -> Iterator[Exchange]:
    """Section 2."""
    binary = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"
    for name, payload in (("2.1", b""), ("2.2", b"Hello"), ("2.3", binary), ("2.4", b"x" * 125)):
        yield exchange(name, frame(PING, payload), (PONG, payload))
    yield exchange("2.5", frame(PING, b"x" * 126), code=1002)
    yield exchange("2.7", frame(PONG))
    yield exchange("2.8", frame(PONG, b"unsolicited"))
    yield exchange("2.9", frame(PONG, b"unsolicited") + frame(PING, b"p"), (PONG, b"p"))
    payloads = [b"payload-%d" % number for number in range(10)]
    yield exchange(
        "2.10", b"".join(frame(PING, p) for p in payloads), *((PONG, p) for p in payloads)
    )


def reserved_bits() -> Iterator[Exchange]:
    """Section 3: what came before the fault is answered, nothing after it."""
    yield exchange("3.1", frame(TEXT, b"x", rsv=1), code=1002)
    for number, rsv in enumerate((2, 3, 4), 2):
        wrong = frame(TEXT, b"x", rsv=rsv)
        yield exchange(f"3.{number}", HELLO_FRAME + wrong + frame(PING), HELLO, code=1002)
    yield exchange("3.5", frame(BINARY, b"\x00" * 8, rsv=5), code=1002)
    yield exchange("3.6", frame(PING, b"x", rsv=6), code=1002)
    yield exchange("3.7", frame(CLOSE, b"\x03\xe8", rsv=7), code=1002)


def reserved_opcodes() -> Iterator[Exchange]:
    """Section 4."""
    for part, opcodes in ((1, range(3, 8)), (2, range(11, 16))):
        for number, opcode in enumerate(opcodes, 1):
            yield exchange(f"4.{part}.{number}", frame(opcode, b"x"), code=1002)
            sent = HELLO_FRAME + frame(opcode) + frame(PING)
            yield exchange(f"4.{part}.{number} after a message", sent, HELLO, code=1002)


def fragmentation() -> Iterator[Exchange]:
    """Section 5."""
    first, last = frame(TEXT, b"Hel", fin=False), frame(CONT, b"lo")
    ping, pong = frame(PING, b"p"), (PONG, b"p")
    stray, stray_open = frame(CONT, b"x"), frame(CONT, b"x", fin=False)
    yield exchange("5.1", frame(PING, b"x", fin=False) + last, code=1002)
    yield exchange("5.2", frame(PONG, b"x", fin=False) + last, code=1002)
    yield exchange("5.3", first + last, HELLO)
    yield exchange("5.4", [first, last], HELLO)
    yield exchange("5.6", first + ping + last, pong, HELLO)
    yield exchange("5.7", [first, ping, last], pong, HELLO)
    yield exchange("5.9", stray + HELLO_FRAME, code=1002)
    yield exchange("5.12", stray_open + HELLO_FRAME, code=1002)
    yield exchange("5.15", first + last + stray_open + HELLO_FRAME, HELLO, code=1002)
    yield exchange("5.16", (stray_open + first + last) * 2, code=1002)
    yield exchange("5.17", (stray + first + last) * 2, code=1002)
    yield exchange("5.18", first + HELLO_FRAME, code=1002)
    middle = frame(CONT, b"l", fin=False)
    many = [first, middle, ping, middle, middle, ping, frame(CONT, b"o")]
    yield exchange("5.19", b"".join(many), pong, pong, (TEXT, b"Hellllo"))
    yield exchange("5.20", many, pong, pong, (TEXT, b"Hellllo"))


def good_text() -> Iterator[Exchange]:
    """Sections 6.1, 6.2, 6.5 to 6.7, 6.9, 6.11, 6.22 and 6.23."""
    empty = [frame(TEXT, fin=False), frame(CONT, fin=False), frame(CONT)]
    yield exchange("6.1.1", frame(TEXT), (TEXT, b""))
    yield exchange("6.1.2", empty, (TEXT, b""))
    yield exchange("6.1.3", [empty[0], frame(CONT, b"m", fin=False), empty[2]], (TEXT, b"m"))
    yield exchange("6.2.1", frame(TEXT, EUROPEAN), (TEXT, EUROPEAN))
    yield exchange("6.2.2", fragments(EUROPEAN, 10), (TEXT, EUROPEAN))
    yield exchange("6.2.3", fragments(EUROPEAN, 1), (TEXT, EUROPEAN))
    yield exchange("6.2.4", fragments(GREEK, 1), (TEXT, GREEK))
    edges = [0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF]
    non_characters = [plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)]
    for point in sorted({*edges, *non_characters, *range(0xFFF9, 0xFFFE)}):
        text = chr(point).encode()
        yield exchange(f"6.7 U+{point:04X}", frame(TEXT, text), (TEXT, text))
        if point > 0x7F:
            yield exchange(f"6.7 U+{point:04X} in pieces", fragments(text, 1), (TEXT, text))


BAD_TEXT = {
    "6.3.1": GREEK + b"\xed\xa0\x80edited",
    "6.6 cut after one": b"\xce",
    "6.6 cut after two": b"\xe2\x82",
    "6.6 cut after three": b"\xf0\x9f\x98",
    "6.8 five bytes": b"\xf8\x88\x80\x80\x80",
    "6.8 six bytes": b"\xfc\x84\x80\x80\x80\x80",
    "6.10 beyond": b"\xf4\x90\x80\x80",
    "6.10 beyond, longer": b"\xf7\xbf\xbf\xbf",
    "6.12 continuation": b"\x80",
    "6.12 last continuation": b"\xbf",
    "6.12 continuations": b"\x80\xbf" * 3,
    "6.12 all continuations": bytes(range(0x80, 0xC0)),
    "6.13 lonely start of two": b"\xc3 \xc4 ",
    "6.13 lonely start of three": b"\xe0 \xef ",
    "6.13 lonely start of four": b"\xf0 \xf4 ",
    "6.14 incomplete, then more": b"\xe2\x82x",
    "6.15 incomplete ones": b"\xc0\xe0\x80\xf0\x80\x80",
    "6.16 fe": b"\xfe",
    "6.16 ff": b"\xff",
    "6.17 overlong slash in two": b"\xc0\xaf",
    "6.17 overlong slash in three": b"\xe0\x80\xaf",
    "6.17 overlong slash in four": b"\xf0\x80\x80\xaf",
    "6.18 largest overlong in two": b"\xc1\xbf",
    "6.18 largest overlong in three": b"\xe0\x9f\xbf",
    "6.18 largest overlong in four": b"\xf0\x8f\xbf\xbf",
    "6.19 overlong nul": b"\xc0\x80",
    "6.20 surrogate": b"\xed\xa0\x80",
    "6.20 last surrogate": b"\xed\xbf\xbf",
    "6.21 surrogate pair": b"\xed\xa0\x80\xed\xb0\x80",
}


def closing() -> Iterator[Exchange]:
    """Section 7."""
    normal, ping = close_frame(1000), frame(PING)
    yield exchange("7.1.1", HELLO_FRAME + normal, HELLO)
    yield exchange("7.1.2", normal + normal)
    yield exchange("7.1.3", normal + ping)
    yield exchange("7.1.4", normal + HELLO_FRAME)
    first, last = frame(TEXT, b"Hel", fin=False), frame(CONT, b"lo")
    yield exchange("7.1.5", first + normal + last)
    yield exchange("7.1.5 in pieces", [first, normal, last])
    yield exchange("7.1.5 without a code", first + frame(CLOSE) + last, code=1005)
    yield exchange("7.1.5 with a ping", first + ping + normal + last, (PONG, b""))
    yield exchange("7.3.1", frame(CLOSE), code=1005)
    yield exchange("7.3.2", frame(CLOSE, b"a"), code=1002)
    yield exchange("7.3.4", close_frame(1000, b"Hello World!"))
    yield exchange("7.3.5", close_frame(1000, b"*" * 123))
    yield exchange("7.3.6", close_frame(1000, b"*" * 124), code=1002)
    yield exchange("7.3.7 in pieces", frame(CLOSE, b"\x03\xe8", fin=False), code=1002)
    yield exchange("7.5.1", close_frame(1000, BAD_TEXT["6.3.1"]), code=1007)
    good = (1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
    for number in good:
        yield exchange(f"7.7 {number}", close_frame(number), code=number)
    bad = (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)
    for number in bad:
        yield exchange(f"7.9 {number}", close_frame(number), code=1002)


def masks() -> Iterator[Exchange]:
    """Section 5.3 of the RFC: every frame of a client is masked."""
    for opcode in (TEXT, BINARY, PING, PONG, CLOSE):
        unmasked = frame(opcode, b"\x03\xe8", mask=None)
        yield exchange(f"unmasked {opcode:x}", HELLO_FRAME + unmasked, HELLO, code=1002)
    yield exchange("masked", frame(TEXT, b"Hello", mask=b"\xff\x00\x55\xaa"), HELLO)
    wrong_key = bytearray(HELLO_FRAME)
    wrong_key[2] ^= 0x80
    yield exchange("masked with another key", bytes(wrong_key), code=1007)


def sizes() -> Iterator[Exchange]:
    """Section 10, and sizes that are announced only."""
    payload = b"*" * LARGEST
    yield exchange("10.1.1", fragments(payload, 1300), (TEXT, payload))
    for size in (LARGEST + 1, 1 << 31, 1 << 62):
        yield exchange(f"announced {size}", frame(BINARY, b"x", announced=size), code=1009)
    yield exchange("the topmost bit", frame(BINARY, b"x", announced=1 << 63), code=1009)
    first = frame(BINARY, b"x" * (LARGEST - 1), fin=False)
    yield exchange("too large in pieces", first + frame(CONT, b"x" * 2, announced=2), code=1009)
    yield exchange("just not too large", first + frame(CONT, b"x"), (TEXT, b"x" * LARGEST))


SECTIONS: dict[str, Sequence[Exchange]] = {
    "data_frames": [*data_frames()],
    "pings_and_pongs": [*pings_and_pongs()],
    "reserved_bits": [*reserved_bits()],
    "reserved_opcodes": [*reserved_opcodes()],
    "fragmentation": [*fragmentation()],
    "good_text": [*good_text()],
    "closing": [*closing()],
    "masks": [*masks()],
    "sizes": [*sizes()],
    "bad_text": [exchange(name, frame(TEXT, text), code=1007) for name, text in BAD_TEXT.items()],
}
each_section = pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)


@each_section
async def test_section(echo: Node, section: Sequence[Exchange]) -> None:
    """The server's messages are these, and its close code is this."""
    with all_cases() as case:
        for name, sent, expected, code in section:
            with case(name):
                found = await conversation(echo, sent, closes=code == 1000)
                assert found == (by_kind(expected), code)


@each_section
async def test_section_byte_by_byte(echo: Node, section: Sequence[Exchange]) -> None:
    """The same if every byte arrives alone."""
    with all_cases() as case:
        for name, sent, expected, code in section:
            if len(joined(sent)) >= 500:
                continue
            with case(name):
                found = await conversation(echo, sent, closes=code == 1000, chop=1)
                assert found == (by_kind(expected), code)


async def test_large_message_in_odd_pieces(echo: Node) -> None:
    """1.1.8: a frame of the largest size in packets of 997 bytes."""
    payload = b"*" * LARGEST
    found = await conversation(echo, frame(TEXT, payload), chop=997)
    assert found == ([(TEXT, payload)], 1000)


async def test_bad_text_fails_in_its_fragment(echo: Node) -> None:
    """6.4.1: a message that cannot become valid any more is not waited for."""
    with all_cases() as case:
        for name, text in BAD_TEXT.items():
            with case(name):
                peer = await opened(echo)
                fragment = frame(CONT, text + b"x", fin=False)
                peer.send(HELLO_FRAME + frame(TEXT, GREEK, fin=False) + fragment)
                await asyncio.wait_for(peer.ended.wait(), TIMEOUT_S)
                assert peer.messages is not None
                assert [opcode for opcode, _ in peer.messages] == [TEXT, CLOSE]
                assert peer.close_code == 1007


VIOLATIONS = {
    "bad opcode": (frame(0x3), 1002),
    "unmasked": (frame(TEXT, b"x", mask=None), 1002),
    "reserved bit": (frame(TEXT, b"x", rsv=4), 1002),
    "long ping": (frame(PING, b"x" * 126), 1002),
    "bad close": (frame(CLOSE, b"a"), 1002),
    "continuation of nothing": (frame(CONT, b"x"), 1002),
    "too large": (frame(BINARY, b"x", announced=LARGEST + 1), 1009),
    "bad text": (frame(TEXT, b"\xff"), 1007),
    "bad text in a fragment": (frame(TEXT, b"\xff", fin=False), 1007),
    "bad text and more": (frame(TEXT, b"\xff") + HELLO_FRAME + frame(0x3), 1007),
    "bad reason": (frame(CLOSE, b"\x03\xe8\xff"), 1007),
    "close": (close_frame(1001), 1001),
    "close without a code": (frame(CLOSE), 1005),
    "close within a message": (frame(TEXT, b"x", fin=False) + close_frame(1000), 1000),
}
each_violation = pytest.mark.parametrize(("violation", "code"), VIOLATIONS.values(), ids=VIOLATIONS)


@each_violation
async def test_violation_behind_the_handshake(echo: Node, violation: bytes, code: int) -> None:
    """In the same packet as an accepted handshake: it closes the connection like any other, and
    what came before it is answered."""
    peer = await connect(port_of(echo), Counter(), next(_addresses), messages=[])
    assert await peer.ask(handshake(ECHO) + HELLO_FRAME + violation) == 101
    await asyncio.wait_for(peer.ended.wait(), TIMEOUT_S)
    assert peer.messages is not None
    assert [opcode for opcode, _ in peer.messages] == [TEXT, CLOSE]
    assert peer.close_code == code


async def test_ping_behind_the_handshake(echo: Node) -> None:
    """Its pong comes behind the answer to the handshake."""
    peer = await connect(port_of(echo), Counter(), next(_addresses), messages=[])
    assert await peer.ask(handshake(ECHO) + frame(PING, b"early") + HELLO_FRAME) == 101
    peer.send(close_frame(1000))
    await asyncio.wait_for(peer.ended.wait(), TIMEOUT_S)
    assert peer.messages is not None
    assert by_kind(peer.messages)[:1] == [HELLO]
    assert (PONG, b"early") in peer.messages
    assert peer.close_code == 1000


@each_violation
async def test_violation_behind_a_refused_handshake(
    echo: Node, violation: bytes, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    """It changes nothing about the refusal."""
    peer = await connect(port_of(echo), Counter(), next(_addresses))
    refused = handshake(ECHO, headers={"Sec-WebSocket-Version": "8"})
    assert await peer.ask(refused + HELLO_FRAME + violation) == 400
    await asyncio.wait_for(peer.ended.wait(), TIMEOUT_S)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_no_extension_is_negotiated(echo: Node) -> None:
    """12 and 13: compression is offered, and not taken; a compressed message is a violation."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port_of(echo), local_addr=(next(_addresses), 0)
    )
    offer = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits, x-webkit"}
    writer.write(handshake(ECHO, headers=offer))
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), TIMEOUT_S)
    assert head.startswith(b"HTTP/1.1 101")
    assert b"extensions" not in head.lower()
    writer.write(frame(TEXT, b"\xf2H\xcd\xc9\xc9\x07\x00", rsv=4))
    close = await asyncio.wait_for(reader.read(), TIMEOUT_S)
    assert close[:1] + close[2:4] == b"\x88\x03\xea"
    writer.close()


async def test_violations_are_no_errors_of_ours(
    echo: Node, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody can fill the log with what he sends."""
    for sent in itertools.chain(
        (frame(TEXT, text) for text in BAD_TEXT.values()),
        (frame(TEXT, b"x", rsv=4), frame(0x3), frame(PING, b"x" * 126), frame(CLOSE, b"a")),
    ):
        await conversation(echo, [sent, sent], closes=False)
    assert [record for record in caplog.records if record.levelname not in {"DEBUG", "INFO"}] == []
