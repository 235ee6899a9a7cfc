"""Promises 2, 3 and 5 under every interleaving that Hypothesis can think of.

Players play, devices and monitors come and go, messages are delayed, reordered, repeated and lost,
reads take their time or fail, sockets stall and break with data in them, journals are trimmed,
nodes drain and restart, tokens are renewed over open sockets or refused. Whatever happened: each
device has seen a snapshot and then its user's journal from there on, in order, without gap or
duplicate, and nobody else's events.
"""

import json
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from datetime import timedelta
from typing import Any

from attrs import define, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from application.cluster.messages import LoginRevoked
from application.connections.client_connection import ClientConnection
from application.frames.close_codes import CloseCode
from application.frames.position import Position
from application.monitoring.monitor_item import MonitorFilter
from application.monitoring.monitor_session import RECENT_GAMES, MonitorMode
from application.sync.frame_formats import FrameFormat
from application.sync.session import Mode, Session
from application.transactions.command import Actor
from application.use_cases.games.pull_gacha import PullGachaCommand
from application.use_cases.games.spin_slot import SpinCommand
from application.use_cases.players.claim_streak import ClaimStreakCommand
from application.use_cases.players.update_profile import UpdateProfileCommand
from domain.account import Role
from domain.errors import DomainError
from tests.support.recording_sink import RecordingSink
from tests.support.settings import small_realtime
from tests.support.stepping import finish, finish_cooperatively
from tests.support.view import View
from tests.support.world import World

BUFFER_BYTES = 16 * 1024
LARGEST_ANSWER = RECENT_GAMES * 1024
"""More than the largest snapshot or entry here, which may exceed the buffer once: a snapshot has up
to RECENT_GAMES frames, and that of ten gacha items is the largest of them, with 750 bytes."""

USERS = 3
Json = dict[str, Any]


@define(eq=False)
class Socket:
    """An open connection, and the frames that have reached its other end."""

    connection: ClientConnection
    sink: RecordingSink
    context: AbstractAsyncContextManager[Any]
    _seen: int = 0

    def arrivals(self) -> list[Json]:
        """The frames that are new since the last call."""
        new = self.sink.frames[self._seen : self.sink.arrived]
        self._seen = self.sink.arrived
        return [json.loads(frame) for frame in new]

    def drop(self) -> None:
        """Break the socket; frames in flight are lost."""
        finish(self.context.__aexit__(None, None, None))


@define(eq=False)
class Device(Socket):
    """A device and the view that it has folded from its frames."""

    view: View = field(kw_only=True)
    greeted: bool = False

    def take_frames(self) -> None:
        for frame in self.arrivals():
            if frame["type"] == "token_expiring":
                assert self.greeted, "the first frames come first"
            self.greeted = self.greeted or frame["type"] == "sync_connected"
            self.view.see(frame)


@define(eq=False)
class Legacy(Socket):
    """A deprecated client: the ids of the games that it saw."""

    games: list[str] = field(factory=list)

    def take_frames(self) -> None:
        self.games += [f["id"] for f in self.arrivals() if f["type"] == "game_event"]


@define(eq=False)
class Monitor(Socket):
    """An operator's screen: the games it shows since its last snapshot, and before that."""

    shown: list[str] = field(factory=list)
    gaps: int = 0

    def take_frames(self) -> None:
        for frame in self.arrivals():
            if frame["type"] == "monitor_snapshot":
                self.shown = [game["id"] for game in frame["recent_events"]]
            elif frame["type"] == "monitor_gap":
                self.gaps += 1
            elif frame["type"] == "game_event":
                self.shown.append(frame["id"])


class Delivery(RuleBasedStateMachine):
    """One node with its players, devices, monitors, broker and journal."""

    devices = Bundle("devices")
    views = Bundle("views")
    """Of devices that are not connected."""

    @initialize(seed=st.integers(0, 10))
    def start(self, seed: int) -> None:
        realtime = small_realtime(
            buffer_bytes=BUFFER_BYTES, stall_s=3600, token_warning_s=2 * 86_400
        )
        self.world = World(seed, realtime, brief_ticks=False)
        self.world.hub.apply(LoginRevoked("ended"))
        self.users = [self.world.add_player(f"user{number}") for number in range(USERS)]
        self.world.make_operator(self.users[0])
        self.history: dict[int, list[Json]] = {user: [] for user in self.users}
        self.trimmed = False
        self.open: list[Device] = []
        self.legacy: list[Legacy] = []
        self.monitors: list[Monitor] = []

    # Players

    @rule(user=st.integers(0, USERS - 1), bet=st.integers(1, 60))
    def spin(self, user: int, bet: int) -> None:
        command = SpinCommand(bet_amount=bet)
        self._play(
            user, self.world.container.spin_slot().execute(Actor(user_id=self.users[user]), command)
        )

    @rule(user=st.integers(0, USERS - 1), name=st.sampled_from(["Ada", "Bob", "Cyd"]))
    def rename(self, user: int, name: str) -> None:
        command = UpdateProfileCommand(nickname=name)
        self._play(
            user,
            self.world.container.update_profile().execute(Actor(user_id=self.users[user]), command),
        )

    @rule(user=st.integers(0, USERS - 1))
    def claim(self, user: int) -> None:
        command = ClaimStreakCommand()
        self._play(
            user,
            self.world.container.claim_streak().execute(Actor(user_id=self.users[user]), command),
        )

    @rule(user=st.integers(0, USERS - 1), times=st.integers(1, 12))
    def play_a_lot(self, user: int, times: int) -> None:
        command = PullGachaCommand(pull_count=10)
        for _ in range(times):
            self._play(
                user,
                self.world.container.pull_gacha().execute(Actor(user_id=self.users[user]), command),
            )

    def _play(self, user: int, request: Coroutine[Any, Any, object]) -> None:
        with suppress(DomainError):
            finish(request)
        history = self.history[self.users[user]]
        history += map(json.loads, self.world.journal(self.users[user], after=len(history)))

    # Devices

    @rule(target=devices, user=st.integers(0, USERS - 1))
    def connect(self, user: int) -> Device:
        return self._connect(View(self.users[user]), None)

    @rule(target=views, device=consumes(devices))
    def socket_breaks(self, device: Device) -> View:
        return self._break(device)

    def _break(self, device: Device) -> View:
        device.drop()
        device.take_frames()
        if device in self.open:
            self.open.remove(device)
        return device.view

    @rule(
        device=devices,
        owner=st.integers(0, USERS - 1),
        token=st.sampled_from(["good", "of an ended login", "garbage"]),
    )
    def device_renews(self, device: Device, owner: int, token: str) -> None:
        """A good token of the same user is accepted, whatever the session is doing; no other
        one changes who it is."""
        user_id = self.users[owner]
        login_id = "ended" if token == "of an ended login" else "another"
        text = token if token == "garbage" else self.world.token(user_id, login_id=login_id)
        before = device.connection.peer.caller
        written = len(device.sink.frames)
        message = json.dumps({"type": "auth", "token": text})
        device.connection.receive(message, self.world.clock.monotonic())
        after = device.connection.peer.caller
        if token == "good" and user_id == before.user_id:
            assert (after.user_id, after.login_id) == (user_id, "another")
        else:
            assert after == before
        if device.sink.closed_with is None:
            assert len(device.sink.frames) == written + 1
            assert json.loads(device.sink.frames[-1])["type"] in ("auth_ok", "error")

    @rule(target=views, device=consumes(devices))
    def node_sends_away(self, device: Device) -> View:
        """During a drain everything written arrives, then the `reconnect` frame, then the close."""
        device.connection.send_away(100)
        if device.sink.closed_with is None or device not in self.open:
            return self._break(device)
        device.sink.drain()
        assert device.sink.closed_with == CloseCode.SHUTDOWN
        assert json.loads(device.sink.frames[-1])["type"] == "reconnect"
        return self._break(device)

    @rule(target=devices, view=consumes(views))
    def reconnect(self, view: View) -> Device:
        """Reconnect with the position; a device without a state has none."""
        since = Position("test-epoch", view.seq) if view.state is not None else None
        return self._connect(view, since)

    @rule(
        target=devices,
        view=consumes(views),
        since=st.sampled_from([Position("test-epoch", 10**9), Position("another", 0)]),
    )
    def reconnect_from_elsewhere(self, view: View, since: Position) -> Device:
        """Reconnect with a position that cannot be resumed; a state must follow."""
        return self._connect(View(view.user_id), since)

    def _connect(self, view: View, since: Position | None) -> Device:
        frame_format = self.world.container.standard_formats().default
        session, sink, context = self._open_session(view.user_id, frame_format, since)
        device = Device(session, sink, context, view=view)
        self.open.append(device)
        return device

    @precondition(lambda self: len(self.legacy) < 3)
    @rule(user=st.integers(0, USERS - 1))
    def connect_legacy(self, user: int) -> None:
        frame_format = self.world.container.legacy_format()
        self.legacy.append(Legacy(*self._open_session(self.users[user], frame_format, None)))

    @precondition(lambda self: len(self.monitors) < 2)
    @rule()
    def connect_monitor(self) -> None:
        sink = RecordingSink(high_water=BUFFER_BYTES // 2)
        caller = self.world.caller(self.users[0], Role.ADMIN)
        context = self.world.container.connection_factory().monitor(caller, sink, MonitorFilter())
        self.monitors.append(Monitor(finish(context.__aenter__()), sink, context))

    def _open_session(
        self, user_id: int, frame_format: FrameFormat, since: Position | None
    ) -> tuple[Session, RecordingSink, AbstractAsyncContextManager[Session]]:
        sink = RecordingSink(high_water=BUFFER_BYTES // 2)
        caller = self.world.caller(user_id)
        context = self.world.container.connection_factory().session(
            caller, sink, frame_format, since
        )
        return finish(context.__aenter__()), sink, context

    # Network, database, node

    @precondition(lambda self: self.world.broadcaster.under_way)
    @rule(data=st.data(), keep=st.booleans())
    def message_arrives(self, data: st.DataObject, keep: bool) -> None:
        messages = self.world.broadcaster.under_way
        self.world.broadcaster.deliver(self._pick(data, messages), keep=keep)

    @rule()
    def tick_ends(self) -> None:
        self.world.end_of_tick.end()

    @precondition(lambda self: self.world.broadcaster.under_way)
    @rule(data=st.data())
    def message_is_lost(self, data: st.DataObject) -> None:
        self.world.broadcaster.lose(self._pick(data, self.world.broadcaster.under_way))

    @rule()
    def all_messages_arrive(self) -> None:
        self.world.broadcaster.deliver_all()

    @precondition(lambda self: self.world.reader.pending)
    @rule(data=st.data())
    def read_happens(self, data: st.DataObject) -> None:
        self.world.reader.run(self._pick(data, self.world.reader.pending))

    @precondition(lambda self: self.world.reader.pending)
    @rule(data=st.data())
    def read_is_answered(self, data: st.DataObject) -> None:
        self.world.reader.answer(self._pick(data, self.world.reader.pending))

    @precondition(lambda self: self.world.reader.pending)
    @rule(data=st.data())
    def read_fails(self, data: st.DataObject) -> None:
        self.world.reader.fail(self._pick(data, self.world.reader.pending))

    @precondition(lambda self: self._sockets())
    @rule(data=st.data(), frames=st.integers(1, 40))
    def socket_takes(self, data: st.DataObject, frames: int) -> None:
        sockets = self._sockets()
        sockets[self._pick(data, sockets)].sink.drain(frames)

    @rule()
    def a_second_passes(self) -> None:
        self.world.clock.advance(1)
        finish_cooperatively(self.world.hub.tick())

    @rule()
    def node_polls_the_journal(self) -> None:
        self.world.poll_journal()

    @rule(user=st.integers(0, USERS - 1), keep=st.integers(1, 30))
    def journal_is_trimmed(self, user: int, keep: int) -> None:
        before = self.world.clock.now() - timedelta(days=1)
        forgotten = finish(
            self.world.database.write(
                lambda stores: stores.journal.trim(
                    self.users[user], before=before, keep=keep, limit=25
                )
            )
        )
        self.trimmed = self.trimmed or forgotten > 0

    @rule()
    def node_restarts(self) -> None:
        """All sockets break, and messages not yet published are lost."""
        for socket in self._sockets():
            socket.drop()
            socket.take_frames()
        self.open, self.legacy, self.monitors = [], [], []
        self.world.restart()
        self.world.hub.apply(LoginRevoked("ended"))

    def _sockets(self) -> list[Any]:
        return [*self.open, *self.legacy, *self.monitors]

    def _pick(self, data: st.DataObject, items: list[Any]) -> int:
        return data.draw(st.integers(0, len(items) - 1))

    # What must hold

    @invariant()
    def views_hold(self) -> None:
        """`View.see` fails on any gap, duplicate, foreign event or wrong balance."""
        for socket in self._sockets() if hasattr(self, "open") else []:
            socket.take_frames()

    @invariant()
    def monitors_show_nothing_twice(self) -> None:
        for monitor in getattr(self, "monitors", []):
            assert len(monitor.shown) == len(set(monitor.shown))

    @invariant()
    def buffers_are_bounded(self) -> None:
        for socket in self._sockets() if hasattr(self, "open") else []:
            assert socket.sink.max_buffered < BUFFER_BYTES + LARGEST_ANSWER

    def teardown(self) -> None:
        """Without further faults, all connections get everything."""
        if not hasattr(self, "open"):
            return
        self._calm_down()
        for device in self.open:
            self._holds_the_present(device)
        for legacy in self.legacy:
            self._saw_every_game_since_it_came(legacy)
        for monitor in self.monitors:
            self._shows_the_latest_games(monitor)

    def _calm_down(self) -> None:
        """Lose nothing more; journal polls and ticks have to find what was lost."""
        for _ in range(60):
            self.world.end_of_tick.end()
            self.world.settle()
            for socket in self._sockets():
                socket.sink.drain()
            self.world.clock.advance(1)
            finish_cooperatively(self.world.hub.tick())
            self.world.poll_journal()
            live = (Mode.LIVE, MonitorMode.LIVE)
            if not self.world.reader.pending and all(
                socket.connection.mode in live for socket in self._sockets()
            ):
                break
        for socket in self._sockets():
            socket.sink.drain()
            socket.take_frames()
            assert socket.connection.mode in (Mode.LIVE, MonitorMode.LIVE)
            assert socket.sink.closed_with is None

    def _holds_the_present(self, device: Device) -> None:
        history = self.history[device.view.user_id]
        assert device.view.seq == len(history)
        device.view.expect(self.world.state(device.view.user_id))
        assert device.view.events == history[len(history) - len(device.view.events) :]

    def _saw_every_game_since_it_came(self, legacy: Legacy) -> None:
        user_id = legacy.connection.peer.caller.user_id
        games = [event["id"] for event in self.history[user_id] if _is_game(event)]
        if self.trimmed:  # a legacy client whose position was trimmed goes on from the head
            positions = [games.index(game) for game in legacy.games]
            assert positions == sorted(set(positions))
        else:
            assert legacy.games == games[len(games) - len(legacy.games) :]

    def _shows_the_latest_games(self, monitor: Monitor) -> None:
        """It shows all games since its snapshot, and before it as many as the snapshot has room
        for."""
        games = {e["id"] for history in self.history.values() for e in history if _is_game(e)}
        if not self.trimmed:  # what is trimmed cannot be found by a journal poll
            assert games == set(monitor.shown) or len(monitor.shown) >= RECENT_GAMES


def _is_game(event: Json) -> bool:
    return bool(event["type"] == "game_event")


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(stateful_step_count=50)
