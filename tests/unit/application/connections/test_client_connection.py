"""What every connection does: pings, a message budget, deadlines, stalls."""

from typing import Any

import pytest

from application.frames.close_codes import CloseCode
from tests.support.stage import REALTIME, TOKEN_S, Socket, Stage


def say(stage: Stage, socket: Socket[Any], message: str | bytes, times: int = 1) -> None:
    for _ in range(times):
        socket.connection.receive(message, stage.world.clock.monotonic())


@pytest.mark.parametrize("message", ["ping", b"ping", '{"type": "ping"}', b'{"type":"ping"}'])
def test_ping_is_answered(stage: Stage, message: str | bytes) -> None:
    """Bare text and JSON are answered, in text and binary frames."""
    device = stage.device()
    say(stage, device, message)
    assert device.last() == {"type": "pong"}


@pytest.mark.parametrize(
    "message",
    ["", "PING", "{", "[]", "{}", '{"type": 1}', '{"type": "subscribe"}', b"\xff"],
    ids=["empty", "shouted", "no JSON", "array", "no type", "number", "other type", "no UTF-8"],
)
def test_unknown_message_is_named_so(stage: Stage, message: str | bytes) -> None:
    """The client gets an error frame, and the socket stays open."""
    device = stage.device()
    say(stage, device, message)
    assert (device.last()["type"], device.last()["code"]) == ("error", "unknown_message")
    assert device.closed_with() is None


def test_monitor_answers_too(stage: Stage) -> None:
    """Monitors answer pings like sessions."""
    monitor = stage.monitor()
    say(stage, monitor, "ping")
    assert monitor.last() == {"type": "pong"}


def test_budget_of_messages(stage: Stage) -> None:
    """Messages within the budget are answered; the next one closes the connection."""
    device = stage.device()
    say(stage, device, "ping", REALTIME.messages_per_10s)
    assert device.closed_with() is None
    say(stage, device, "ping")
    assert device.closed_with() == CloseCode.BUDGET_EXCEEDED
    assert device.types().count("pong") == REALTIME.messages_per_10s


def test_budget_is_renewed_after_ten_seconds(stage: Stage) -> None:
    """A client that stays within it is not closed."""
    device = stage.device()
    for _ in range(3):
        say(stage, device, "ping", REALTIME.messages_per_10s)
        stage.world.clock.advance(10)
    assert device.closed_with() is None
    assert device.types().count("pong") == 3 * REALTIME.messages_per_10s


def test_budget_is_not_renewed_before(stage: Stage) -> None:
    """After 9.9 seconds the budget is still used up."""
    device = stage.device()
    say(stage, device, "ping", REALTIME.messages_per_10s)
    stage.world.clock.advance(9.9)
    say(stage, device, "ping")
    assert device.closed_with() == CloseCode.BUDGET_EXCEEDED


def test_renewed_budget_is_as_large_as_the_first(stage: Stage) -> None:
    """The message that begins a window counts in it."""
    device = stage.device()
    stage.world.clock.advance(10)
    say(stage, device, "ping", REALTIME.messages_per_10s + 1)
    assert device.closed_with() == CloseCode.BUDGET_EXCEEDED


def test_first_window_begins_with_the_connection(stage: Stage) -> None:
    """It does not begin with the first message."""
    device = stage.device()
    for seconds in (9, 1):
        stage.world.clock.advance(seconds)
        say(stage, device, "ping", REALTIME.messages_per_10s)
    assert device.closed_with() is None


def test_expired_token_ends_the_connection(stage: Stage) -> None:
    """It is closed when the token expires, and not a second earlier."""
    device = stage.device()
    stage.wait(TOKEN_S - 1)
    assert device.closed_with() is None
    stage.wait(1)
    assert device.closed_with() == CloseCode.TOKEN_EXPIRED


def test_stalled_socket_is_closed(stage: Stage) -> None:
    """A socket without progress is closed after the stall time."""
    device = stage.device()
    stage.wait(1)
    stage.act()
    stage.deliver_all()
    stage.wait(REALTIME.stall_s - 1)
    assert device.closed_with() is None
    stage.wait(1)
    assert device.closed_with() == CloseCode.NO_PROGRESS


def test_new_socket_has_the_whole_stall_time(stage: Stage) -> None:
    """The stall time begins with its first frame."""
    device = stage.opening_device()
    stage.answer()
    stage.wait(REALTIME.stall_s - 1)
    assert device.closed_with() is None
    stage.wait(1)
    assert device.closed_with() == CloseCode.NO_PROGRESS


def test_progress_resets_the_stall(stage: Stage) -> None:
    """A slow socket stays open as long as it makes progress."""
    device = stage.device()
    stage.act(3)
    stage.deliver_all()
    for _ in range(2):
        stage.wait(REALTIME.stall_s - 1)
        device.sink.drain(1)
    stage.wait(REALTIME.stall_s - 1)
    assert device.sink.buffered_bytes() > 0
    assert device.closed_with() is None
    stage.wait(REALTIME.stall_s)
    assert device.closed_with() == CloseCode.NO_PROGRESS


def test_idle_socket_never_stalls(stage: Stage) -> None:
    """Without buffered data there is no stall; the time begins with the next frame."""
    device = stage.device()
    stage.wait(10 * REALTIME.stall_s)
    stage.act()
    stage.deliver_all()
    stage.wait(REALTIME.stall_s - 1)
    assert device.closed_with() is None


def test_stalled_socket_is_not_read_for(stage: Stage) -> None:
    """A tick reads again only after the socket made progress."""
    device = stage.device()
    stage.wait(1)
    stage.act()
    stage.deliver_all()
    stage.head_moved(device, 2)
    stage.world.reader.fail(0)
    stage.wait(1)
    assert stage.reads == 0
    device.sink.drain()
    stage.wait(1)
    assert stage.reads == 1


def test_first_reason_to_close_counts(stage: Stage) -> None:
    """A second close has no effect."""
    device = stage.device()
    device.connection.close(CloseCode.SHUTDOWN, "restarting")
    device.connection.close(CloseCode.NORMAL, "")
    stage.wait(TOKEN_S)
    assert device.closed_with() == CloseCode.SHUTDOWN


def test_nothing_is_written_after_the_close(stage: Stage) -> None:
    """Neither events nor pongs are written."""
    device = stage.device()
    before = device.types()
    device.connection.close(CloseCode.NORMAL, "")
    stage.act()
    stage.deliver_all()
    say(stage, device, "ping")
    assert device.types() == before


def is_called_when_writable(socket: Socket[Any]) -> bool:
    """Whether the connection has a callback at its sink."""
    return socket.sink.on_writable is not None


def test_gone_socket_calls_nobody(stage: Stage) -> None:
    """The sink's callback is removed, and a later close does not reach the sink."""
    device = stage.device()
    assert is_called_when_writable(device)
    stage.leave(device)
    assert not is_called_when_writable(device)
    assert device.connection.closed
    device.connection.close(CloseCode.NORMAL, "")
    assert device.closed_with() is None


def test_connection_ids_differ(stage: Stage) -> None:
    """Each connection has its own id for logs and greetings."""
    ids = {stage.device().connection.peer.connection_id for _ in range(3)}
    assert len(ids) == 3
