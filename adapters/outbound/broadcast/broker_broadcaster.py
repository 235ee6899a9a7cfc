"""Base class of broadcasters on a broker (Redis, Kafka): reconnects, and queues publishes.

A broker is another process and can be unreachable at any time. One task owns the connection: it
opens it, runs its reader and its writer until either fails, closes it, waits for a short random
time (jitter) and opens the next one. No operation is retried on a connection that failed. Messages
published meanwhile wait in the publish queue, which is bounded in bytes and age (back-pressure
would have to block use cases after their commit, so old messages are dropped instead).
"""

import asyncio
import logging
import random
import time
from abc import abstractmethod
from asyncio import timeout
from contextlib import suppress
from typing import ClassVar, Generic, TypeVar

from adapters.outbound.broadcast.broker_connection import BrokerConnection
from adapters.outbound.broadcast.encoded_message import EncodedMessage
from adapters.outbound.broadcast.publish_queue import PublishQueue
from application.ports.message_format import MessageFormat
from application.ports.telemetry import Counted, Telemetry
from domain.broadcaster import Broadcaster, Message, Receive

logger = logging.getLogger("synchub.broker")

START_S = 1.0
"""How long `start` waits for the first connection attempt."""

STOP_S = 1.0
"""How long `stop` waits for the queue to be sent, and for the task to end, each."""

STOP_ATTEMPTS = 3
"""A client library may swallow a cancellation: aiokafka does while it closes."""

PAUSE_S = (0.1, 0.4)
"""Pause between connection attempts, random because all nodes reconnect at the same time."""

QUEUE_BYTES = 16 * 1024 * 1024
"""Limit of the publish queue."""

BATCH_BYTES = 512 * 1024
"""Limit of one write to the broker."""

STALE_S = 5.0
"""Older messages are dropped: by then the journal poll of the receivers has found the events."""

UNREADABLE_S = 10.0
"""Interval of log lines about unreadable messages; the counter has all of them."""

C = TypeVar("C", bound=BrokerConnection)


class BrokerBroadcaster(Broadcaster, Generic[C]):
    """See the module docstring. Subclasses provide the connections."""

    broker: ClassVar[str]
    """The name of the broker, for operators."""

    known_errors: ClassVar[tuple[type[Exception], ...]]
    """Errors of the client library that mean an outage. Others are bugs, logged with a
    traceback."""

    def __init__(self, address: str, message_format: MessageFormat, telemetry: Telemetry) -> None:
        """`address` is shown to operators; it must not contain secrets."""
        self._address = address
        self._format = message_format
        self._telemetry = telemetry
        self._topics: dict[bytes, str] = {}
        """The subscribed topics, by their encoded form."""
        self._connection: C | None = None
        """The current connection, which may not be open yet."""
        self._queue = PublishQueue(
            max_bytes=QUEUE_BYTES, stale_s=STALE_S, on_drop=self._count_dropped
        )
        self._receive: Receive | None = None
        self._running: asyncio.Task[None] | None = None
        self._attempted = asyncio.Event()
        """Set after the first connection attempt, successful or not."""
        self._failure: str | None = None
        self._log_unreadable_from = 0.0

    @abstractmethod
    def _new_connection(self) -> C:
        """Create a connection, not yet open, that delivers to `_deliver`."""

    async def start(self, receive: Receive) -> None:
        self._receive = receive
        self._attempted.clear()
        self._failure = self._at("not reached yet")
        self._running = asyncio.create_task(self._run(), name=self.broker)
        with suppress(TimeoutError):
            async with timeout(START_S):
                await self._attempted.wait()

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
            logger.warning("the client library does not stop", extra={"broker": self.broker})
        self._attempted.set()

    def publish(self, message: Message) -> None:
        if self._running is not None:
            self._queue.put(EncodedMessage(message.topic, self._format.pack(message)))

    async def subscribe(self, topic: str) -> None:
        self._topics[topic.encode()] = topic
        if self._running is not None:
            await self._attempted.wait()

    async def unsubscribe(self, topic: str) -> None:
        self._topics.pop(topic.encode(), None)

    def failure(self) -> str | None:
        return self._failure

    async def _run(self) -> None:
        """Reconnect for ever: use one connection after the other."""
        while True:
            try:
                await self._use(self._new_connection())
            except Exception as error:
                self._lost(_first(error))
            await asyncio.sleep(random.uniform(*PAUSE_S))  # noqa: S311 (nothing secret)

    async def _use(self, connection: C) -> None:
        """Open the connection, then read and write until one of them raises."""
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

    async def _send(self, connection: C) -> None:
        """Write the queue in batches; messages published during a write form the next batch."""
        while True:
            async with self._queue.batch(BATCH_BYTES) as messages:
                await connection.write(messages)

    def _deliver(self, topic: bytes, payload: bytes) -> None:
        """Decode a received message and pass it on, if there is a subscription to its topic."""
        name = self._topics.get(topic)
        if name is None or self._receive is None:
            return
        try:
            message = self._format.unpack(name, payload)
        except Exception as error:  # sent by another application or another version
            self._telemetry.count(Counted.DROPPED_MESSAGES, "unreadable")
            self._log_unreadable(name, error)
            return
        try:
            self._receive(message)
        except Exception:
            logger.exception("handling a message failed", extra={"topic": name})

    def _log_unreadable(self, topic: str, error: Exception) -> None:
        """At `warning` from time to time only: a stranger could fill the log."""
        now = time.monotonic()
        level = logging.WARNING if now >= self._log_unreadable_from else logging.DEBUG
        if level == logging.WARNING:
            self._log_unreadable_from = now + UNREADABLE_S
        logger.log(level, "unreadable message", extra={"topic": topic, "why": str(error)[:200]})

    def _count_dropped(self, reason: str) -> None:
        self._telemetry.count(Counted.DROPPED_PUBLISHES, reason)

    def _reached(self) -> None:
        facts = {"broker": self.broker, "address": self._address}
        if self._attempted.is_set():
            dropped = self._queue.count_dropped()
            logger.warning("%s is back", self.broker, extra={**facts, "dropped": dropped})
        else:
            logger.info("connected to the broker", extra=facts)
        self._failure = None
        self._attempted.set()

    def _lost(self, error: BaseException) -> None:
        """Log the first failure of an outage; `failure` returns the latest."""
        timed_out = isinstance(error, TimeoutError)
        why = self._at("no answer" if timed_out else str(error) or type(error).__name__)
        if self._failure is None or not self._attempted.is_set():
            bug = None if isinstance(error, (*self.known_errors, OSError)) else error
            logger.warning("%s is away: %s", self.broker, why, exc_info=bug)
        else:
            logger.debug("%s is still away: %s", self.broker, why)
        self._failure = why
        self._attempted.set()

    def _at(self, what: str) -> str:
        return f"{what} ({self.broker} at {self._address})"


def _first(error: BaseException) -> BaseException:
    """The first error of nested task groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
