"""One device's view of its user's journal.

A session has a `position`, the last `seq` written to its socket, and one of these modes:

    OPENING ──page──▶ CATCHING_UP ──reached the head──▶ LIVE
                         ▲───gap or full buffer──────┘

- LIVE: pushed batches go out; what is at or before the position is a duplicate and dropped; a
  batch further on means that something was lost, and the session falls behind.
- CATCHING_UP: nothing is pushed. The session asks for pages of the journal, one at a time and only
  while its socket has room, until it has reached the head.

Connecting, resuming, an event lost by the broker and a socket that is too slow are the same case.
Sans-I/O: batches, pages and the clock come in, frames and page requests go out.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import Enum, auto

from application.cluster.event_range import EventRange
from application.connections.client_connection import ClientConnection, Limits, Peer
from application.frames.frame import Frame, FrameBatch
from application.frames.position import Position
from application.ports.codec import Codec
from application.sync.frame_formats import FrameFormat
from application.sync.recovery import Page, PageRequest


class Mode(Enum):
    OPENING = auto()
    LIVE = auto()
    CATCHING_UP = auto()


class Lane(ABC):
    """Where live sessions share their position."""

    __slots__ = ("position",)

    position: int

    @abstractmethod
    def leave(self, session: "Session") -> None:
        """It goes on with a position of its own."""


class Session(ClientConnection):
    """See the module. The driver answers each call of `request_page` with `page` or, when the
    journal cannot be read, with `page_failed`."""

    __slots__ = (
        "_asked_for", "_epoch", "_known_head", "_position", "_reading", "_request_page", "_since",
        "frame_format", "live_group", "mode",
    )  # fmt: skip

    def __init__(
        self,
        peer: Peer,
        *,
        frame_format: FrameFormat,
        since: Position | None,
        request_page: Callable[["Session", PageRequest], None],
        codec: Codec,
        limits: Limits,
        now: float,
    ) -> None:
        super().__init__(peer, codec, limits, now)
        self.frame_format = frame_format
        self.mode = Mode.OPENING
        self.live_group: Lane | None = None
        self._position = 0
        self._since = since
        self._request_page = request_page
        self._epoch = ""
        self._known_head = 0
        self._asked_for = 0
        self._reading = False

    @property
    def position(self) -> int:
        return self._position if self.live_group is None else self.live_group.position

    @property
    def buffer_bytes(self) -> int:
        """How much may wait in the sink before no more is pushed to it."""
        return self._limits.buffer_bytes

    @property
    def user_id(self) -> int:
        return self.peer.caller.user_id

    def position_at(self, seq: int) -> Position:
        """What a client that has seen up to `seq` may resume from."""
        return Position(self._epoch, seq)

    def deliver(self, batch: EventRange) -> None:
        """The broker brought news."""
        if self.mode is Mode.LIVE:
            if batch.last_seq <= self.position:
                return
            if batch.first_seq <= self.position + 1:
                frame_batch = batch.frame_batch(self.frame_format, self.position)
                if frame_batch.size <= self.buffer_bytes - self._sink.buffered():
                    self._write(frame_batch, batch.last_seq)
                    return
        self.notice_head(batch.last_seq)

    def notice_head(self, seq: int) -> bool:
        """The journal is known to reach to `seq`; whether a live session missed something."""
        self._known_head = max(self._known_head, seq)
        missed = self.mode is Mode.LIVE and seq > self.position
        if missed:
            self._leave_live_group()
            self.mode = Mode.CATCHING_UP
        self._advance()
        return missed

    def announce(self, frame: Frame) -> bool:
        """As its base does, once the client has had its first frames; some dialects know none."""
        if not self.frame_format.with_notices:
            return True
        return self.mode is not Mode.OPENING and super().announce(frame)

    def page(self, page: Page) -> None:
        """The answer to the outstanding request."""
        self._reading = False
        if self.closed:
            return
        if self.mode is Mode.OPENING or page.restart:
            self._start(page)
        if page.entries:
            batch = EventRange(self.user_id, page.entries)
            self._write(batch.frame_batch(self.frame_format, self.position), batch.last_seq)
        if self.position >= max(page.head, self._known_head):
            self.mode = Mode.LIVE
        elif page.entries or page.restart or self._known_head > self._asked_for:
            self._advance()

    def ended(self) -> None:
        super().ended()
        self._leave_live_group()

    def page_failed(self) -> None:
        """The outstanding request could not be answered; `tick` asks again."""
        self._reading = False

    def _leave_live_group(self) -> None:
        if self.live_group is not None:
            self._position = self.live_group.position
            self.live_group.leave(self)
            self.live_group = None

    def _start(self, page: Page) -> None:
        """Take the position that this page begins at, and tell the client."""
        if self._epoch and page.epoch != self._epoch:
            self._known_head = page.head
        self._epoch = page.epoch
        if page.restart:
            self._position = page.head
        elif self._since is not None:
            self._position = self._since.seq
        speak = (
            self.frame_format.opening if self.mode is Mode.OPENING else self.frame_format.restart
        )
        self._write_controls(speak(self, page))
        self.mode = Mode.CATCHING_UP

    def _advance(self) -> None:
        """Ask for the next page if one is needed, none is under way and the socket has room."""
        if self._reading or self.closed or self.mode is Mode.LIVE:
            return
        room = self._sink.high_water - self._sink.buffered()
        if room <= 0:
            return
        self._reading = True
        self._asked_for = self._known_head
        opening = self.mode is Mode.OPENING
        request = PageRequest(
            user_id=self.user_id,
            after=self._since if opening else self.position_at(self.position),
            max_bytes=room,
            with_state=self.frame_format.with_state,
        )
        self._request_page(self, request)

    def _write(self, frame_batch: FrameBatch, last_seq: int) -> None:
        for frame in frame_batch.frames:
            self._sink.write(frame)
        self._position = last_seq
