"""An encoded message, for brokers outside of the process."""

from attrs import frozen


@frozen
class EncodedMessage:
    """A topic, and a message encoded by `MessageFormat`."""

    topic: str
    payload: bytes
