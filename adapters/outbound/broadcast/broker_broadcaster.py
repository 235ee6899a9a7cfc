"""What broadcasters have in common whose broker is another process: it can be away."""

import asyncio
import logging
import random
from abc import ABC, abstractmethod
from asyncio import timeout
from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar, Generic, TypeVar

from adapters.outbound.broadcast.publish_queue import PublishQueue
from domain.broadcaster import Broadcaster, Message, Receive

logger = logging.getLogger("synchub.broker")

START_S = 1.0
STOP_S = 1.0
STOP_ATTEMPTS = 3
"""A client library may swallow a cancellation: aiokafka does while it closes."""

PAUSE_S = (0.1, 0.4)
"""Between two attempts to reach a broker; all nodes try at the same time."""

QUEUE_BYTES = 16 * 1024 * 1024
BATCH_BYTES = 512 * 1024
STALE_S = 5.0
"""By then the nodes have found the message in the journal."""


class BrokerConnection(ABC):
    """The connections to a broker, from when they are opened until something breaks."""

    @abstractmethod
    async def open(self) -> None:
        """When this returns, the broker is there, and what is subscribed to is delivered."""

    @abstractmethod
    async def read(self) -> None:
        """Deliver messages until something breaks."""

    @abstractmethod
    async def write(self, messages: Sequence[Message]) -> None:
        """Return when the broker has these messages."""

    @abstractmethod
    async def close(self) -> None:
        """Leave nothing behind, whatever state the link is in. Never raises."""


L = TypeVar("L", bound=BrokerConnection)


class BrokerBroadcaster(Broadcaster, Generic[L]):
    """Keeps a link to the broker: when one breaks, it opens the next. What is published meanwhile
    waits, as long as it is young and there is room."""

    broker: ClassVar[str]
    """Its name, for operators."""

    known_errors: ClassVar[tuple[type[Exception], ...]]
    """Those of its client library that mean trouble with it; all else is a fault of ours."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._topics: dict[bytes, str] = {}
        """Those subscribed to, by their encoding."""
        self._connection: L | None = None
        """Perhaps not open yet."""
        self._queue = PublishQueue(max_bytes=QUEUE_BYTES, stale_s=STALE_S)
        self._receive: Receive | None = None
        self._running: asyncio.Task[None] | None = None
        self._known = asyncio.Event()
        """It is known whether a broker is there: the first attempt has come to its end."""
        self._failure: str | None = None

    @abstractmethod
    def _new_connection(self) -> L:
        """Not open yet; it delivers to `_deliver`."""

    async def start(self, receive: Receive) -> None:
        self._receive = receive
        self._known.clear()
        self._failure = self._at("not reached yet")
        self._running = asyncio.create_task(self._run(), name=self.broker)
        with suppress(TimeoutError):
            async with timeout(START_S):
                await self._known.wait()

    async def stop(self) -> None:
        if self._running is None:
            return
        running, self._running = self._running, None
        if self._failure is None:
            with suppress(TimeoutError):
                async with timeout(STOP_S):
                    await self._queue.emptied()
        self._receive = None
        for _ in range(STOP_ATTEMPTS):
            running.cancel()
            ended, _ = await asyncio.wait([running], timeout=STOP_S)
            if ended:
                break
        else:
            logger.warning("%s does not let go", self.broker)
        self._known.set()

    def publish(self, message: Message) -> None:
        if self._running is not None:
            self._queue.put(message)

    async def subscribe(self, topic: str) -> None:
        self._topics[topic.encode()] = topic
        if self._running is not None:
            await self._known.wait()

    async def unsubscribe(self, topic: str) -> None:
        self._topics.pop(topic.encode(), None)

    def failure(self) -> str | None:
        return self._failure

    async def _run(self) -> None:
        """One link after the other."""
        while True:
            try:
                await self._use(self._new_connection())
            except Exception as error:
                self._lost(_first(error))
            await asyncio.sleep(random.uniform(*PAUSE_S))  # noqa: S311 (nothing secret)

    async def _use(self, connection: L) -> None:
        """Until it breaks, which raises."""
        try:
            self._connection = connection
            await connection.open()
            self._reached()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(connection.read())
                tasks.create_task(self._send(connection))
        finally:
            self._connection = None
            await connection.close()

    async def _send(self, connection: L) -> None:
        """Whatever gathered while the last batch was on its way is the next one."""
        while True:
            async with self._queue.batch(BATCH_BYTES) as messages:
                await connection.write(messages)

    def _deliver(self, topic: bytes, payload: bytes) -> None:
        """Hand on a message if it is subscribed to."""
        name = self._topics.get(topic)
        if name is None or self._receive is None:
            return
        try:
            self._receive(Message(name, payload))
        except Exception:
            logger.exception("a message could not be handled", extra={"topic": name})

    def _reached(self) -> None:
        if self._known.is_set():
            dropped = self._queue.count_dropped()
            logger.warning("%s is back", self.broker, extra={"dropped": dropped})
        self._failure = None
        self._known.set()

    def _lost(self, error: BaseException) -> None:
        """Log the first failure of an outage; `failure` tells the latest."""
        silent = isinstance(error, TimeoutError)
        why = self._at("no answer" if silent else str(error) or type(error).__name__)
        if self._failure is None or not self._known.is_set():
            ours = None if isinstance(error, (*self.known_errors, OSError)) else error
            logger.warning("%s is away: %s", self.broker, why, exc_info=ours)
        self._failure = why
        self._known.set()

    def _at(self, what: str) -> str:
        return f"{what} ({self.broker} at {self._address})"


def _first(error: BaseException) -> BaseException:
    """What broke first, of all that broke with it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
