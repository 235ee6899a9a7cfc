"""Brokers for the cluster tests, which can be killed, paused and emptied."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from attrs import frozen
from redis.asyncio import Redis

from tests.support.kafka_servers import Tansu, administrator, tansu
from tests.support.redis_servers import VALKEY, RedisServer, redis_server


class Controls(Protocol):
    """What a test can do to a server's process."""

    def start(self) -> None: ...
    def kill(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


@frozen
class Broker:
    """A running broker; `environment` configures `synchub` for it, `forget` deletes its data."""

    name: str
    environment: Mapping[str, str]
    controls: Controls
    forget: Callable[[], Awaitable[None]]


@contextmanager
def redis_broker() -> Iterator[Broker]:
    with redis_server(VALKEY) as server:
        yield Broker(
            "redis",
            {"SYNCHUB_BROADCASTER": "redis", "SYNCHUB_REDIS_URL": server.url},
            server,
            lambda: _flush(server),
        )


@contextmanager
def kafka_broker() -> Iterator[Broker]:
    with tansu() as server:
        yield Broker(
            "kafka",
            {
                "SYNCHUB_BROADCASTER": "kafka",
                "SYNCHUB_KAFKA_BOOTSTRAP_SERVERS": server.address,
                "SYNCHUB_KAFKA_TOPIC": TOPIC,
            },
            server,
            lambda: _delete_topic(server),
        )


TOPIC = "cluster-test"

BROKERS: Mapping[str, Callable[[], AbstractContextManager[Broker]]] = {
    "redis": redis_broker,
    "kafka": kafka_broker,
}


async def _flush(server: RedisServer) -> None:
    async with Redis.from_url(server.url) as redis:
        await redis.flushall()
        await redis.client_kill_filter(_type="pubsub")


async def _delete_topic(server: Tansu) -> None:
    async with administrator(server) as admin:
        await admin.delete_topics([TOPIC])
