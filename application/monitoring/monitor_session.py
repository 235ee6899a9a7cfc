"""One operator's view: the users' games, and who comes and goes.

    OPENING ──snapshot──▶ LIVE ──full buffer──▶ FLOODED ──drained──▶ OPENING …

- OPENING: what happens is kept until the snapshot has been read, and then shown unless the snapshot
  contains it already.
- LIVE: everything that matches the filter is pushed.
- FLOODED: the monitor cannot keep up. What it misses is counted; when its buffer has room again, it
  is told the count and gets a new snapshot. Nothing ever waits for a monitor.

Sans-I/O, like `Session`.
"""

from collections.abc import Iterable, Sequence
from enum import Enum, StrEnum, auto

from attrs import frozen

from application.cluster.membership import Membership
from application.connections.client_connection import ClientConnection, Environment, Peer
from application.connections.read_request import ReadRequest
from application.frames.control_frames import ControlFrame, MonitorGap, MonitorSnapshot
from application.frames.frame import Frame
from application.frames.legacy_game_event import LegacyGameEvent
from application.identity.authenticator import require_admin, require_operator
from application.monitoring.monitor_item import MonitorFilter, MonitorItem
from application.ports.codec import Codec
from application.ports.storage.stores import Stores
from application.ports.tokens import Caller

RECENT_GAMES = 50
"""How many of the latest game events a snapshot shows."""

FILTER_SCAN = 10
"""A snapshot that shows some games only is picked from so many times more of the latest ones."""

MAX_PENDING = 1_000
"""Items kept while a snapshot is being read; and no more bytes of them than a buffer holds."""


class MonitorMode(Enum):
    """The modes of a monitor; see the module."""

    OPENING = auto()
    LIVE = auto()
    FLOODED = auto()


class MonitorModeChange(StrEnum):
    """Why a monitor changes its mode."""

    SNAPSHOT = "snapshot"
    FULL_BUFFER = "full_buffer"
    TOO_MANY_PENDING = "too_many_pending"
    DRAINED = "drained"


@frozen(kw_only=True)
class RecentGames:
    """The games of a snapshot, oldest first. A game committed before `snapshot_xmin` is among them,
    or is too old to be."""

    games: Sequence[LegacyGameEvent]
    snapshot_xmin: int


@frozen(kw_only=True)
class RecentGamesRequest(ReadRequest):
    """The latest games that the filter lets pass, for somebody who is an operator now."""

    wanted: MonitorFilter
    codec: Codec
    caller: Caller

    def read(self, stores: Stores) -> RecentGames:
        """All of it comes from one consistent snapshot of the database. Forbidden
        (`admin_only`)."""
        require_operator(stores, self.caller)
        limit = RECENT_GAMES * (FILTER_SCAN if self.wanted.game_types else 1)
        journaled = stores.journal.recent_games(limit, self.wanted.user_ids)
        games = [self.codec.legacy_game(game.entry) for game in journaled]
        shown = [game for game in games if self.wanted.shows_game(game.game_type)]
        return RecentGames(
            games=shown[-RECENT_GAMES:], snapshot_xmin=stores.journal.snapshot_xmin()
        )


class MonitorSession(ClientConnection):
    """See the module."""

    __slots__ = (
        "_in_snapshot", "_membership", "_missed", "_pending", "_pending_bytes", "_snapshot_xmin",
        "wanted",
    )  # fmt: skip

    kind = "monitor"

    def __init__(
        self,
        peer: Peer,
        *,
        wanted: MonitorFilter,
        membership: Membership,
        environment: Environment,
        now: float,
    ) -> None:
        super().__init__(peer, environment, MonitorMode.OPENING, now)
        self.wanted = wanted
        self._membership = membership
        self._pending: list[MonitorItem] = []
        self._pending_bytes = 0
        self._missed = 0
        self._in_snapshot: set[tuple[int, int] | None] = set()
        self._snapshot_xmin = 0

    def deliver(self, items: Sequence[MonitorItem]) -> None:
        """Show what the filter lets pass."""
        wanted = self.wanted.select(items)
        if self.mode is MonitorMode.LIVE and wanted:
            if self._sink.buffered_bytes() < self._environment.limits.buffer_bytes:
                self._show(wanted)
                return
            self._enter(MonitorMode.FLOODED, MonitorModeChange.FULL_BUFFER)
        if self.mode is MonitorMode.OPENING:
            # Joins and leaves need not be kept: the snapshot is written with those of that moment.
            self._keep(item for item in wanted if item.key is not None)
            limit = self._environment.limits.buffer_bytes
            if len(self._pending) <= MAX_PENDING and self._pending_bytes <= limit:
                return
            wanted = self._take_pending()
            self._enter(MonitorMode.FLOODED, MonitorModeChange.TOO_MANY_PENDING)
        self._missed += len(wanted)

    def show_notice(self, frame: Frame) -> bool:
        """As its base does, once the snapshot has been written."""
        return self.mode is MonitorMode.LIVE and super().show_notice(frame)

    def check_renewal(self, caller: Caller) -> None:
        """As its base; and whoever is no operator any more sees no more."""
        super().check_renewal(caller)
        require_admin(caller)

    def advance(self) -> RecentGamesRequest | None:
        """Ask for the games of the next snapshot, unless it is live or its buffer is full."""
        if self.closed or self._reading or self.mode is MonitorMode.LIVE:
            return None
        if self._sink.buffered_bytes() > self._sink.high_water:
            return None
        if self.mode is MonitorMode.FLOODED:
            self._enter(MonitorMode.OPENING, MonitorModeChange.DRAINED)
        self._reading = True
        codec, caller = self._environment.codec, self.peer.caller
        return RecentGamesRequest(wanted=self.wanted, codec=codec, caller=caller)

    def _take(self, recent: RecentGames) -> ReadRequest | None:
        if (
            self.mode is MonitorMode.FLOODED
        ):  # meanwhile: these games are older than what was missed
            return self.advance()
        self._write_controls(self._opening(recent))
        self._in_snapshot = {game.key for game in recent.games}
        self._snapshot_xmin = recent.snapshot_xmin
        self._enter(MonitorMode.LIVE, MonitorModeChange.SNAPSHOT)
        self._missed = 0
        self._show(self._take_pending())
        return None

    def _keep(self, items: Iterable[MonitorItem]) -> None:
        for item in items:
            self._pending.append(item)
            self._pending_bytes += len(item.frame.payload)

    def _take_pending(self) -> list[MonitorItem]:
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        return pending

    def _show(self, items: Sequence[MonitorItem]) -> None:
        """Write what the last snapshot does not contain: its games may be delivered after it."""
        for item in items:
            past = item.commit_txid is not None and item.commit_txid < self._snapshot_xmin
            if not past and item.key not in self._in_snapshot:
                self._sink.write(item.frame)

    def _opening(self, recent: RecentGames) -> list[ControlFrame]:
        users = self._membership.users()
        snapshot = MonitorSnapshot(
            connected_users=users,
            user_count=len(users),
            connection_count=self._membership.connections(),
            recent_events=[self._environment.codec.embed(game.frame) for game in recent.games],
        )
        return [MonitorGap(missed=self._missed), snapshot] if self._missed else [snapshot]
