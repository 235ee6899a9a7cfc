"""A broker that loses all messages."""

from adapters.outbound.broadcast.memory_broadcaster import MemoryBroadcaster
from domain.broadcaster import Message


class LosingBroadcaster(MemoryBroadcaster):
    """Drops all messages and counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = 0

    def publish(self, message: Message) -> None:
        self.lost += 1

    def failure(self) -> str:
        return "it loses all"
