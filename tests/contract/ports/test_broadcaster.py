"""Broadcaster: every node that subscribed to a topic receives its messages, in order.

An adapter joins with a bus in `BUSES`.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import pytest
import pytest_asyncio
from attrs import define, field, frozen

from adapters.outbound.broadcast.encoded_message import EncodedMessage
from adapters.outbound.broadcast.kafka.kafka_access import KafkaAccess
from adapters.outbound.broadcast.kafka.kafka_broadcaster import KafkaBroadcaster
from adapters.outbound.broadcast.memory_broadcaster import MemoryBroadcaster
from adapters.outbound.broadcast.redis.redis_broadcaster import RedisBroadcaster
from adapters.outbound.redis.redis_access import RedisAccess
from domain.broadcaster import Broadcaster, Capabilities, Message
from tests.support.kafka_servers import shared_mock_cluster, shared_tansu
from tests.support.raw_messages import RawMessageFormat
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.redis_servers import (
    REDIS_6,
    VALKEY,
    RedisServer,
    shared_redis,
    shared_redis_cluster,
)
from tests.support.stepping import SteppingBroadcaster, SteppingBus, SteppingBusBroadcaster

TIMEOUT_S = 30.0

_numbers = itertools.count(1)


def nothing() -> None:
    """Messages travel by themselves."""


@define(eq=False)
class BusNode:
    """A broadcaster and what it received. `carry` delivers messages where a test has to do it."""

    broadcaster: Broadcaster
    carry: Callable[[], None] = nothing
    received: list[EncodedMessage] = field(factory=list)
    _news: asyncio.Event = field(factory=asyncio.Event)

    async def start(self) -> None:
        await self.broadcaster.start(self._receive)

    def _receive(self, message: Message) -> None:
        assert isinstance(message, EncodedMessage)
        self.received.append(message)
        self._news.set()

    async def until(self, message: EncodedMessage) -> list[EncodedMessage]:
        """Wait for a message; returns everything received, without duplicates."""
        self.carry()
        async with asyncio.timeout(TIMEOUT_S):
            while message not in self.received:
                self._news.clear()
                await self._news.wait()
        return list(dict.fromkeys(self.received))

    async def until_there_are(self, count: int) -> None:
        """Wait until this many messages have been received."""
        self.carry()
        async with asyncio.timeout(TIMEOUT_S):
            while len(self.received) < count:
                self._news.clear()
                await self._news.wait()


@define(eq=False)
class Bus:
    """What carries messages. `make` returns another node on it, not started. `may_repeat`: a
    message can arrive twice, or again after later ones; receivers deduplicate by sequence
    numbers."""

    make: Callable[[], BusNode]
    capabilities: Capabilities
    may_repeat: bool = True


def redis_broadcaster(access: RedisAccess) -> RedisBroadcaster:
    """For messages of any bytes."""
    return RedisBroadcaster(access, RawMessageFormat(), RecordingTelemetry())


def kafka_broadcaster(access: KafkaAccess) -> KafkaBroadcaster:
    """For messages of any bytes."""
    return KafkaBroadcaster(access, RawMessageFormat(), RecordingTelemetry())


@asynccontextmanager
async def memory_bus() -> AsyncIterator[Bus]:
    yield Bus(
        lambda: BusNode(MemoryBroadcaster()), MemoryBroadcaster.capabilities, may_repeat=False
    )


@asynccontextmanager
async def stepping_bus() -> AsyncIterator[Bus]:
    def make() -> BusNode:
        broadcaster = SteppingBroadcaster()
        return BusNode(broadcaster, broadcaster.deliver_all)

    yield Bus(make, SteppingBroadcaster.capabilities)


@asynccontextmanager
async def stepping_bus_of_several() -> AsyncIterator[Bus]:
    bus = SteppingBus()
    make = lambda: BusNode(SteppingBusBroadcaster(bus), bus.deliver_all)  # noqa: E731
    yield Bus(make, SteppingBusBroadcaster.capabilities)


@asynccontextmanager
async def redis_bus(server: Callable[[], RedisServer]) -> AsyncIterator[Bus]:
    """Channels that no other test uses."""
    access = RedisAccess(url=server().url, prefix=f"synchub-{next(_numbers)}.")
    yield Bus(
        lambda: BusNode(redis_broadcaster(access)),
        RedisBroadcaster.capabilities,
    )


def kafka_bus(servers: str) -> Bus:
    """A Kafka topic that no other test uses."""
    access = KafkaAccess(servers=tuple(servers.split(",")), topic=f"synchub-{next(_numbers)}")
    return Bus(
        lambda: BusNode(kafka_broadcaster(access)),
        KafkaBroadcaster.capabilities,
    )


@asynccontextmanager
async def kafka_tansu_bus() -> AsyncIterator[Bus]:
    yield kafka_bus(shared_tansu().address)


@asynccontextmanager
async def kafka_librdkafka_bus() -> AsyncIterator[Bus]:
    yield kafka_bus(shared_mock_cluster())


BUSES: dict[str, Callable[[], AbstractAsyncContextManager[Bus]]] = {
    "memory": memory_bus,
    "valkey": partial(redis_bus, lambda: shared_redis(VALKEY)),
    "valkey-cluster": partial(redis_bus, lambda: shared_redis_cluster()[1]),
    "redis-6.2": partial(redis_bus, lambda: shared_redis(REDIS_6)),
    "stepping": stepping_bus,
    "stepping-several": stepping_bus_of_several,
    "kafka-tansu": kafka_tansu_bus,
    "kafka-librdkafka": kafka_librdkafka_bus,
}


@frozen
class Line:
    """A bus with `nodes` that are started, and stopped after the test."""

    bus: Bus
    nodes: list[BusNode]

    async def node(self) -> BusNode:
        node = self.bus.make()
        await node.start()
        self.nodes.append(node)
        return node


@pytest_asyncio.fixture(params=BUSES)
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    async with BUSES[request.param]() as bus:
        opened = Line(bus, [])
        yield opened
        for node in opened.nodes:
            await node.broadcaster.stop()


@pytest.fixture
def several(line: Line) -> Line:
    """A line with room for more than one node."""
    if not line.bus.capabilities.reaches_other_processes:
        pytest.skip("it carries nothing to other nodes")
    return line


def message(topic: str, n: int) -> EncodedMessage:
    return EncodedMessage(topic, b"message %d" % n)


async def test_a_node_receives_what_it_publishes(line: Line) -> None:
    """Topic and payload arrive unchanged, for payloads of any size."""
    node = await line.node()
    await node.broadcaster.subscribe("user.1")
    sent = [
        EncodedMessage("user.1", payload) for payload in (b"", bytes(range(256)), b"x" * 300_000)
    ]
    for one in sent:
        node.broadcaster.publish(one)
    assert await node.until(sent[-1]) == sent


async def test_messages_of_a_topic_keep_their_order(line: Line) -> None:
    """The order of each topic is kept when messages of two topics alternate."""
    node = await line.node()
    for topic in ("one", "two"):
        await node.broadcaster.subscribe(topic)
    for n in range(500):
        node.broadcaster.publish(message("one", n))
        node.broadcaster.publish(message("two", n))
    await node.until(message("two", 499))
    received = await node.until(message("one", 499))
    for topic in ("one", "two"):
        of_topic = [one for one in received if one.topic == topic]
        assert of_topic == [message(topic, n) for n in range(500)]


async def test_nothing_is_repeated(line: Line) -> None:
    """Each message arrives once, also after subscribing twice, where the bus promises that."""
    node = await line.node()
    await node.broadcaster.subscribe("topic")
    await node.broadcaster.subscribe("topic")
    sent = [message("topic", n) for n in range(20)]
    for one in sent:
        node.broadcaster.publish(one)
    distinct = await node.until(sent[-1])
    assert (distinct if line.bus.may_repeat else node.received) == sent


async def test_only_what_was_subscribed_to_arrives(line: Line) -> None:
    """Messages of other topics do not arrive, nor those of topics with the same prefix."""
    node = await line.node()
    await node.broadcaster.subscribe("user.1")
    for topic in ("user.2", "user.11", "user.*", "user", "games", "user.1"):
        node.broadcaster.publish(message(topic, 1))
    assert await node.until(message("user.1", 1)) == [message("user.1", 1)]


async def test_nothing_arrives_after_unsubscribing(line: Line) -> None:
    """A topic can be subscribed to again; unsubscribing from an unknown topic is no error. A broker
    with partitions keeps the order within each, so there is a later message in all of them:
    once these are here, the one to the topic that was left is past."""
    node = await line.node()
    later = [message(f"kept.{number}", 1) for number in range(32)]
    for topic in ("left", *(kept.topic for kept in later)):
        await node.broadcaster.subscribe(topic)
    await node.broadcaster.unsubscribe("left")
    await node.broadcaster.unsubscribe("never known")
    node.broadcaster.publish(message("left", 1))
    for kept in later:
        node.broadcaster.publish(kept)
    for kept in later:
        await node.until(kept)
    assert set(node.received) == set(later)
    await node.broadcaster.subscribe("left")
    node.broadcaster.publish(message("left", 2))
    assert set(await node.until(message("left", 2))) == {*later, message("left", 2)}


async def test_nothing_arrives_after_stopping(line: Line) -> None:
    """Publishing after the stop is no error, because the events are already committed."""
    node = line.bus.make()
    await node.start()
    await node.broadcaster.subscribe("topic")
    node.broadcaster.publish(message("topic", 1))
    await node.until(message("topic", 1))
    await node.broadcaster.stop()
    node.broadcaster.publish(message("topic", 2))
    node.carry()
    await asyncio.sleep(0)
    assert node.received == [message("topic", 1)]


async def test_publishing_before_the_start_is_no_error(line: Line) -> None:
    """Publishing to a topic without subscribers is no error either."""
    node = line.bus.make()
    node.broadcaster.publish(message("topic", 1))
    await node.start()
    line.nodes.append(node)
    node.broadcaster.publish(message("nobody's", 1))
    await node.broadcaster.subscribe("topic")
    node.broadcaster.publish(message("topic", 2))
    assert (await node.until(message("topic", 2)))[-1] == message("topic", 2)


async def test_a_broker_at_hand_is_no_failure(line: Line) -> None:
    """`failure` is None while the broker can be used."""
    node = await line.node()
    await node.broadcaster.subscribe("topic")
    assert node.broadcaster.failure() is None


async def test_every_subscribed_node_receives(several: Line) -> None:
    """The publisher and other subscribed nodes receive the messages; other nodes do not."""
    publisher, subscriber, stranger = [await several.node() for _ in range(3)]
    await publisher.broadcaster.subscribe("topic")
    await subscriber.broadcaster.subscribe("topic")
    await stranger.broadcaster.subscribe("other")
    sent = [message("topic", n) for n in range(100)]
    for one in sent:
        publisher.broadcaster.publish(one)
    publisher.broadcaster.publish(message("other", 0))
    assert await publisher.until(sent[-1]) == sent
    assert await subscriber.until(sent[-1]) == sent
    assert await stranger.until(message("other", 0)) == [message("other", 0)]


async def test_what_was_published_before_stopping_is_handed_out(several: Line) -> None:
    """`stop` waits a moment for messages in the queue."""
    publisher, subscriber = several.bus.make(), await several.node()
    await publisher.start()
    await subscriber.broadcaster.subscribe("topic")
    sent = [message("topic", n) for n in range(100)]
    for one in sent:
        publisher.broadcaster.publish(one)
    await publisher.broadcaster.stop()
    assert await subscriber.until(sent[-1]) == sent


async def test_many_topics_are_subscribed_to_at_once(several: Line) -> None:
    """A message that another node publishes right after that arrives."""
    node, other = await several.node(), await several.node()
    topics = [f"user.{n}" for n in range(2_000)]
    await asyncio.gather(*map(node.broadcaster.subscribe, topics))
    for topic in topics:
        other.broadcaster.publish(message(topic, 1))
    await node.until_there_are(len(topics))
    assert {one.topic for one in node.received} == set(topics)


async def test_concurrent_calls_take_effect_in_their_order(line: Line) -> None:
    """The latest call for a topic decides whether its messages arrive."""
    node = await line.node()
    calls = [node.broadcaster.subscribe, node.broadcaster.unsubscribe] * 50
    left = [call("left") for call in calls]
    kept = [call("kept") for call in [*calls[1:], node.broadcaster.subscribe]]
    await asyncio.gather(*left, *kept)
    node.broadcaster.publish(message("left", 1))
    node.broadcaster.publish(message("kept", 1))
    assert await node.until(message("kept", 1)) == [message("kept", 1)]
