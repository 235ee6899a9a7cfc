"""In-band renewal: `token_expiring` ahead of time, and `auth` with a new token."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from application.cluster.messages import LoginRevoked
from application.frames.close_codes import CloseCode
from application.frames.frame import Frame
from application.ports.telemetry import Counted
from domain.account import Role
from tests.support.contract import check_frame
from tests.support.stage import REALTIME, TOKEN_S, Socket, Stage
from tests.support.world import FAR_AHEAD

WARNING_S = REALTIME.token_warning_s


def authenticate(stage: Stage, socket: Socket[Any], token: object) -> dict[str, Any]:
    """Send `auth`, and return the reply."""
    message = json.dumps({"type": "auth", "token": token})
    socket.connection.receive(message, stage.world.clock.monotonic())
    return socket.last()


def pass_time(stage: Stage, socket: Socket[Any], seconds: float) -> None:
    """The client takes what was written, and time passes."""
    socket.sink.drain()
    stage.wait(seconds)


def until_expiry(stage: Stage, socket: Socket[Any]) -> float:
    expires_at: datetime = socket.connection.peer.caller.expires_at
    return (expires_at - stage.world.clock.now()).total_seconds()


def test_a_client_is_told_once_that_its_token_expires_soon(stage: Stage) -> None:
    """Not before the time that the setting names, with the expiry, and not again."""
    device = stage.device()
    stage.wait(TOKEN_S - WARNING_S - 1)
    assert "token_expiring" not in device.types()
    stage.wait(1)
    expiring = device.last()
    check_frame("sync", expiring)
    assert expiring == {
        "type": "token_expiring",
        "v": 1,
        "token_expires_at": device.sink.decoded()[0]["token_expires_at"],
    }
    pass_time(stage, device, 1)
    pass_time(stage, device, 1)
    assert device.types().count("token_expiring") == 1


def test_it_is_told_at_once_if_less_is_left(stage: Stage) -> None:
    """The first frames come first."""
    stage.wait(1)
    device = stage.opening_device()
    stage.world.clock.advance(TOKEN_S - WARNING_S / 2)
    stage.wait(0)
    assert device.types() == []
    stage.answer()
    pass_time(stage, device, 1)
    assert device.types() == ["sync_connected", "initial_state", "token_expiring"]


def test_a_full_socket_is_told_later(stage: Stage) -> None:
    """The frame does not wait behind a full buffer."""
    device = stage.device()
    stage.wait(TOKEN_S - WARNING_S - 1)
    device.sink.write(Frame(b"x" * REALTIME.buffer_bytes))
    stage.wait(1)
    assert b"token_expiring" not in device.sink.frames[-1]
    device.sink.drain()
    stage.wait(1)
    assert b"token_expiring" in device.sink.frames[-1]


def test_a_monitor_is_told_too(stage: Stage) -> None:
    """After its snapshot."""
    monitor = stage.monitor()
    stage.wait(until_expiry(stage, monitor) - WARNING_S)
    check_frame("monitor", monitor.last())
    assert monitor.types()[-1] == "token_expiring"


def test_a_new_token_keeps_the_socket_open(stage: Stage) -> None:
    """Until that one expires; then it is closed with 3005, after a new warning."""
    device = stage.device()
    stage.wait(TOKEN_S - 1)
    renewed = authenticate(stage, device, stage.world.token(stage.ada))
    check_frame("sync", renewed)
    assert renewed == {"type": "auth_ok", "v": 1, "token_expires_at": "2100-01-01T00:00:00.000Z"}
    assert stage.world.telemetry.counts[Counted.RENEWALS, "renewed"] == 1
    stage.act()
    stage.deliver_all()
    pass_time(stage, device, 2)
    assert (device.closed_with(), device.types()[-1]) == (None, "user_action")
    pass_time(stage, device, until_expiry(stage, device) - 1)
    assert device.types().count("token_expiring") == 2
    assert device.closed_with() is None
    pass_time(stage, device, 1)
    assert device.closed_with() == CloseCode.TOKEN_EXPIRED


def test_a_renewed_socket_belongs_to_the_login_of_its_new_token(stage: Stage) -> None:
    """The end of the old login does not concern it, that of the new one does."""
    device = stage.device()
    authenticate(stage, device, stage.world.token(stage.ada, login_id="new"))
    stage.world.hub.apply(LoginRevoked("login"))
    assert device.closed_with() is None
    stage.world.hub.apply(LoginRevoked("new"))
    assert device.closed_with() == CloseCode.UNAUTHENTICATED


def refused_tokens(stage: Stage) -> dict[str, object]:
    stage.world.hub.apply(LoginRevoked("ended"))
    world, past = stage.world, datetime.now(UTC) - timedelta(seconds=10)
    return {
        "garbage": "garbage",
        "none": None,
        "number": 7,
        "empty": "",
        "expired": world.token(stage.ada, expires_at=past),
        "revoked": world.token(stage.ada, login_id="ended"),
        "other_user": world.token(stage.bob),
        "other_admin": world.token(stage.bob, role=Role.ADMIN),
    }


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("garbage", "token_invalid"),
        ("none", "token_missing"),
        ("number", "token_missing"),
        ("empty", "token_missing"),
        ("expired", "token_expired"),
        ("revoked", "token_revoked"),
        ("other_user", "wrong_user"),
        ("other_admin", "wrong_user"),
    ],
)
def test_a_refused_token_changes_nothing(stage: Stage, name: str, code: str) -> None:
    """The reply has the code; the socket goes on as who it was, until its own token expires."""
    device = stage.device()
    before = device.connection.peer
    token = refused_tokens(stage)[name]
    error = authenticate(stage, device, token)
    check_frame("sync", error)
    assert (error["type"], error["code"]) == ("error", code)
    assert stage.world.telemetry.counts[Counted.RENEWALS, code] == 1
    assert device.connection.peer == before
    stage.act(user=stage.bob)
    stage.deliver_all()
    assert device.seqs() == []
    pass_time(stage, device, TOKEN_S)
    assert device.closed_with() == CloseCode.TOKEN_EXPIRED


def test_a_monitor_stays_an_operators(stage: Stage) -> None:
    """A token of the same user without the role is refused; one with it is accepted."""
    monitor = stage.monitor()
    refused = authenticate(stage, monitor, stage.world.token(stage.bob))
    assert (refused["type"], refused["code"]) == ("error", "admin_only")
    assert monitor.connection.peer.caller.role is Role.ADMIN
    renewed = authenticate(stage, monitor, stage.world.token(stage.bob, role=Role.ADMIN))
    check_frame("monitor", renewed)
    assert renewed["type"] == "auth_ok"
    assert monitor.connection.peer.caller.expires_at == FAR_AHEAD


def test_the_legacy_endpoint_keeps_its_frames(stage: Stage) -> None:
    """It is told nothing, knows no `auth`, and ends with its token."""
    legacy = stage.device(legacy=True)
    error = authenticate(stage, legacy, stage.world.token(stage.ada))
    assert error["code"] == "unknown_message"
    pass_time(stage, legacy, TOKEN_S - 1)
    assert legacy.types() == ["ws_ack", "error"]
    pass_time(stage, legacy, 1)
    assert legacy.closed_with() == CloseCode.TOKEN_EXPIRED


@pytest.mark.parametrize("good", [True, False])
def test_renewals_count_in_the_budget(stage: Stage, good: bool) -> None:
    """Accepted or not, they are messages like all others."""
    device = stage.device()
    token = stage.world.token(stage.ada) if good else "garbage"
    for _ in range(REALTIME.messages_per_10s):
        authenticate(stage, device, token)
    assert device.closed_with() is None
    authenticate(stage, device, token)
    assert device.closed_with() == CloseCode.BUDGET_EXCEEDED
