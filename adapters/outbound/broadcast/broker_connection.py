"""What a broadcaster needs of its broker's client library."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from adapters.outbound.broadcast.encoded_message import EncodedMessage


class BrokerConnection(ABC):
    """The connections to a broker, from when they are opened until something breaks."""

    @abstractmethod
    async def open(self) -> None:
        """When this returns, the broker is there, and what is subscribed to is delivered."""

    @abstractmethod
    async def read(self) -> None:
        """Deliver messages until something breaks."""

    @abstractmethod
    async def write(self, messages: Sequence[EncodedMessage]) -> None:
        """Return when the broker has these messages."""

    @abstractmethod
    async def close(self) -> None:
        """Leave nothing behind, whatever state the connection is in. Never raises."""
