"""The port through which committed events leave for every node that has a device to tell."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from attrs import frozen


@frozen
class Message:
    """Finished bytes for everybody who subscribed to `topic`."""

    topic: str
    payload: bytes


Receive = Callable[[Message], None]
"""Called on the event loop, once per received message; must not block."""


@frozen(kw_only=True)
class Capabilities:
    """In what adapters differ. No promise of the product depends on it.

    `reaches_other_processes`: nodes hear of each other, so that there may be several.
    `may_repeat`: a message can arrive twice, or again after later ones.
    """

    reaches_other_processes: bool
    may_repeat: bool


class Broadcaster(ABC):
    """Carries messages between nodes. The journal is the truth; this port is only fast.

    Delivery: at most once. A message may be lost (broker down, buffer full, subscription not yet
    effective) or, with some brokers, arrive twice; receivers find both by sequence numbers.
    Order: messages of one topic from one node arrive in the order of their `publish`.
    Subscriptions: calls take effect in the order in which they were made.
    Reach: every started node that subscribed to the topic, the publisher's own included.
    """

    capabilities: ClassVar[Capabilities]

    @abstractmethod
    async def start(self, receive: Receive) -> None:
        """Begin to deliver what is subscribed to `receive`. A broker that cannot be reached is
        no error: the adapter goes on trying until `stop`."""

    @abstractmethod
    async def stop(self) -> None:
        """Hand out what was published, as far as that takes no more than a moment; then close."""

    @abstractmethod
    def publish(self, message: Message) -> None:
        """Take the message and return at once. Never raises for the broker's sake: what is
        announced here is already committed."""

    @abstractmethod
    async def subscribe(self, topic: str) -> None:
        """Return when messages on `topic` reach this node, or when the broker is known to be
        away; in that case the subscription becomes effective when it is back."""

    @abstractmethod
    async def unsubscribe(self, topic: str) -> None:
        """Stop receiving `topic`; unknown topics are ignored."""

    @abstractmethod
    def failure(self) -> str | None:
        """Why messages do not get through at the moment, in a few words for operators; None while
        they do. It is the adapter's latest knowledge: a broker that hangs is noticed within
        seconds. Never shows a password."""
