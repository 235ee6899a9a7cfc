"""An operator's view: the users' games, and who comes and goes.

    OPENING ──view──▶ LIVE ──full buffer──▶ FLOODED ──drained──▶ OPENING …

While OPENING, what happens is kept until the snapshot has come, and then sent unless the snapshot
holds it. A monitor that cannot keep up is told how many frames it missed and gets a new snapshot;
nothing ever waits for it. Sans-I/O, like `Session`.
"""

from collections.abc import Callable, Sequence
from enum import Enum, auto

from attrs import frozen

from application.cluster.membership import Membership
from application.connections.client_connection import ClientConnection, Limits, Peer
from application.frames.control_frames import ControlFrame, MonitorGap, MonitorSnapshot
from application.frames.frame import Frame
from application.frames.legacy_game_event import LegacyGameEvent
from application.ports.codec import Codec

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
    """What a snapshot is made of. What was committed before `snapshot_xmin` is in it, or long past."""

    recent: Sequence[LegacyGameEvent]
    snapshot_xmin: int


@frozen(kw_only=True)
class MonitorItem:
    """One thing to show about a user. Of a game, `key` is its user and number in that user's
    journal; `commit_txid` tells when it was committed, if a look at the journal found it."""

    frame: Frame
    user_id: int
    game_type: str | None = None
    key: tuple[int, int] | None = None
    commit_txid: int | None = None


@frozen(kw_only=True)
class MonitorFilter:
    """Which users and games a monitor looks at; an empty set is all of them."""

    user_ids: frozenset[int] = frozenset()
    game_types: frozenset[str] = frozenset()

    def matches(self, item: MonitorItem) -> bool:
        """Joins and leaves belong to no game: a filter for games lets them pass."""
        if self.user_ids and item.user_id not in self.user_ids:
            return False
        return not self.game_types or item.game_type is None or item.game_type in self.game_types


class MonitorSession(ClientConnection):
    """See the module. The driver answers `request_view` with `view` or `view_failed`."""

    __slots__ = (
        "_in_snapshot",
        "_membership",
        "_missed",
        "_pending",
        "_reading",
        "_request_view",
        "_snapshot_xmin",
        "mode",
        "wanted",
    )  # fmt: skip

    def __init__(
        self,
        peer: Peer,
        *,
        wanted: MonitorFilter,
        membership: Membership,
        request_view: Callable[["MonitorSession"], None],
        codec: Codec,
        limits: Limits,
        now: float,
    ) -> None:
        super().__init__(peer, codec, limits, now)
        self.mode = MonitorMode.OPENING
        self.wanted = wanted
        self._membership = membership
        self._request_view = request_view
        self._reading = False
        self._pending: list[MonitorItem] = []
        self._missed = 0
        self._in_snapshot: set[tuple[int, int] | None] = set()
        self._snapshot_xmin = 0

    def deliver(self, items: Sequence[MonitorItem]) -> None:
        """Something happened; what of it is wanted, is shown."""
        wanted = [item for item in items if self.wanted.matches(item)]
        if self.mode is MonitorMode.LIVE and wanted:
            if self._sink.buffered() < self._limits.buffer_bytes:
                self._show(wanted)
                return
            self.mode = MonitorMode.FLOODED
        if self.mode is MonitorMode.OPENING:
            # Who is connected is looked up when the snapshot is written: it holds all moves.
            self._pending += [item for item in wanted if item.key is not None]
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
        self._snapshot_xmin = view.snapshot_xmin
        self.mode = MonitorMode.LIVE
        pending, self._pending, self._missed = self._pending, [], 0
        self._show(pending)

    def _show(self, items: Sequence[MonitorItem]) -> None:
        """Write what the last snapshot does not hold: its games may be announced after it."""
        for item in items:
            past = item.commit_txid is not None and item.commit_txid < self._snapshot_xmin
            if not past and item.key not in self._in_snapshot:
                self._sink.write(item.frame)

    def _opening(self, view: MonitorView) -> list[ControlFrame]:
        users = self._membership.users()
        snapshot = MonitorSnapshot(
            connected_users=users,
            user_count=len(users),
            connection_count=self._membership.connections(),
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
