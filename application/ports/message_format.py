"""Messages between nodes as bytes."""

from abc import ABC, abstractmethod

from domain.broadcaster import Message


class MessageFormat(ABC):
    """For broadcasters that leave the process. Nodes of neighbouring versions read each other."""

    @abstractmethod
    def pack(self, message: Message) -> bytes:
        """The payload; its topic travels beside it."""

    @abstractmethod
    def unpack(self, topic: str, payload: bytes) -> Message:
        """The reverse. ValueError if a stranger or another version sent something else."""
