"""A sink straight on the server's transport: finished frames, no task, one write a turn."""

from adapters.inbound.websocket.hub_protocol import HubProtocol
from adapters.inbound.websocket.socket_sink import End, Receive, SocketSink
from adapters.inbound.websocket.text_frames import text_frame
from adapters.inbound.websocket.transport_group import TransportGroup
from adapters.inbound.websocket.write_coalescer import WriteCoalescer
from application.frames.frame import Frame


class TransportSink(SocketSink):
    """What is written in one turn of the event loop leaves in one system call."""

    __slots__ = (
        "_coalescer", "_high_water", "_pending", "_pending_bytes", "_protocol", "_written", "counted",
        "group", "transport",
    )  # fmt: skip

    def __init__(self, protocol: HubProtocol, coalescer: WriteCoalescer, high_water: int) -> None:
        self.on_writable = None
        self._protocol = protocol
        self.transport = protocol.transport
        self._coalescer = coalescer
        self._high_water = high_water
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._written = 0
        self.group: TransportGroup | None = None
        """Where it is written to together with others, which counts for it from `counted` on."""
        self.counted = 0
        protocol.sink = self
        self.transport.set_write_buffer_limits(high=high_water - 1, low=high_water // 2)

    def new_group(self) -> TransportGroup:
        return TransportGroup()

    @property
    def high_water(self) -> int:
        return self._high_water

    def write(self, frame: Frame) -> None:
        framed = text_frame(frame)
        if not self._pending_bytes:
            self._coalescer.add(self)
        self._pending.append(framed)
        self._pending_bytes += len(framed)
        self.settle()

    def buffered(self) -> int:
        return self._pending_bytes + self.transport.get_write_buffer_size()

    def taken(self) -> int:
        return self._all_written() - self.transport.get_write_buffer_size()

    def progress(self) -> int:
        return self._all_written() - self._protocol.unread()

    def takes_more(self) -> bool:
        """What is written may go straight to the transport."""
        return not self._pending and self._protocol.takes_more()

    def settle(self) -> None:
        """Whether it takes more may have changed."""
        if self.group is not None:
            self.group.settle(self)

    def count(self, size: int) -> None:
        """So many bytes went straight to the transport."""
        self._written += size

    def close(self, code: int, reason: str) -> None:
        self.flush()
        self._protocol.close_after_writing(code, reason)

    async def listen(self, receive: Receive, end: End) -> None:
        self._protocol.listen(receive, end)

    def flush_and_go_on(self) -> None:
        """If all of a full buffer is taken at once, the transport says nothing of it."""
        full = self.buffered() >= self._high_water
        self.flush()
        if full and self._protocol.writable.is_set() and self.on_writable:
            self.on_writable()

    def flush(self) -> None:
        """Do not wait for the end of the turn."""
        pending = self._pending
        if pending and not (self._protocol.close_sent or self.transport.is_closing()):
            self._written += self._pending_bytes
            self.transport.write(pending[0] if len(pending) == 1 else b"".join(pending))
        pending.clear()
        self._pending_bytes = 0
        self.settle()

    def _all_written(self) -> int:
        return self._written + (0 if self.group is None else self.group.uncounted(self))
