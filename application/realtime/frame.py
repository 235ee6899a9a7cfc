"""One finished frame, shared by all sockets it goes to."""


class Frame:
    """A text frame. `framed` is a place where a sink keeps the bytes it made of the payload, so
    that they are made once for all sockets."""

    __slots__ = ("framed", "payload")

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.framed: bytes | None = None
