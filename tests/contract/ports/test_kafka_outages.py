"""KafkaBroadcaster while Kafka is away: nothing hangs or raises, and it recovers by itself."""

import asyncio
import itertools
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from attrs import evolve, frozen

from adapters.outbound.broadcast import kafka_broadcaster
from adapters.outbound.broadcast.kafka_access import KafkaAccess
from adapters.outbound.broadcast.kafka_broadcaster import KafkaBroadcaster
from domain.broadcaster import Broadcaster, Message
from tests.contract.ports.test_broadcaster import TIMEOUT_S, BusNode, message
from tests.support.kafka_servers import Tansu, tansu
from tests.support.node import free_port

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def broker() -> Iterator[Tansu]:
    """A broker of these tests' own; each leaves it running."""
    with tansu() as running:
        yield running


@pytest.fixture
def access(broker: Tansu) -> KafkaAccess:
    return KafkaAccess(servers=(broker.address,), topic=f"outage-{next(_numbers)}")


@asynccontextmanager
async def administrator(broker: Tansu) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


@frozen
class Outage:
    """`begun` is a time in which the broker is away."""

    make: Callable[[], BusNode]
    begun: Callable[[], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def killed(broker: Tansu, _access: KafkaAccess) -> AsyncIterator[None]:
    """It loses its memory: there is no such topic any more, and offsets begin at 0."""
    broker.kill()
    try:
        yield
    finally:
        broker.start()


@asynccontextmanager
async def paused(broker: Tansu, _access: KafkaAccess) -> AsyncIterator[None]:
    """It takes connections and requests, and answers none."""
    broker.pause()
    try:
        yield
    finally:
        broker.resume()


@asynccontextmanager
async def topic_deleted(broker: Tansu, access: KafkaAccess) -> AsyncIterator[None]:
    """By somebody who tidies up."""
    async with administrator(broker) as admin:
        await admin.delete_topics([access.topic])
    yield


OUTAGES = {"killed": killed, "paused": paused, "topic-deleted": topic_deleted}


@pytest.fixture(params=OUTAGES)
def outage(request: pytest.FixtureRequest, broker: Tansu, access: KafkaAccess) -> Outage:
    return Outage(
        lambda: BusNode(KafkaBroadcaster(access)),
        lambda: OUTAGES[request.param](broker, access),
    )


@pytest_asyncio.fixture(autouse=True)
async def nothing_left() -> AsyncIterator[None]:
    """What a broadcaster opened is closed when it has stopped."""
    tasks, files = other_tasks(), open_files()
    yield
    await eventually(lambda: open_files() <= files)
    assert other_tasks() <= tasks


def other_tasks() -> set["asyncio.Task[object]"]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


async def until(node: BusNode, *, failing: bool) -> None:
    await eventually(lambda: (node.broadcaster.failure() is not None) == failing)


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while not condition():  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.005)


@asynccontextmanager
async def started(*nodes: BusNode) -> AsyncIterator[None]:
    async with asyncio.timeout(3 * TIMEOUT_S):
        try:
            for node in nodes:
                await node.start()
            yield
        finally:
            for node in nodes:
                await node.broadcaster.stop()


def back(name: str) -> Message:
    return message(name, 2)


async def test_messages_flow_again_after_an_outage(
    outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    """On what was subscribed to before and meanwhile, at every node; operators read a line at its
    begin and one at its end."""
    nodes = [outage.make(), outage.make()]
    caplog.set_level(logging.INFO, "synchub")
    async with started(*nodes):
        for node in nodes:
            await node.broadcaster.subscribe("before")
        nodes[0].broadcaster.publish(message("before", 1))
        for node in nodes:
            await node.until(message("before", 1))
        async with outage.begun():
            for node in nodes:
                await until(node, failing=True)
                node.broadcaster.publish(message("before", 0))
                await node.broadcaster.subscribe("meanwhile")
        for node in nodes:
            await until(node, failing=False)
        for topic in ("before", "meanwhile"):
            nodes[0].broadcaster.publish(back(topic))
            for node in nodes:
                await node.until(back(topic))
    told = [record.getMessage() for record in caplog.records if record.name == "synchub.kafka"]
    assert sum("Kafka is away" in line for line in told) == len(nodes)
    assert sum("Kafka is back" in line for line in told) == len(nodes)
    assert len(told) == 2 * len(nodes)


async def test_a_broker_that_comes_later() -> None:
    """Until then starting, subscribing and publishing return at once, as does stopping."""
    broker = Tansu(free_port())
    node, unlucky = [
        BusNode(KafkaBroadcaster(KafkaAccess(servers=(broker.address,)))) for _ in range(2)
    ]
    async with started(node):
        async with started(unlucky):
            await unlucky.broadcaster.subscribe("topic")
            unlucky.broadcaster.publish(message("topic", 0))
            failure = str(unlucky.broadcaster.failure())
            assert "Connect call failed" in failure
            assert broker.address in failure
        await node.broadcaster.subscribe("topic")
        assert node.broadcaster.failure() is not None
        broker.start()
        try:
            await until(node, failing=False)
            node.broadcaster.publish(back("topic"))
            await node.until(back("topic"))
        finally:
            broker.kill()


async def test_a_broker_that_hangs_at_the_start(broker: Tansu, access: KafkaAccess) -> None:
    """It is waited for, but not for long, and found when it answers again."""
    node = BusNode(KafkaBroadcaster(access))
    async with started(node):
        await node.broadcaster.stop()
        async with paused(broker, access):
            await node.start()
            await node.broadcaster.subscribe("topic")
            assert node.broadcaster.failure() is not None
        await until(node, failing=False)
        node.broadcaster.publish(back("topic"))
        await node.until(back("topic"))


async def test_stopping_while_the_broker_hangs(broker: Tansu, access: KafkaAccess) -> None:
    """What it does not take is given up."""
    node = BusNode(KafkaBroadcaster(access))
    async with started(node), paused(broker, access):
        node.broadcaster.publish(Message("topic", b"x" * 400_000))
        await asyncio.sleep(0.1)
        await node.broadcaster.stop()


async def test_order_survives_an_outage(broker: Tansu, access: KafkaAccess) -> None:
    """What was published while the broker hung arrives in that order, or not at all."""
    node = BusNode(KafkaBroadcaster(access))
    async with started(node):
        await node.broadcaster.subscribe("topic")
        async with paused(broker, access):
            for n in range(100):
                node.broadcaster.publish(message("topic", n))
                await asyncio.sleep(0.005)
            await until(node, failing=True)
        await until(node, failing=False)
        node.broadcaster.publish(message("topic", 100))
        arrived = await node.until(message("topic", 100))
    assert arrived == sorted(arrived, key=lambda one: int(one.payload.split()[1]))


async def test_what_waited_too_long_is_not_sent(
    broker: Tansu, access: KafkaAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has been found in the journal; the recovering broker is spared."""
    monkeypatch.setattr(kafka_broadcaster, "STALE_S", 0.05)
    node = BusNode(KafkaBroadcaster(access))
    async with started(node):
        await node.broadcaster.subscribe("topic")
        async with killed(broker, access):
            await until(node, failing=True)
            node.broadcaster.publish(message("topic", 1))
            await asyncio.sleep(0.1)
        await until(node, failing=False)
        node.broadcaster.publish(back("topic"))
        await node.until(back("topic"))
    assert node.received == [back("topic")]


async def test_a_topic_with_other_partitions(broker: Tansu, access: KafkaAccess) -> None:
    """All that it has are read and written, now that they are more."""
    node = BusNode(KafkaBroadcaster(evolve(access, partitions=2)))
    topics = [f"user.{n}" for n in range(20)]
    async with started(node):
        for topic in topics:
            await node.broadcaster.subscribe(topic)
        async with administrator(broker) as admin:
            await admin.delete_topics([access.topic])
            await admin.create_topics([NewTopic(access.topic, 9, 1)])
        await until(node, failing=True)
        await until(node, failing=False)
        for topic in topics:
            node.broadcaster.publish(message(topic, 1))
        for topic in topics:
            await node.until(message(topic, 1))


async def test_many_starts_leave_nothing_behind(broker: Tansu, access: KafkaAccess) -> None:
    """With a broker and without one; a stopped broadcaster can be started again."""
    nobody = KafkaAccess(servers=(f"127.0.0.1:{free_port()}",))
    broadcasters: list[Broadcaster] = [KafkaBroadcaster(access), KafkaBroadcaster(nobody)]
    for _ in range(10):
        for broadcaster in broadcasters:
            await broadcaster.start(lambda message: None)
            await broadcaster.subscribe("topic")
            broadcaster.publish(message("topic", 1))
            await broadcaster.stop()
