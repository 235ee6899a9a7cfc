"""One device's view of its user's journal.

A session has a `position`, the last `seq` that was written to its socket, and is in one mode:

    OPENING ──page──▶ CATCHING_UP ──head reached──▶ LIVE
                           ▲──────gap, full buffer, journal poll──┘

- LIVE: the hub pushes. A range that continues the position is written. One that ends at or before
  the position is a duplicate and is dropped. One that starts later means that something was lost,
  and the session catches up.
- CATCHING_UP: nothing is pushed. The session pages through the journal from its position, one page
  at a time and only while its socket has room (back-pressure), until it has reached the head.

So connecting, resuming, a gap left by the broker and a slow reader are the same case. Sans-I/O:
event ranges, pages and the clock come in; frames and `PageRequest` values come out.
"""

from enum import Enum, StrEnum, auto
from typing import Any

from application.cluster.event_range import EventRange
from application.connections.client_connection import ClientConnection, Environment, Peer
from application.frames.frame import Frame, FrameBatch
from application.frames.position import Position
from application.sync.frame_formats import FrameFormat
from application.sync.recovery import Page, PageRequest


class Mode(Enum):
    """The modes of a session; see the module."""

    OPENING = auto()
    LIVE = auto()
    CATCHING_UP = auto()


class ModeChange(StrEnum):
    """Why a session changes its mode."""

    FRESH_START = "fresh_start"
    RESUMED = "resumed"
    GAP = "gap"
    FULL_BUFFER = "full_buffer"
    JOURNAL_POLL = "journal_poll"
    HEAD_REACHED = "head_reached"


class SharedPosition:
    """The position of sessions that move together."""

    __slots__ = ("seq",)

    def __init__(self, seq: int) -> None:
        self.seq = seq


class Session(ClientConnection):
    """See the module."""

    __slots__ = (
        "_asked_for", "_epoch", "_known_head", "_seq", "_since", "frame_format", "shared",
    )  # fmt: skip

    kind = "session"

    def __init__(
        self,
        peer: Peer,
        *,
        frame_format: FrameFormat,
        since: Position | None,
        environment: Environment,
        now: float,
    ) -> None:
        """`since`: where the client was before, if it wants to resume."""
        super().__init__(peer, environment, Mode.OPENING, now)
        self.frame_format = frame_format
        self.shared: SharedPosition | None = None
        """Set while the session is in a live group."""
        self._seq = 0
        self._since = since
        self._epoch = ""
        self._known_head = 0
        self._asked_for = 0

    @property
    def position(self) -> int:
        """The last `seq` written to the socket."""
        return self._seq if self.shared is None else self.shared.seq

    @property
    def buffer_bytes(self) -> int:
        """How many bytes may wait in the sink before nothing more is pushed to it."""
        return self._environment.limits.buffer_bytes

    @property
    def user_id(self) -> int:
        """Whose journal the session shows."""
        return self.peer.caller.user_id

    def position_at(self, seq: int) -> Position:
        """Where a client that has seen everything up to `seq` may resume."""
        return Position(self._epoch, seq)

    def deliver(self, event_range: EventRange) -> PageRequest | None:
        """Take a range of events that the broker delivered."""
        if self.mode is not Mode.LIVE:
            return self.head_moved(event_range.last_seq, ModeChange.GAP)
        if event_range.last_seq <= self.position:
            return None
        if event_range.first_seq > self.position + 1:
            return self.head_moved(event_range.last_seq, ModeChange.GAP)
        batch = event_range.frame_batch(self.frame_format, self.position)
        if batch.size > self.buffer_bytes - self._sink.buffered_bytes():
            return self.head_moved(event_range.last_seq, ModeChange.FULL_BUFFER)
        self._write(batch, event_range.last_seq)
        return None

    def misses(self, seq: int) -> bool:
        """Whether the session is live and an event up to `seq` was not delivered to it."""
        return self.mode is Mode.LIVE and seq > self.position

    def head_moved(self, seq: int, reason: ModeChange) -> PageRequest | None:
        """The journal reaches at least to `seq`. A live session that is not there yet catches
        up."""
        self._known_head = max(self._known_head, seq)
        if self.misses(seq):
            self.leave_group()
            self._enter(Mode.CATCHING_UP, reason)
        return self.advance()

    def show_notice(self, frame: Frame) -> bool:
        """As its base does, once the client has had its first frames. Formats that know no notices
        leave them out."""
        if not self.frame_format.with_notices:
            return True
        return self.mode is not Mode.OPENING and super().show_notice(frame)

    def is_renewable(self) -> bool:
        """The legacy format keeps its frames."""
        return self.frame_format.with_notices

    def leave_group(self) -> None:
        """Go on with a position of its own."""
        if self.shared is not None:
            self._seq, self.shared = self.shared.seq, None

    def ended(self) -> None:
        """Take note that the socket is gone."""
        super().ended()
        self.leave_group()

    def advance(self) -> PageRequest | None:
        """Ask for the next page if one is needed, none is outstanding and the socket has room."""
        if self._reading or self.closed or self.mode is Mode.LIVE:
            return None
        room = self._sink.high_water - self._sink.buffered_bytes()
        if room <= 0:
            return None
        self._reading = True
        self._asked_for = self._known_head
        opening = self.mode is Mode.OPENING
        return PageRequest(
            user_id=self.user_id,
            after=self._since if opening else self.position_at(self.position),
            max_bytes=room,
            state_reader=self.frame_format.state_reader,
        )

    def _take(self, page: Page) -> PageRequest | None:
        if self.mode is Mode.OPENING or page.restart:
            self._start(page)
        if page.entries:
            event_range = EventRange(self.user_id, page.entries)
            self._write(
                event_range.frame_batch(self.frame_format, self.position), event_range.last_seq
            )
        if self.position >= max(page.head, self._known_head):
            self._enter(Mode.LIVE, ModeChange.HEAD_REACHED)
        elif page.entries or page.restart or self._known_head > self._asked_for:
            return self.advance()
        return None

    def _start(self, page: Page) -> None:
        """Take the position at which this page begins, and tell the client."""
        if self._epoch and page.epoch != self._epoch:
            self._known_head = page.head
        self._epoch = page.epoch
        if page.restart:
            self._seq = page.head
        elif self._since is not None:
            self._seq = self._since.seq
        if self.mode is Mode.OPENING:
            self._write_controls(self.frame_format.opening(self.peer, self.position, page))
        else:
            self._write_controls(self.frame_format.restart(self.peer, page))
        self._enter(Mode.CATCHING_UP, _start_reason(page))

    def _write(self, batch: FrameBatch, last_seq: int) -> None:
        for frame in batch.frames:
            self._sink.write(frame)
        self._seq = last_seq

    def facts(self) -> dict[str, Any]:
        """As its base, with the position."""
        return {**super().facts(), "position": self.position, "known_head": self._known_head}


def _start_reason(page: Page) -> str:
    if not page.restart:
        return ModeChange.RESUMED
    return page.reason or ModeChange.FRESH_START
