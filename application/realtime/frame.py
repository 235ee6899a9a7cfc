"""One finished frame, shared by all sockets it goes to."""


class Frame:
    """A text frame. `seq` is the position that a client has reached with it, if it moves one.
    `framed` is a place where a sink keeps the bytes it made of the payload, so that they are made
    once for all sockets."""

    __slots__ = ("framed", "payload", "seq")

    def __init__(self, payload: bytes, seq: int | None = None) -> None:
        self.payload = payload
        self.seq = seq
        self.framed: bytes | None = None
