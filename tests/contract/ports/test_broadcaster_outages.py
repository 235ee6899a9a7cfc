"""Broadcasters while their broker is away: nothing hangs or raises, and they recover by themselves.

An adapter joins with a broker in `tests/support/brokers.py` and a way to reach it in `REACH`.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
import pytest_asyncio

from adapters.outbound.broadcast import broker_broadcaster
from adapters.outbound.broadcast.encoded_message import EncodedMessage
from adapters.outbound.broadcast.kafka.kafka_access import KafkaAccess
from adapters.outbound.broadcast.publish_queue import PublishQueue
from adapters.outbound.redis.redis_access import RedisAccess
from domain.broadcaster import Broadcaster
from tests.contract.ports.test_broadcaster import (
    TIMEOUT_S,
    BusNode,
    kafka_broadcaster,
    message,
    redis_broadcaster,
)
from tests.support.brokers import BROKERS, TOPIC, Broker


def by_redis(broker: Broker) -> Broadcaster:
    access = RedisAccess(url=broker.environment["SYNCHUB_REDIS_URL"])
    return redis_broadcaster(access)


def by_kafka(broker: Broker) -> Broadcaster:
    servers = broker.environment["SYNCHUB_KAFKA_BOOTSTRAP_SERVERS"]
    access = KafkaAccess(servers=(servers,), topic=TOPIC)
    return kafka_broadcaster(access)


REACH: dict[str, Callable[[Broker], Broadcaster]] = {
    "redis": by_redis,
    "kafka": by_kafka,
}


@pytest.fixture(scope="module", params=BROKERS)
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """A broker for these tests only; each test leaves it running."""
    with BROKERS[request.param]() as running:
        yield running


@pytest.fixture
def make(broker: Broker) -> Callable[[], BusNode]:
    """Return a function that makes another node, not started."""
    return lambda: BusNode(REACH[broker.name](broker))


@asynccontextmanager
async def killed(broker: Broker) -> AsyncIterator[None]:
    """Kill the broker, which loses its data; start it again at the end."""
    broker.controls.kill()
    try:
        yield
    finally:
        broker.controls.start()


@asynccontextmanager
async def paused(broker: Broker) -> AsyncIterator[None]:
    """Suspend the broker: it accepts connections and requests and answers none."""
    broker.controls.pause()
    try:
        yield
    finally:
        broker.controls.resume()


@asynccontextmanager
async def emptied(broker: Broker) -> AsyncIterator[None]:
    """Delete the broker's data while it runs."""
    await broker.forget()
    yield


OUTAGES: dict[str, Callable[[Broker], AbstractAsyncContextManager[None]]] = {
    "killed": killed,
    "paused": paused,
    "emptied": emptied,
}


@pytest_asyncio.fixture(autouse=True)
async def nothing_left() -> AsyncIterator[None]:
    """A stopped broadcaster has closed all files and ended all tasks."""
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


def back(name: str) -> EncodedMessage:
    return message(name, 2)


@pytest.mark.parametrize("outage", OUTAGES)
async def test_messages_flow_again_after_an_outage(
    outage: str, broker: Broker, make: Callable[[], BusNode], caplog: pytest.LogCaptureFixture
) -> None:
    """Every node gets messages of topics subscribed to before and during the outage; the log has
    one line at its beginning and one at its end."""
    nodes = [make(), make()]
    caplog.set_level(logging.INFO, "synchub")
    async with started(*nodes):
        for node in nodes:
            await node.broadcaster.subscribe("before")
        nodes[0].broadcaster.publish(message("before", 1))
        for node in nodes:
            await node.until(message("before", 1))
        caplog.clear()
        async with OUTAGES[outage](broker):
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
    logged = [record.getMessage() for record in caplog.records if record.name == "synchub.broker"]
    assert sum("is away" in line for line in logged) == len(nodes)
    assert sum("is back" in line for line in logged) == len(nodes)
    assert len(logged) == 2 * len(nodes)


async def test_a_broker_that_comes_later(broker: Broker, make: Callable[[], BusNode]) -> None:
    """Without a broker, starting, subscribing, publishing and stopping return at once."""
    node, unlucky = make(), make()
    async with AsyncExitStack() as stack:
        async with killed(broker):
            await stack.enter_async_context(started(node))
            async with started(unlucky):
                await unlucky.broadcaster.subscribe("topic")
                unlucky.broadcaster.publish(message("topic", 0))
                failure = str(unlucky.broadcaster.failure())
                assert "Connect call failed" in failure
                assert "127.0.0.1:" in failure
            await node.broadcaster.subscribe("topic")
            assert node.broadcaster.failure() is not None
        await until(node, failing=False)
        node.broadcaster.publish(back("topic"))
        await node.until(back("topic"))


async def test_a_broker_that_hangs_at_the_start(
    broker: Broker, make: Callable[[], BusNode]
) -> None:
    """The start waits only briefly; the broadcaster connects when the broker answers again."""
    node = make()
    async with started(node):
        await node.broadcaster.stop()
        async with paused(broker):
            await node.start()
            await node.broadcaster.subscribe("topic")
            assert node.broadcaster.failure() is not None
        await until(node, failing=False)
        node.broadcaster.publish(back("topic"))
        await node.until(back("topic"))


async def test_stopping_while_the_broker_hangs(broker: Broker, make: Callable[[], BusNode]) -> None:
    """`stop` gives up messages that the broker does not accept."""
    node = make()
    async with started(node), paused(broker):
        node.broadcaster.publish(EncodedMessage("topic", b"x" * 400_000))
        await asyncio.sleep(0.1)
        await node.broadcaster.stop()


async def test_order_survives_an_outage(broker: Broker, make: Callable[[], BusNode]) -> None:
    """Messages published while the broker hung arrive in that order, or not at all."""
    node = make()
    async with started(node):
        await node.broadcaster.subscribe("topic")
        async with paused(broker):
            for n in range(100):
                node.broadcaster.publish(message("topic", n))
                await asyncio.sleep(0.005)
            await until(node, failing=True)
        await until(node, failing=False)
        node.broadcaster.publish(message("topic", 100))
        arrived = await node.until(message("topic", 100))
    assert arrived == sorted(arrived, key=lambda one: int(one.payload.split()[1]))


async def test_what_waited_too_long_is_not_sent(
    broker: Broker, make: Callable[[], BusNode], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stale messages are dropped, because the journal poll has found their events."""
    now = 0.0
    queue = partial(PublishQueue, clock=lambda: now)
    monkeypatch.setattr(broker_broadcaster, "PublishQueue", queue)
    node = make()
    async with started(node):
        await node.broadcaster.subscribe("topic")
        async with killed(broker):
            await until(node, failing=True)
            node.broadcaster.publish(message("topic", 1))
            now += 2 * broker_broadcaster.STALE_S
        await until(node, failing=False)
        node.broadcaster.publish(back("topic"))
        await node.until(back("topic"))
    assert node.received == [back("topic")]


async def test_many_starts_leave_nothing_behind(
    broker: Broker, make: Callable[[], BusNode]
) -> None:
    """Starts and stops leave no files or tasks, with a broker and without one."""
    broadcaster = make().broadcaster

    async def ten_times() -> None:
        for _ in range(10):
            await broadcaster.start(lambda message: None)
            await broadcaster.subscribe("topic")
            broadcaster.publish(message("topic", 1))
            await broadcaster.stop()

    await ten_times()
    async with killed(broker):
        await ten_times()


async def test_stopping_at_any_moment(broker: Broker, make: Callable[[], BusNode]) -> None:
    """`stop` works during the start, and while the broker is being lost or found."""
    if broker.name == "kafka":
        pytest.skip("aiokafka leaves a connection to the collector that is cancelled half-way")
    moments_s = [0.0, 0.001, 0.005, 0.02, 0.1, 0.3, 0.6]
    nodes = [make() for _ in moments_s]

    async def live_until(node: BusNode, moment_s: float) -> None:
        starting = asyncio.create_task(node.start())
        await asyncio.sleep(moment_s)
        await node.broadcaster.stop()
        await starting
        await node.broadcaster.stop()

    async with asyncio.timeout(TIMEOUT_S):
        for around in (killed, paused):
            async with around(broker):
                await asyncio.gather(*map(live_until, nodes, moments_s))
            await asyncio.gather(*map(live_until, nodes, moments_s))
