"""The broadcaster within one process, for a single node."""

from domain.broadcaster import Broadcaster, Capabilities, Message, Receive


class MemoryBroadcaster(Broadcaster):
    """Delivers the message object synchronously within `publish`. Messages are not encoded and not
    lost; other processes do not receive them."""

    capabilities = Capabilities(reaches_other_processes=False)

    def __init__(self) -> None:
        self._topics: set[str] = set()
        self._receive: Receive | None = None

    async def start(self, receive: Receive) -> None:
        self._receive = receive

    async def stop(self) -> None:
        self._receive = None

    def publish(self, message: Message) -> None:
        if self._receive is not None and message.topic in self._topics:
            self._receive(message)

    async def subscribe(self, topic: str) -> None:
        self._topics.add(topic)

    async def unsubscribe(self, topic: str) -> None:
        self._topics.discard(topic)

    def failure(self) -> str | None:
        return None
