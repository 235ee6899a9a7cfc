"""Messages through one topic of Kafka, which every node reads."""

import asyncio
import logging
from asyncio import timeout
from contextlib import suppress

from aiokafka.errors import KafkaError, RequestTimedOutError

from adapters.outbound.broadcast.kafka_access import KafkaAccess
from adapters.outbound.broadcast.kafka_link import KafkaLink
from adapters.outbound.broadcast.outbox import Outbox
from domain.broadcaster import Broadcaster, Capabilities, Message, Receive

logger = logging.getLogger("synchub.kafka")

START_S = 1.0
STOP_S = 1.0
PAUSE_S = 0.25
"""Between two attempts to reach a broker."""

OUTBOX_BYTES = 16 * 1024 * 1024
BATCH_BYTES = 512 * 1024
"""Kafka takes batches of up to 1 MiB unless told otherwise."""

STALE_S = 5.0
"""By then the nodes have found the message in the journal."""


class KafkaBroadcaster(Broadcaster):
    """Our topic is the key of a record in the Kafka topic, the payload its value.

    So what is said of one user stays in one partition, in order. Every node reads all partitions
    from their end, without a consumer group, and hands on what it subscribed to.

    Messages can repeat: after a failure, those are sent again of which no broker has said that it
    has them.
    """

    capabilities = Capabilities(reaches_other_processes=True, may_repeat=True)

    def __init__(self, access: KafkaAccess) -> None:
        self._access = access
        self._topics: dict[bytes, str] = {}
        self._outbox = Outbox(max_bytes=OUTBOX_BYTES, stale_s=STALE_S)
        self._receive: Receive | None = None
        self._running: asyncio.Task[None] | None = None
        self._known = asyncio.Event()
        """It is known whether a broker is there: the first attempt has come to its end."""
        self._failure: str | None = None

    async def start(self, receive: Receive) -> None:
        self._receive = receive
        self._known.clear()
        self._failure = self._at("not reached yet")
        self._running = asyncio.create_task(self._run(), name="kafka")
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
                    await self._outbox.emptied()
        self._receive = None
        running.cancel()
        await asyncio.wait([running])
        self._known.set()

    def publish(self, message: Message) -> None:
        if self._running is not None:
            self._outbox.put(message)

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
                await self._use(KafkaLink(self._access, self._deliver))
            except Exception as error:
                self._lost(_first(error))
            await asyncio.sleep(PAUSE_S)

    async def _use(self, link: KafkaLink) -> None:
        """Until it breaks, which raises."""
        try:
            await link.open()
            self._reached()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(link.read())
                tasks.create_task(self._send(link))
        finally:
            await link.close()

    async def _send(self, link: KafkaLink) -> None:
        """Whatever gathered while the last batch was on its way is the next one."""
        while True:
            async with self._outbox.batch(BATCH_BYTES) as messages:
                await link.write(messages)

    def _deliver(self, key: bytes, payload: bytes) -> None:
        topic = self._topics.get(key)
        if topic is None or self._receive is None:
            return
        try:
            self._receive(Message(topic, payload))
        except Exception:
            logger.exception("a message could not be handled", extra={"topic": topic})

    def _reached(self) -> None:
        if self._known.is_set():
            logger.warning("Kafka is back", extra={"dropped": self._outbox.count_dropped()})
        self._failure = None
        self._known.set()

    def _lost(self, error: BaseException) -> None:
        """Log the first failure of an outage; `failure` tells the latest."""
        known = isinstance(error, KafkaError | OSError)
        silent = isinstance(error, RequestTimedOutError | TimeoutError)
        why = self._at("no answer" if silent else str(error))
        if self._failure is None or not self._known.is_set():
            logger.warning("Kafka is away: %s", why, exc_info=None if known else error)
        self._failure = why
        self._known.set()

    def _at(self, what: str) -> str:
        return f"{what} (Kafka at {', '.join(self._access.servers)})"


def _first(error: BaseException) -> BaseException:
    """What broke first, of all that broke with it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
