"""The Broadcaster port: publish/subscribe between nodes (fan-out of committed events).

The journal in the database is the source of truth; the broadcaster only reduces latency. So it may
lose and repeat messages: receivers detect both by `seq` (gap detection, deduplication), and the
journal poll finds lost events within the check interval.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Protocol

from attrs import frozen


class Message(Protocol):
    """An immutable value, delivered to every subscriber of its topic."""

    @property
    def topic(self) -> str:
        """The topic: letters, digits and dots. All events of one user have the same topic."""


Receive = Callable[[Message], None]
"""Callback, called on the event loop once per received message; it must not block."""


@frozen(kw_only=True)
class Capabilities:
    """How adapters differ. No guarantee of the product depends on these flags.

    `reaches_other_processes`: messages reach other processes, so more than one node can run.
    """

    reaches_other_processes: bool


class Broadcaster(ABC):
    """Delivers messages to all nodes that subscribe to a topic.

    Delivery: best effort. A message may be lost (broker down, queue full, subscription not yet
    effective) or, with some brokers, be delivered twice. Receivers detect both by sequence number.
    Order: messages of one topic from one node arrive in the order of the `publish` calls.
    Subscriptions: `subscribe` and `unsubscribe` calls take effect in the order in which they are
    made.
    Fan-out: to every started node that subscribes to the topic, the publishing node included.
    """

    capabilities: ClassVar[Capabilities]

    @abstractmethod
    async def start(self, receive: Receive) -> None:
        """Start to deliver subscribed messages to `receive`. An unreachable broker is not an error:
        the adapter retries until `stop`."""

    @abstractmethod
    async def stop(self) -> None:
        """Flush published messages, for a short bounded time, then close."""

    @abstractmethod
    def publish(self, message: Message) -> None:
        """Queue the message and return at once. Never raises because of the broker: the events in
        the message are already committed."""

    @abstractmethod
    async def subscribe(self, topic: str) -> None:
        """Return when messages on `topic` reach this node, or when the broker is known to be
        unreachable; in that case the subscription takes effect after the reconnect."""

    @abstractmethod
    async def unsubscribe(self, topic: str) -> None:
        """Stop receiving `topic`; a topic without a subscription is ignored."""

    @abstractmethod
    def failure(self) -> str | None:
        """Why messages are not delivered at the moment, in a few words for operators; None while
        they are. This is the last known state: a broker that hangs is noticed within seconds. Never
        contains a password."""
