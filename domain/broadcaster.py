"""The port through which committed events leave for every node that has a device to tell."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Protocol

from attrs import frozen


class Message(Protocol):
    """An immutable value for everybody who subscribed to its topic."""

    @property
    def topic(self) -> str:
        """Letters, digits and dots; events of one user share one."""


Receive = Callable[[Message], None]
"""Called on the event loop, once per received message; must not block."""


@frozen(kw_only=True)
class Capabilities:
    """In what adapters differ. No promise of the product depends on it.

    `reaches_other_processes`: nodes hear each other, so that there may be several.
    """

    reaches_other_processes: bool


class Broadcaster(ABC):
    """Carries messages between nodes. The journal is the truth; this port only makes it fast.

    Delivery: at most once. A message may be lost (broker down, queue full, subscription not yet
    effective) or, with some brokers, arrive twice; receivers find both by sequence numbers.
    Order: messages of one topic from one node arrive in the order of their `publish`.
    Subscriptions: calls take effect in the order in which they were made.
    Reach: every started node that subscribed to the topic, the publisher's own included.
    """

    capabilities: ClassVar[Capabilities]

    @abstractmethod
    async def start(self, receive: Receive) -> None:
        """Begin to deliver what is subscribed to `receive`. A broker that cannot be reached is no
        error: the adapter keeps trying until `stop`."""

    @abstractmethod
    async def stop(self) -> None:
        """Send what was published, as far as that takes only a moment; then close."""

    @abstractmethod
    def publish(self, message: Message) -> None:
        """Take the message and return at once. Never raises because of the broker: what is
        published here is already committed."""

    @abstractmethod
    async def subscribe(self, topic: str) -> None:
        """Return when messages on `topic` reach this node, or when the broker is known to be away;
        in that case the subscription becomes effective when it is back."""

    @abstractmethod
    async def unsubscribe(self, topic: str) -> None:
        """Stop receiving `topic`; unknown topics are ignored."""

    @abstractmethod
    def failure(self) -> str | None:
        """Why messages do not get through at the moment, in a few words for operators; None while
        they do. This is the adapter's latest knowledge: a broker that hangs is noticed within
        seconds. Never shows a password."""
