"""The MessageFormat port: encodes the messages between nodes."""

from abc import ABC, abstractmethod

from domain.broadcaster import Message


class MessageFormat(ABC):
    """For broadcasters that send messages to other processes. During a rolling deploy nodes of two
    consecutive versions run together, so each must be able to read the other's messages."""

    @abstractmethod
    def pack(self, message: Message) -> bytes:
        """Encode the message; the topic is sent separately."""

    @abstractmethod
    def unpack(self, topic: str, payload: bytes) -> Message:
        """Decode a payload of `topic`. ValueError if it is malformed or of an unknown version:
        others may publish on the same broker."""
