"""A world with two players and their connections, for tests of the realtime core."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from enum import Enum
from typing import Any, Generic, TypeVar

from attrs import define, evolve

from application.cluster.event_range import EventRange
from application.connections.client_connection import ClientConnection
from application.frames.position import Position
from application.monitoring.monitor_item import MonitorFilter
from application.monitoring.monitor_session import MonitorSession
from application.sync.session import ModeChange, Session
from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from domain.account import Role
from domain.events import Event, GameEvent, GameType, UserAction
from tests.support.recording_sink import RecordingSink
from tests.support.settings import small_realtime
from tests.support.stepping import finish, finish_cooperatively
from tests.support.world import World

C = TypeVar("C", bound=ClientConnection)

REALTIME = small_realtime(
    buffer_bytes=4096, stall_s=5, heartbeat_s=20, messages_per_10s=3, presence_grace_s=10
)
HIGH_WATER = 2048
TOKEN_S = 3600


@define(eq=False)
class Socket(Generic[C]):
    """What a test sees of a connection: its socket, and the connection itself."""

    connection: C
    sink: RecordingSink
    context: AbstractAsyncContextManager[C]

    def types(self) -> list[str]:
        """The types of all frames so far."""
        return [frame["type"] for frame in self.sink.decoded()]

    def seqs(self) -> list[int]:
        """The numbers of all events so far."""
        return [frame["seq"] for frame in self.sink.decoded() if "id" in frame]

    def mode(self) -> Enum:
        """The connection's mode now (a call, so that mypy does not narrow it)."""
        return self.connection.mode

    def closed_with(self) -> int | None:
        """The code that the server closed with, if it did (a call for the same reason)."""
        return self.sink.closed_with

    def last(self) -> dict[str, Any]:
        return self.sink.decoded()[-1]


EVERYTHING = MonitorFilter()


class Stage:
    """Ada and Bob, who is an operator, and everything that they connect with."""

    def __init__(self) -> None:
        self.world = World(realtime=REALTIME)
        self.ada = self.world.add_player("ada")
        self.bob = self.world.add_player("bob")
        self.world.make_operator(self.bob)
        self._open: list[Socket[Any]] = []

    @property
    def reads(self) -> int:
        """How many reads wait for an answer."""
        return len(self.world.reader.pending)

    def act(self, count: int = 1, *, pad: int = 0, user: int | None = None) -> None:
        """Commit this many events of Ada's in one transaction, `pad` bytes larger than usual."""
        action = self._action("act", user, pad="x" * pad)
        self._commit([action] * count, user)

    def play(self, user: int | None = None) -> None:
        """Commit an action and a game event."""
        game = GameEvent(game_type=GameType.SLOT, subtype="slot_spin", bet=1, win=0, result={})
        self._commit([self._action("slot_spin", user), game], user)

    def _action(self, action_type: str, user: int | None, **action_data: object) -> UserAction:
        return UserAction(
            user_id=user or self.ada, action_type=action_type, action_data=action_data
        )

    def _commit(self, events: list[Event], user: int | None) -> None:
        def work(transaction: PlayerTransaction) -> Result:
            transaction.emit(*events)
            return Result()

        actor = Actor(user_id=user or self.ada)
        transactions = self.world.container.transactions()
        finish(transactions.run(actor, Command(), work, Result, reason="test"))

    def deliver_all(self) -> None:
        """Deliver all messages of the broker."""
        self.world.broadcaster.deliver_all()

    def lose_all(self) -> None:
        self.world.broadcaster.under_way.clear()

    def answer(self) -> None:
        """Run and answer the oldest read."""
        self.world.reader.answer(0)

    def head_moved(self, device: Socket[Session], seq: int) -> None:
        """Let a journal poll report a head to a device."""
        session = device.connection
        self.world.reader.submit(session, session.head_moved(seq, ModeChange.JOURNAL_POLL))

    def deliver(self, device: Socket[Session], event_range: EventRange) -> None:
        """Deliver a range to one device."""
        session = device.connection
        self.world.reader.submit(session, session.deliver(event_range))

    def wait(self, seconds: float) -> None:
        """Let time pass, and run a tick of the hub."""
        self.world.clock.advance(seconds)
        finish_cooperatively(self.world.hub.tick())

    def opening_device(
        self,
        since: str | None = None,
        *,
        user: int | None = None,
        legacy: bool = False,
        login_id: str = "login",
        high_water: int = HIGH_WATER,
    ) -> Socket[Session]:
        """A device that has just connected; its first read is pending."""
        container = self.world.container
        caller = self.world.caller(user or self.ada, login_id=login_id)
        sink = RecordingSink(high_water)
        context = container.connection_factory().session(
            evolve(caller, expires_at=self.world.clock.now() + timedelta(seconds=TOKEN_S)),
            sink,
            container.legacy_format() if legacy else container.standard_formats().default,
            None if since is None else Position.parse(since),
        )
        return self._opened(Socket(finish(context.__aenter__()), sink, context))

    def device(
        self, since: str | None = None, *, user: int | None = None, legacy: bool = False
    ) -> Socket[Session]:
        """A device that is live, with an empty buffer."""
        device = self.opening_device(since, user=user, legacy=legacy)
        self.world.reader.answer_all()
        device.sink.drain()
        return device

    def opening_monitor(
        self, login_id: str = "operator", wanted: MonitorFilter = EVERYTHING
    ) -> Socket[MonitorSession]:
        """A monitor that has just connected; its first read is pending."""
        caller = self.world.caller(self.bob, Role.ADMIN, login_id)
        sink = RecordingSink(HIGH_WATER)
        context = self.world.container.connection_factory().monitor(caller, sink, wanted)
        return self._opened(Socket(finish(context.__aenter__()), sink, context))

    def monitor(self) -> Socket[MonitorSession]:
        """A monitor that is live, with an empty buffer."""
        monitor = self.opening_monitor()
        self.world.reader.answer_all()
        monitor.sink.drain()
        return monitor

    def leave(self, socket: Socket[Any]) -> None:
        """Close a connection."""
        self._open.remove(socket)
        finish(socket.context.__aexit__(None, None, None))

    def leave_all(self) -> None:
        while self._open:
            self.leave(self._open[0])

    def _opened(self, socket: Socket[C]) -> Socket[C]:
        self._open.append(socket)
        return socket
