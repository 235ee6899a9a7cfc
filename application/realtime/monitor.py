"""An operator's view: every user's games, and who comes and goes.

    OPENING ──view──▶ LIVE ──full buffer──▶ FLOODED ──drained──▶ OPENING …

While OPENING, what happens is kept until the snapshot has come. What the snapshot holds is not sent
again, whether it was kept or comes later. A monitor that cannot keep up is told how many frames it missed and gets a new snapshot;
nothing ever waits for it. Sans-I/O, like `Session`.
"""

from collections.abc import Callable, Sequence
from enum import Enum, auto

from attrs import frozen

from application.ports.codec import Codec
from application.realtime.connection import Connection, Limits, Peer
from application.realtime.control import ControlFrame, MonitorGap, MonitorSnapshot
from application.realtime.frame import Frame
from application.realtime.messages import FlatGame

RECENT_GAMES = 50
"""How many of the latest game events a snapshot shows."""

MAX_PENDING = 1_000
"""Frames kept while a snapshot is being made."""


class MonitorMode(Enum):
    OPENING = auto()
    LIVE = auto()
    FLOODED = auto()


@frozen(kw_only=True)
class MonitorView:
    """What a snapshot is made of."""

    connected_users: Sequence[int]
    connection_count: int
    recent: Sequence[FlatGame]


@frozen
class Sight:
    """One thing to show: a frame, and for a game its user and number in that user's journal."""

    frame: Frame
    game: tuple[int, int] | None = None


class MonitorSession(Connection):
    """See the module. The driver answers `request_view` with `view` or `view_failed`."""

    __slots__ = ("_missed", "_pending", "_reading", "_request_view", "_shown", "mode")

    def __init__(
        self,
        peer: Peer,
        *,
        request_view: Callable[["MonitorSession"], None],
        codec: Codec,
        limits: Limits,
        now: float,
    ) -> None:
        super().__init__(peer, codec, limits, now)
        self.mode = MonitorMode.OPENING
        self._request_view = request_view
        self._reading = False
        self._pending: list[Sight] = []
        self._shown: set[tuple[int, int] | None] = set()
        self._missed = 0

    def deliver(self, sights: Sequence[Sight]) -> None:
        if self.mode is MonitorMode.LIVE:
            if self._sink.buffered() < self._limits.buffer_bytes:
                self._write_sights(sights)
                return
            self.mode = MonitorMode.FLOODED
        if self.mode is MonitorMode.OPENING and len(self._pending) < MAX_PENDING:
            self._pending += sights
        else:
            self._missed += len(sights)

    def view(self, view: MonitorView) -> None:
        """The answer to the outstanding request."""
        self._reading = False
        if self.closed:
            return
        self._write_controls(self._opening(view))
        self._shown = {(game.user_id, game.seq) for game in view.recent}
        self._write_sights(self._pending)
        self._pending = []
        self._missed = 0
        self.mode = MonitorMode.LIVE

    def view_failed(self) -> None:
        """The outstanding request could not be answered; `tick` asks again."""
        self._reading = False

    def _write_sights(self, sights: Sequence[Sight]) -> None:
        """Write what the last snapshot does not hold."""
        for sight in sights:
            if sight.game not in self._shown:
                self._sink.write(sight.frame)

    def _opening(self, view: MonitorView) -> list[ControlFrame]:
        snapshot = MonitorSnapshot(
            connected_users=view.connected_users,
            user_count=len(view.connected_users),
            connection_count=view.connection_count,
            recent_events=[self._codec.embed(game.frame) for game in view.recent],
        )
        return [MonitorGap(missed=self._missed), snapshot] if self._missed else [snapshot]

    def _advance(self) -> None:
        if self.closed or self._reading or self.mode is MonitorMode.LIVE:
            return
        if self._sink.buffered() <= self._sink.high_water:
            self.mode = MonitorMode.OPENING
            self._reading = True
            self._request_view(self)
