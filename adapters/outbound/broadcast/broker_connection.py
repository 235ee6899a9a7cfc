"""The interface between `BrokerBroadcaster` and the client library of a broker."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from adapters.outbound.broadcast.encoded_message import EncodedMessage


class BrokerConnection(ABC):
    """The connections to a broker, used once: open, then `read` and `write` concurrently until one
    raises, then close. Errors are not retried here; the owner opens a new connection."""

    @abstractmethod
    async def open(self) -> None:
        """Connect, and subscribe to all topics. On return, their messages are received."""

    @abstractmethod
    async def read(self) -> None:
        """Deliver messages until the connection fails, which raises."""

    @abstractmethod
    async def write(self, messages: Sequence[EncodedMessage]) -> None:
        """Send messages; return when the broker has confirmed all of them."""

    @abstractmethod
    async def close(self) -> None:
        """Release all tasks and sockets, in any state of the connection. Never raises."""
