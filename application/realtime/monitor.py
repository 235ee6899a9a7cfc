"""An operator's view: the users' games, and who comes and goes.

    OPENING ──view──▶ LIVE ──full buffer──▶ FLOODED ──drained──▶ OPENING …

While OPENING, what happens is kept until the snapshot has come, and then sent unless the snapshot
holds it. A monitor that cannot keep up is told how many frames it missed and gets a new snapshot;
nothing ever waits for it. Sans-I/O, like `Session`.
"""

from collections.abc import Callable, Sequence
from enum import Enum, auto

from attrs import frozen

from application.ports.codec import Codec
from application.realtime.cluster import Cluster
from application.realtime.connection import Connection, Limits, Peer
from application.realtime.control import ControlFrame, MonitorGap, MonitorSnapshot
from application.realtime.flat_game import FlatGame
from application.realtime.frame import Frame

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
    """What a snapshot is made of. What was committed before `horizon` is in it, or long past."""

    recent: Sequence[FlatGame]
    horizon: int


@frozen(kw_only=True)
class Sight:
    """One thing to show about a user. Of a game, `key` is its user and number in that user's
    journal; `mark` tells when it was committed, if a look at the journal found it."""

    frame: Frame
    user_id: int
    game_type: str | None = None
    key: tuple[int, int] | None = None
    mark: int | None = None


@frozen(kw_only=True)
class MonitorFilter:
    """Which users and games a monitor looks at; an empty set is all of them."""

    user_ids: frozenset[int] = frozenset()
    game_types: frozenset[str] = frozenset()

    def matches(self, sight: Sight) -> bool:
        """Joins and leaves belong to no game: a filter for games lets them pass."""
        if self.user_ids and sight.user_id not in self.user_ids:
            return False
        return not self.game_types or sight.game_type is None or sight.game_type in self.game_types


class MonitorSession(Connection):
    """See the module. The driver answers `request_view` with `view` or `view_failed`."""

    __slots__ = (
        "_cluster", "_horizon", "_in_snapshot", "_missed", "_pending", "_reading",
        "_request_view", "mode", "wanted",
    )  # fmt: skip

    def __init__(
        self,
        peer: Peer,
        *,
        wanted: MonitorFilter,
        cluster: Cluster,
        request_view: Callable[["MonitorSession"], None],
        codec: Codec,
        limits: Limits,
        now: float,
    ) -> None:
        super().__init__(peer, codec, limits, now)
        self.mode = MonitorMode.OPENING
        self.wanted = wanted
        self._cluster = cluster
        self._request_view = request_view
        self._reading = False
        self._pending: list[Sight] = []
        self._missed = 0
        self._in_snapshot: set[tuple[int, int] | None] = set()
        self._horizon = 0

    def deliver(self, sights: Sequence[Sight]) -> None:
        """Something happened; what of it is wanted, is shown."""
        wanted = [sight for sight in sights if self.wanted.matches(sight)]
        if self.mode is MonitorMode.LIVE and wanted:
            if self._sink.buffered() < self._limits.buffer_bytes:
                self._show(wanted)
                return
            self.mode = MonitorMode.FLOODED
        if self.mode is MonitorMode.OPENING:
            # Who is connected is looked up when the snapshot is written: it holds all moves.
            self._pending += [sight for sight in wanted if sight.key is not None]
            if len(self._pending) <= MAX_PENDING:
                return
            wanted, self._pending = self._pending, []
            self.mode = MonitorMode.FLOODED
        self._missed += len(wanted)

    def announce(self, frame: Frame) -> bool:
        """As its base does, except that the first frame is a snapshot."""
        return self.mode is MonitorMode.LIVE and super().announce(frame)

    def view(self, view: MonitorView) -> None:
        """The answer to the outstanding request."""
        self._reading = False
        if self.mode is MonitorMode.FLOODED:  # meanwhile: the view is older than what was missed
            self._advance()
        elif not self.closed:
            self._begin(view)

    def view_failed(self) -> None:
        """The outstanding request could not be answered; `tick` asks again."""
        self._reading = False

    def _begin(self, view: MonitorView) -> None:
        self._write_controls(self._opening(view))
        self._in_snapshot = {game.key for game in view.recent}
        self._horizon = view.horizon
        self.mode = MonitorMode.LIVE
        pending, self._pending, self._missed = self._pending, [], 0
        self._show(pending)

    def _show(self, sights: Sequence[Sight]) -> None:
        """Write what the last snapshot does not hold: its games may be announced after it."""
        for sight in sights:
            past = sight.mark is not None and sight.mark < self._horizon
            if not past and sight.key not in self._in_snapshot:
                self._sink.write(sight.frame)

    def _opening(self, view: MonitorView) -> list[ControlFrame]:
        users = self._cluster.users()
        snapshot = MonitorSnapshot(
            connected_users=users,
            user_count=len(users),
            connection_count=self._cluster.connections(),
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
