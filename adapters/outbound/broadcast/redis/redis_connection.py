"""The connections to Redis, used until the first failure.

There are two per server: a publisher and a subscriber, because a connection with subscriptions
accepts only subscription commands and PING (RESP 2). In a cluster with sharded pub/sub, every
server owns a range of slots and the channels in it, so there is one pair per server (a shard).
Otherwise there is one.
"""

import asyncio
import logging
from asyncio import Future, timeout
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import NoPermissionError

from adapters.outbound.broadcast.broker_connection import BrokerConnection
from adapters.outbound.broadcast.encoded_message import EncodedMessage
from adapters.outbound.broadcast.redis.redis_publisher import RedisPublisher
from adapters.outbound.broadcast.redis.redis_subscriber import RedisSubscriber
from adapters.outbound.redis.redis_access import RedisAccess

logger = logging.getLogger("synchub.redis")

OPEN_S = 3.0
"""Timeout of opening all connections and confirming all subscriptions."""

SHARDED_SINCE = 7
"""The first major version with sharded pub/sub."""


class RedisConnection(BrokerConnection):
    """See the module docstring. `open` subscribes to all `topics`; later changes are
    incremental."""

    def __init__(
        self,
        access: RedisAccess,
        topics: Collection[bytes],
        deliver: Callable[[bytes, bytes], None],
    ) -> None:
        self._access = access
        self._prefix = access.prefix.encode()
        self._topics = topics
        self._deliver = deliver
        self._opened: list[AbstractConnection] = []
        self._shards: list[_Shard] = []
        self._owners: Sequence[_Shard] = ()
        """The shard of each slot."""
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        async with timeout(OPEN_S):
            first = await self._connect(None)
            if slots := await _sharded_slots(first):
                self._owners = await self._open_shards(slots)
            else:
                shard = _Shard(first, await self._connect(None), self._on_message, sharded=False)
                self._shards, self._owners = [shard], [shard] * REDIS_CLUSTER_HASH_SLOTS
            self._reading = asyncio.create_task(self._read())
            await self._confirmed({self.change(topic, wanted=True) for topic in self._topics})
        facts = {"servers": len(self._shards), "topics": len(self._topics)}
        logger.debug("subscribed", extra=facts)

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        for shard in self._shards:
            shard.subscriber.release_waiters()
        for connection in self._opened:
            await connection.disconnect(nowait=True)

    async def read(self) -> None:
        assert self._reading is not None, "read follows open"
        await self._reading

    async def _read(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for shard in self._shards:
                tasks.create_task(shard.subscriber.run())

    async def write(self, messages: Sequence[EncodedMessage]) -> None:
        """Publish one pipeline per shard. Messages of one topic share a pipeline, so they keep
        their order."""
        pipelines: defaultdict[_Shard, list[tuple[bytes, bytes]]] = defaultdict(list)
        for message in messages:
            channel = self._prefix + message.topic.encode()
            pipelines[self._owner(channel)].append((channel, message.payload))
        if len(pipelines) == 1:
            [(shard, pipeline)] = pipelines.items()
            await shard.publisher.publish(pipeline)
            return
        async with asyncio.TaskGroup() as tasks:
            for shard, pipeline in pipelines.items():
                tasks.create_task(shard.publisher.publish(pipeline))

    def change(self, topic: bytes, *, wanted: bool) -> "Future[None]":
        """Request a subscription change. The future completes when Redis has confirmed it, or when
        the connection is closed. Before `open` this does nothing, because `open` subscribes to all
        topics."""
        if not self._shards:
            done: Future[None] = asyncio.get_running_loop().create_future()
            done.set_result(None)
            return done
        channel = self._prefix + topic
        return self._owner(channel).subscriber.change(channel, wanted=wanted)

    async def _confirmed(self, subscriptions: "set[Future[None]]") -> None:
        """Wait until all subscriptions are confirmed; raise the error if reading fails before."""
        assert self._reading is not None, "the reader receives the confirmations"
        waiting: set[Future[None]] = set(subscriptions)
        while waiting and not self._reading.done():
            _, pending = await asyncio.wait(
                {self._reading, *waiting}, return_when=asyncio.FIRST_COMPLETED
            )
            waiting = pending - {self._reading}
        if self._reading.done():
            await self._reading

    def _owner(self, channel: bytes) -> "_Shard":
        if len(self._shards) == 1:
            return self._shards[0]
        return self._owners[key_slot(channel)]

    def _on_message(self, channel: bytes, payload: bytes) -> None:
        self._deliver(channel.removeprefix(self._prefix), payload)

    async def _connect(self, server: tuple[str, int] | None) -> AbstractConnection:
        connection = self._access.connection(server)
        self._opened.append(connection)
        await self._access.connect(connection)
        return connection

    async def _open_shards(self, slots: "Slots") -> "Sequence[_Shard]":
        shards: dict[tuple[str, int], _Shard] = {}
        owners: list[_Shard | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        for first, last, server in slots:
            if server not in shards:
                publisher, subscriber = await self._connect(server), await self._connect(server)
                shards[server] = _Shard(publisher, subscriber, self._on_message, sharded=True)
            owners[first : last + 1] = [shards[server]] * (last + 1 - first)
        if None in owners:
            raise ConnectionError("some slots of the cluster have no server")
        self._shards = list(shards.values())
        return [owner for owner in owners if owner is not None]


class _Shard:
    """The publisher and the subscriber of one server."""

    def __init__(
        self,
        publisher: AbstractConnection,
        subscriber: AbstractConnection,
        deliver: Callable[[bytes, bytes], None],
        *,
        sharded: bool,
    ) -> None:
        self.publisher = RedisPublisher(publisher, sharded=sharded)
        self.subscriber = RedisSubscriber(subscriber, deliver, sharded=sharded)


Slots = Sequence[tuple[int, int, tuple[str, int]]]
"""(first slot, last slot, (host, port) of the server that owns them)."""


async def _sharded_slots(connection: AbstractConnection) -> Slots:
    """The slots of the cluster; empty if this is not a cluster, if its version has no sharded
    pub/sub, or if the user may not call INFO."""
    try:
        info = await _execute(connection, "INFO", "everything")
    except NoPermissionError:
        return []
    facts = dict(line.partition(b":")[::2] for line in info.split(b"\r\n"))
    major = int(facts.get(b"redis_version", b"0").partition(b".")[0])
    if facts.get(b"cluster_enabled") != b"1" or major < SHARDED_SINCE:
        return []
    return [
        (first, last, (host.decode() or connection.host, port))  # no host: this server
        for first, last, (host, port, *_), *_replicas in await _execute(
            connection, "CLUSTER", "SLOTS"
        )
    ]


async def _execute(connection: AbstractConnection, *words: str) -> Any:
    await connection.send_command(*words)
    return await connection.read_response(disable_decoding=True)
