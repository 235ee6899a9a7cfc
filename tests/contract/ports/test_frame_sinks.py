"""FrameSink over real sockets, with a server in the test's loop and the client of a library."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from attrs import define, field, frozen
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode

from adapters.inbound.server.interval_timer import IntervalTimer, Timed
from adapters.inbound.websocket import asgi_sink
from adapters.inbound.websocket.asgi_sink import AsgiSink
from adapters.inbound.websocket.socket_sink import SocketSink
from adapters.inbound.websocket.transport import websocket_connection
from adapters.inbound.websocket.transport.handshake import EXTENSION
from adapters.inbound.websocket.transport.incoming_frames import FrameLimits
from adapters.inbound.websocket.transport.websocket_connection import (
    WebSocketConnection,
    WebSocketSettings,
)
from adapters.inbound.websocket.transport.write_coalescer import WriteCoalescer
from application.connections.budget import UsedBudgets
from application.frames.frame import Frame, FrameBatch
from application.ports.frame_sink import SinkGroup
from bootstrap.container import build_container
from bootstrap.settings.settings import Settings
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.servers import web_server

HIGH_WATER = 64 * 1024
TIMEOUT_S = 30.0
BIG = Frame(b"x" * 100_000)
COALESCER = WriteCoalescer()
FLOOD = 200
"""So many big frames fill every buffer between the two ends."""


@frozen
class Kind:
    """A kind of sink. `cuts_off`: it aborts the connection of a peer that reads nothing; others
    forget the connection and leave the socket to the server."""

    make: Callable[[Any, Any, Any], SocketSink]
    ws: Any
    cuts_off: bool


KINDS = {
    "transport": Kind(
        lambda scope, receive, send: scope["extensions"][EXTENSION],
        WebSocketConnection,
        cuts_off=True,
    ),
    "asgi": Kind(
        lambda scope, receive, send: AsgiSink(receive, send, HIGH_WATER),
        "websockets-sansio",
        cuts_off=False,
    ),
}


class Peer(ClientConnection):
    """A client that records the opcodes of the frames it gets."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.opcodes: list[Opcode] = []

    def process_event(self, event: Any) -> None:
        if isinstance(event, WireFrame):
            self.opcodes.append(event.opcode)
        super().process_event(event)


@define(eq=False)
class Line:
    """One connection: the sink, what it received, and the client at the other end."""

    sink: SocketSink
    messages: "asyncio.Queue[str | bytes]" = field(factory=asyncio.Queue)
    ended: asyncio.Event = field(factory=asyncio.Event)
    client: Peer = field(init=False)

    async def end(self) -> None:
        self.ended.set()

    async def received(self) -> list[bytes]:
        """All frames that the client gets until its connection is closed."""
        frames = []
        async with asyncio.timeout(TIMEOUT_S):
            try:
                while True:
                    frames.append(await self._text())
            except ConnectionClosed:
                return frames

    async def receive(self, count: int) -> list[bytes]:
        async with asyncio.timeout(TIMEOUT_S):
            return [await self._text() for _ in range(count)]

    async def _text(self) -> bytes:
        """The payload of the next frame, which must be a text frame."""
        text = await self.client.recv()
        assert isinstance(text, str)
        return text.encode()

    def flood(self) -> None:
        for _ in range(FLOOD):
            self.sink.write(BIG)

    async def until_full(self) -> None:
        """Return when the operating system takes no more, over many ticks of the event loop."""
        sent, ticks = -1, 0
        while ticks < 20:
            ticks = ticks + 1 if sent == self.sink.sent_bytes() else 0
            sent = self.sink.sent_bytes()
            await asyncio.sleep(0.005)


@define(eq=False)
class Hall:
    """A server that puts a sink on each connection; `kind.ws` serves it."""

    kind: Kind
    stack: AsyncExitStack
    opened: "asyncio.Queue[Line]" = field(factory=asyncio.Queue)
    server: uvicorn.Server = field(init=False)
    port: int = field(init=False)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        line = Line(self.kind.make(scope, receive, send))
        self.opened.put_nowait(line)
        await line.sink.listen(line.messages.put_nowait, line.end)

    async def open(self, heartbeat_s: float = 3600) -> "Hall":
        """Serve; only sinks on the transport have heartbeats."""
        ws = self.kind.ws
        if self.kind.cuts_off:
            settings = WebSocketSettings(
                heartbeats=IntervalTimer(heartbeat_s),
                admissions=IntervalTimer(3600),
                addresses=build_container(Settings()).address_limits(),
                used_budgets=UsedBudgets(),
                coalescer=COALESCER,
                telemetry=RecordingTelemetry(),
                high_water=HIGH_WATER,
                frame_limits=FrameLimits(
                    frames=200, bytes=64 * 1024 * 1024, message_bytes=1024 * 1024
                ),
            )
            ws = partial(ws, settings=settings)
        options = {"ws_per_message_deflate": False, "ws_ping_interval": None}
        serving = web_server(self.app, ws=ws, **options)
        self.server, self.port = await self.stack.enter_async_context(serving)
        return self

    async def line(self) -> Line:
        """A connection whose client reads only when a test asks it to."""
        client = await self.stack.enter_async_context(
            connect(
                f"ws://127.0.0.1:{self.port}/",
                compression=None,
                max_size=None,
                max_queue=1,
                ping_interval=None,
                close_timeout=0.2,
                create_connection=Peer,
            )
        )
        line = await self.opened.get()
        assert isinstance(client, Peer)
        line.client = client
        return line

    async def until_gone(self) -> None:
        """Wait until the server has no connection."""
        async with asyncio.timeout(TIMEOUT_S):
            while self.server.server_state.connections:  # noqa: ASYNC110 (nothing tells)
                await asyncio.sleep(0.01)


@pytest_asyncio.fixture(params=KINDS)
async def closed_hall(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Hall]:
    """A server that is not started yet; at the end no error may have been logged."""
    async with AsyncExitStack() as stack:
        yield Hall(KINDS[request.param], stack)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the timeout for peers after a close."""
    for module in (asgi_sink, websocket_connection):
        monkeypatch.setattr(module, "CLOSE_TIMEOUT_S", 0.3)


@pytest_asyncio.fixture
async def hall(closed_hall: Hall) -> "Hall":
    return await closed_hall.open()


@pytest_asyncio.fixture
async def line(hall: Hall) -> Line:
    return await hall.line()


SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]


async def test_frames_of_all_sizes_keep_their_order(line: Line) -> None:
    """The order is kept for frames written in one tick and for frames written in many."""
    payloads = [b"%d" % (n % 10) * size for n, size in enumerate(SIZES * 2)]
    for payload in payloads:
        line.sink.write(Frame(payload))
    for payload in payloads:
        line.sink.write(Frame(payload))
        await asyncio.sleep(0)
    assert await line.receive(2 * len(payloads)) == payloads * 2


async def test_text_of_any_letters_arrives(line: Line) -> None:
    """Frames are text frames: the client decodes them."""
    line.sink.write(Frame("für 玩家 🎰".encode()))
    assert await line.client.recv() == "für 玩家 🎰"


async def test_a_frame_may_go_to_many_sinks(hall: Hall) -> None:
    """One frame object can be written to several sinks, several times."""
    lines = [await hall.line() for _ in range(3)]
    frames = [Frame(b"shared"), Frame(b"y" * 70_000)]
    for line in lines:
        for frame in frames * 2:
            line.sink.write(frame)
    for line in lines:
        assert await line.receive(4) == [frame.payload for frame in frames * 2]


async def test_the_close_comes_after_everything_written(line: Line) -> None:
    """The client gets all frames, then code and reason."""
    for n in range(100):
        line.sink.write(Frame(b"%d" % n * 50_000))
    line.sink.close(4001, "für immer")
    assert await line.received() == [b"%d" % n * 50_000 for n in range(100)]
    assert (line.client.close_code, line.client.close_reason) == (4001, "für immer")
    await asyncio.wait_for(line.ended.wait(), TIMEOUT_S)


async def test_after_the_close_everything_is_ignored(line: Line) -> None:
    """Frames and a second close have no effect."""
    line.sink.write(Frame(b"before"))
    line.sink.close(4001, "first")
    line.sink.write(Frame(b"after"))
    line.sink.close(4002, "second")
    await asyncio.sleep(0)
    line.sink.write(Frame(b"later"))
    assert await line.received() == [b"before"]
    assert (line.client.close_code, line.client.close_reason) == (4001, "first")
    await asyncio.wait_for(line.ended.wait(), TIMEOUT_S)
    line.sink.write(Frame(b"much later"))
    line.sink.close(4003, "third")


async def test_a_sink_counts_buffered_and_sent_bytes(line: Line) -> None:
    """Their sum is what was written; nothing is buffered once the peer has read all."""
    assert line.sink.buffered_bytes() == 0
    before = line.sink.sent_bytes()
    line.flood()
    written = line.sink.buffered_bytes() + line.sink.sent_bytes() - before
    assert written >= FLOOD * len(BIG.payload)
    await line.until_full()
    assert line.sink.buffered_bytes() > line.sink.high_water == HIGH_WATER
    assert line.sink.buffered_bytes() + line.sink.sent_bytes() - before == written
    await line.receive(FLOOD)
    assert line.sink.buffered_bytes() == 0
    assert line.sink.sent_bytes() - before == written


async def test_a_sink_calls_back_when_it_is_writable_again(line: Line) -> None:
    """`on_writable` is called once each time that a full sink has room again."""
    levels: list[int] = []
    line.sink.on_writable = lambda: levels.append(line.sink.buffered_bytes())
    line.sink.write(Frame(b"a little"))
    await line.receive(1)
    assert levels == []
    for times in (1, 2):
        line.flood()
        await line.until_full()
        assert len(levels) == times - 1
        await line.receive(FLOOD)
        assert len(levels) == times
    assert max(levels) < HIGH_WATER


async def test_writing_goes_on_in_on_writable(line: Line) -> None:
    """A writer that stops at the high-water mark and goes on in `on_writable` gets everything
    through."""
    left = FLOOD

    def advance() -> None:
        nonlocal left
        while left and line.sink.buffered_bytes() < line.sink.high_water:
            line.sink.write(BIG)
            left -= 1

    line.sink.on_writable = advance
    advance()
    assert left
    assert len(await line.receive(FLOOD)) == FLOOD
    assert left == 0


async def test_once_the_peer_is_gone_everything_is_ignored(line: Line) -> None:
    """After the connection broke, writes and closes raise nothing, and `listen` has ended."""
    line.flood()
    await asyncio.sleep(0)
    line.client.transport.abort()
    line.flood()
    await asyncio.wait_for(line.ended.wait(), TIMEOUT_S)
    line.flood()
    await asyncio.sleep(0)
    assert line.sink.buffered_bytes() >= 0
    assert line.sink.sent_bytes() >= 0
    line.sink.close(4001, "gone")
    line.sink.write(BIG)


async def test_the_peer_may_close(hall: Hall, line: Line) -> None:
    """The peer gets its code back, `listen` ends, and the server forgets the connection."""
    line.sink.write(Frame(b"before"))
    await line.receive(1)
    await line.client.close(3000, "bye")
    assert line.client.close_code == 3000
    await asyncio.wait_for(line.ended.wait(), TIMEOUT_S)
    line.sink.write(Frame(b"after"))
    await hall.until_gone()


@pytest.mark.usefixtures("impatient")
async def test_a_peer_that_reads_nothing_is_cut_off_after_the_close(hall: Hall, line: Line) -> None:
    """A sink that cannot abort the connection stops waiting for it."""
    line.flood()
    await line.until_full()
    line.sink.close(4001, "too slow")
    await asyncio.wait_for(line.ended.wait(), TIMEOUT_S)
    if hall.kind.cuts_off:
        await hall.until_gone()
    else:
        line.client.transport.abort()


async def test_a_peer_that_reads_slowly_still_gets_all_of_it(line: Line) -> None:
    """Messages that the peer sends after the close do not shorten the output."""
    line.flood()
    await line.until_full()
    line.sink.close(4001, "bye")
    for n in range(5):
        await line.client.send(f"too late {n}")
    assert len(await line.received()) == FLOOD
    assert line.client.close_code == 4001
    assert line.messages.empty()


async def test_progress_is_what_the_peer_acknowledges(line: Line) -> None:
    """`acknowledged_bytes` changes while the peer reads and at no other time."""
    line.flood()
    await line.until_full()
    async with asyncio.timeout(TIMEOUT_S):
        while (before := line.sink.acknowledged_bytes()) != await later(
            line.sink.acknowledged_bytes
        ):
            pass
    await line.receive(FLOOD)
    async with asyncio.timeout(TIMEOUT_S):
        while line.sink.acknowledged_bytes() == before:  # noqa: ASYNC110 (confirmed by the peer's system)
            await asyncio.sleep(0.01)


async def later(value: Callable[[], int]) -> int:
    """The value after all data in flight has had time to arrive."""
    await asyncio.sleep(0.3)
    return value()


async def test_messages_arrive_in_order(line: Line) -> None:
    """Text arrives as text and binary as bytes, empty messages included."""
    sent: list[str | bytes] = [
        "ping",
        b"\x00\xff",
        "",
        b"",
        "für 玩家",
        "x" * 60_000,
        b"y" * 60_000,
    ]
    for message in sent:
        await line.client.send(message)
    async with asyncio.timeout(TIMEOUT_S):
        assert [await line.messages.get() for _ in sent] == sent


async def test_messages_and_frames_do_not_hold_each_other_up(line: Line) -> None:
    """Messages of a peer that reads nothing still arrive."""
    line.flood()
    await line.until_full()
    await line.client.send("still here")
    assert await asyncio.wait_for(line.messages.get(), TIMEOUT_S) == "still here"
    assert len(await line.receive(FLOOD)) == FLOOD


# Groups


GROUP_LIMIT = 2 * HIGH_WATER
"""What may wait in a sink of a group."""


def frame_batch(*payloads: bytes) -> FrameBatch:
    return FrameBatch([Frame(payload) for payload in payloads])


@define(eq=False)
class Together:
    """Lines of one hall, in a group."""

    lines: list[Line]
    group: SinkGroup[Any] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.group = self.lines[0].sink.new_group()
        for line in self.lines:
            self.group.add(line.sink)


@pytest_asyncio.fixture
async def together(hall: Hall) -> Together:
    return Together([await hall.line() for _ in range(3)])


async def test_a_group_gets_all_frames_in_order(together: Together) -> None:
    """The order of batches is kept within a tick and across ticks."""
    for _ in range(2):
        assert together.group.write(frame_batch(b"1", b"2" * 200, b"3"), GROUP_LIMIT) == []
        assert together.group.write(frame_batch(b"4"), GROUP_LIMIT) == []
        await asyncio.sleep(0)
    for line in together.lines:
        assert await line.receive(8) == [b"1", b"2" * 200, b"3", b"4"] * 2


async def test_batches_and_frames_keep_their_order(together: Together) -> None:
    """Batches for the group and frames for one sink arrive in the order written."""
    first, second, third = together.lines
    first.sink.write(Frame(b"before"))
    together.group.write(frame_batch(b"all"), GROUP_LIMIT)
    second.sink.write(Frame(b"after"))
    together.group.write(frame_batch(b"all again"), GROUP_LIMIT)
    await asyncio.sleep(0)
    together.group.write(frame_batch(b"later"), GROUP_LIMIT)
    assert await first.receive(4) == [b"before", b"all", b"all again", b"later"]
    assert await second.receive(4) == [b"all", b"after", b"all again", b"later"]
    assert await third.receive(3) == [b"all", b"all again", b"later"]


async def test_a_group_skips_full_sinks(together: Together) -> None:
    """`write` returns the full sinks; they are written to again once they have room."""
    slow, *fast = together.lines
    slow.flood()
    await slow.until_full()
    assert together.group.write(frame_batch(b"1"), GROUP_LIMIT) == [slow.sink]
    assert [await line.receive(1) for line in fast] == [[b"1"], [b"1"]]
    await slow.receive(FLOOD)
    assert together.group.write(frame_batch(b"2"), GROUP_LIMIT) == []
    assert await slow.receive(1) == [b"2"]


async def test_a_group_fills_no_sink_beyond_its_limit(together: Together) -> None:
    """Batches are written while they fit, and no longer."""
    slow, *_ = together.lines
    large = frame_batch(b"x" * 10_000)
    for _ in range(10_000):
        if slow.sink in together.group.write(large, GROUP_LIMIT):
            break
        assert slow.sink.buffered_bytes() <= GROUP_LIMIT + 14  # with the frame's head
        await asyncio.sleep(0)
    else:
        pytest.fail("it is never full")
    assert slow.sink.buffered_bytes() + large.size > GROUP_LIMIT


async def test_a_batch_over_the_limit_is_written_to_nobody(together: Together) -> None:
    """Empty sinks do not get it either; a batch of exactly the limit is written."""
    sinks = {line.sink for line in together.lines}
    assert set(together.group.write(frame_batch(b"x" * (GROUP_LIMIT + 1)), GROUP_LIMIT)) == sinks
    assert together.group.write(frame_batch(b"x" * GROUP_LIMIT), GROUP_LIMIT) == []
    for line in together.lines:
        assert await line.receive(1) == [b"x" * GROUP_LIMIT]


async def test_a_sink_that_left_a_group_gets_no_more_of_it(together: Together) -> None:
    """It gets what was written before, and what is written to it alone."""
    leaver, stayer, _ = together.lines
    together.group.write(frame_batch(b"1"), GROUP_LIMIT)
    together.group.remove(leaver.sink)
    together.group.write(frame_batch(b"2"), GROUP_LIMIT)
    leaver.sink.write(Frame(b"alone"))
    assert await leaver.receive(2) == [b"1", b"alone"]
    assert await stayer.receive(2) == [b"1", b"2"]


async def test_what_a_group_wrote_is_counted(together: Together) -> None:
    """`sent_bytes` counts frames of the group like frames of the sink itself, in the group and
    after it."""
    line, *_ = together.lines
    size = line.sink.sent_bytes()
    line.sink.write(Frame(b"x" * 100))
    await line.receive(1)
    one = line.sink.sent_bytes() - size  # a kind may count its framing
    for _ in range(3):
        together.group.write(frame_batch(b"x" * 100), GROUP_LIMIT)
        await line.receive(1)
    assert line.sink.sent_bytes() - size == 4 * one
    together.group.remove(line.sink)
    together.group.write(frame_batch(b"x" * 100), GROUP_LIMIT)
    assert line.sink.sent_bytes() + line.sink.buffered_bytes() - size == 4 * one
    together.group.add(line.sink)
    assert line.sink.sent_bytes() - size == 4 * one


async def test_a_closed_sink_does_not_affect_its_group(together: Together) -> None:
    """Sinks closed by the server, by the peer, or by a broken connection get nothing after the
    close; the others get all."""
    closed, left, broken = together.lines
    closed.sink.close(4001, "bye")
    broken.client.transport.abort()
    for n in range(20):
        together.group.write(frame_batch(b"%d" % n), GROUP_LIMIT)
        await asyncio.sleep(0)
    assert await left.receive(20) == [b"%d" % n for n in range(20)]
    await left.client.close(3000, "bye")
    for line in together.lines:
        together.group.write(frame_batch(b"late"), GROUP_LIMIT)
        await asyncio.wait_for(line.ended.wait(), TIMEOUT_S)
    assert await closed.received() == []
    assert closed.client.close_code == 4001
    together.group.write(frame_batch(b"later"), GROUP_LIMIT)


@pytest.fixture
def cutting_hall(closed_hall: Hall) -> "Hall":
    """A server, not started, of a kind that aborts connections."""
    if not closed_hall.kind.cuts_off:
        pytest.skip("it leaves sockets to the server")
    return closed_hall


async def test_nothing_sleeps_for_an_open_connection(cutting_hall: Hall) -> None:
    """The application's task has ended, and messages, frames and the close still get through."""
    await cutting_hall.open()
    lines = [await cutting_hall.line() for _ in range(3)]
    async with asyncio.timeout(TIMEOUT_S):
        while cutting_hall.server.server_state.tasks:  # noqa: ASYNC110 (nothing tells)
            await asyncio.sleep(0.01)
        for line in lines:
            await line.client.send("hello")
            assert await line.messages.get() == "hello"
            line.sink.write(Frame(b"there"))
            assert await line.receive(1) == [b"there"]
            line.sink.close(4001, "bye")
            await line.ended.wait()


async def test_pings_keep_their_order_with_frames(cutting_hall: Hall) -> None:
    """Within one tick, pings and frames keep their order and the close comes last."""
    await cutting_hall.open()
    line = await cutting_hall.line()
    (connection,) = cutting_hall.server.server_state.connections
    assert isinstance(connection, Timed)
    line.sink.write(Frame(b"1"))
    connection.interval_passed()
    line.sink.write(Frame(b"2"))
    line.sink.close(4001, "bye")
    assert await line.received() == [b"1", b"2"]
    assert line.client.opcodes == [Opcode.TEXT, Opcode.PING, Opcode.TEXT, Opcode.CLOSE]


@pytest.mark.usefixtures("impatient")
async def test_a_peer_that_answers_no_pings_and_reads_nothing_is_cut_off(
    cutting_hall: Hall,
) -> None:
    """The server aborts the connection without waiting for the peer."""
    await cutting_hall.open(heartbeat_s=0.1)
    line = await cutting_hall.line()
    line.flood()
    await asyncio.wait_for(line.ended.wait(), TIMEOUT_S)
    await cutting_hall.until_gone()


@pytest.mark.usefixtures("impatient")
async def test_a_peer_that_closes_and_reads_nothing_is_cut_off(cutting_hall: Hall) -> None:
    """The peer sent a close frame but does not read what was written before."""
    await cutting_hall.open()
    line = await cutting_hall.line()
    line.flood()
    await line.until_full()
    line.client.protocol.send_close(1000)
    line.client.transport.write(b"".join(line.client.protocol.data_to_send()))
    await asyncio.wait_for(line.ended.wait(), TIMEOUT_S)
    await cutting_hall.until_gone()
