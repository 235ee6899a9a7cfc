"""The connections to Kafka from when they are opened until something breaks.

aiokafka's own consumer and producer hide failures: they log and retry, and when stopped meanwhile
leave tasks and sockets behind (0.14). Their client, below them, tells each failure where it
happens. So an answer that is missing or wrong ends the link, and its owner opens another.
"""

import asyncio
import logging
import ssl
from asyncio import timeout
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from time import time
from typing import Any
from zlib import crc32

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import create_conn
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    IncompatibleBrokerVersion,
    KafkaConnectionError,
    KafkaError,
    LeaderNotAvailableError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)
from aiokafka.protocol.admin import CreateTopicsRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from attrs import field, frozen

from domain.broadcaster import Message

logger = logging.getLogger("synchub.kafka")

REQUEST_TIMEOUT_S = 2.0
"""Nothing that a broker is asked for takes longer, unless it hangs."""

FETCH_WAIT_MS = 20
"""How long a broker may hold back an empty answer. Kafka answers as soon as there is something,
whatever this is; brokers that only look now and then (Tansu, librdkafka's mock) look this often."""

FETCH_BYTES = 1024 * 1024
METADATA_AGE_S = 2.0
"""How soon a partition that was added, or a topic that was made anew, is noticed."""

TOPIC_S = 5.0
"""How long a new topic may take to have leaders."""

OPEN_S = 15.0
REFUSAL_S = 0.5
CLOSE_S = 0.5
RETENTION_MS = 10 * 60 * 1000
"""Nobody reads what is older than a moment."""

LATEST = -1
LEADER_ACKS = 1
READ_UNCOMMITTED = 0
UNKNOWN_LEADER = -1

NOT_OURS_TO_CREATE = (
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    ClusterAuthorizationFailedError,
)
TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class LogLost(KafkaError):  # type: ignore[misc]
    """The log ends before where it was read to: it is another one of the same name."""


@frozen(kw_only=True)
class KafkaAccess:
    """Which Kafka, how to get in, and the topic there that carries everything.

    `servers` are `host:port`; `partitions` and `replication` count when the topic is created.
    """

    servers: tuple[str, ...]
    topic: str = "synchub"
    partitions: int = 12
    replication: int = 1
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None

    def client(self) -> Any:
        """An AIOKafkaClient, not connected."""
        return AIOKafkaClient(
            bootstrap_servers=list(self.servers),
            metadata_max_age_ms=int(METADATA_AGE_S * 1000),
            **self._options(),
        )

    async def refusal(self) -> Exception:
        """Why the first server does not let us in; aiokafka's client does not tell."""
        host, _, port = self.servers[0].rpartition(":")
        try:
            async with timeout(REFUSAL_S):
                connection = await create_conn(host, int(port), **self._options())
        except Exception as error:
            return error
        connection.close()
        return OSError("no answer in time")

    def _options(self) -> dict[str, Any]:
        tls = self.security_protocol.endswith("SSL")
        return {
            "client_id": "synchub",
            "request_timeout_ms": int(REQUEST_TIMEOUT_S * 1000),
            "security_protocol": self.security_protocol,
            "ssl_context": ssl.create_default_context(cafile=self.ca_file) if tls else None,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }


class KafkaLink:
    """Open it, then let `read` and `write` run until one raises, then close it.

    A broker answers the requests of a connection one after the other, and the answer to a fetch
    takes its time: reading and writing have connections of their own.
    """

    def __init__(self, access: KafkaAccess, deliver: Callable[[bytes, bytes], None]) -> None:
        self._access = access
        self._deliver = deliver
        self._reader = access.client()
        self._writer = access.client()
        self._leaders: dict[int, int] = {}
        self._positions: dict[int, int] = {}

    async def open(self) -> None:
        """When this returns, the topic exists and `read` will miss nothing written to it."""
        async with timeout(OPEN_S):
            for client in (self._reader, self._writer):
                try:
                    await client.bootstrap()
                except KafkaConnectionError as error:
                    raise await self._access.refusal() from error
            await self._create_topic()
            for client in (self._reader, self._writer):
                await client.set_topics([self._access.topic])
            self._leaders = await self._wait_for_leaders()
            await self._settle()

    async def close(self) -> None:
        # A broker that hangs does not take what is in the sockets; they close when it does.
        for client in (self._reader, self._writer):
            with suppress(TimeoutError):
                async with timeout(CLOSE_S):
                    await client.close()

    async def read(self) -> None:
        """Deliver what is written to the topic by anybody, for ever."""
        async with asyncio.TaskGroup() as readers:
            for node, partitions in _by_leader(self._leaders).items():
                readers.create_task(self._read_from(node, partitions))

    async def write(self, messages: Iterable[Message]) -> None:
        """Return when the leaders of their partitions have these messages. What a broker finds too
        large is lost. Messages of one topic keep their order: nobody writes meanwhile, and no
        request is sent twice."""
        batches = _Batches(len(self._leaders))
        for message in messages:
            batches.add(message)
        async with asyncio.TaskGroup() as writers:
            for node, partitions in _by_leader(self._leaders).items():
                if data := batches.of(partitions):
                    writers.create_task(self._write_to(node, data))

    async def _create_topic(self) -> None:
        """Several nodes may try at once. Who may not create topics finds it made by others."""
        cluster = self._reader.cluster
        request = CreateTopicsRequest(
            create_topic_requests=[
                (
                    self._access.topic,
                    self._access.partitions,
                    self._access.replication,
                    [],
                    [("cleanup.policy", "delete"), ("retention.ms", str(RETENTION_MS))],
                )
            ],
            timeout=int(REQUEST_TIMEOUT_S * 1000),
            validate_only=False,
        )
        node = cluster.controller.nodeId if cluster.controller else self._reader.get_random_node()
        with suppress(IncompatibleBrokerVersion):
            response = await self._reader.send(node, request)
            code = response.topic_errors[0][1]
            if for_code(code) not in NOT_OURS_TO_CREATE:
                _check(code)

    async def _wait_for_leaders(self) -> dict[int, int]:
        """Each partition's leader, once all have one."""
        topic, cluster = self._access.topic, self._reader.cluster
        with suppress(TimeoutError):
            async with timeout(TOPIC_S):
                while True:
                    leaders = {
                        partition: cluster.leader_for_partition(TopicPartition(topic, partition))
                        for partition in cluster.partitions_for_topic(topic) or ()
                    }
                    if leaders and not {None, UNKNOWN_LEADER} & set(leaders.values()):
                        return leaders
                    await asyncio.sleep(0.1)
                    await self._reader.force_metadata_update()
        raise LeaderNotAvailableError(f"topic {topic}")

    async def _settle(self) -> None:
        """Find where the partitions end: that is where reading begins."""
        for node, partitions in _by_leader(self._leaders).items():
            asked = [(self._access.topic, [(partition, LATEST) for partition in partitions])]
            response = await self._reader.send(node, OffsetRequest(-1, READ_UNCOMMITTED, asked))
            for _, answers in response.topics:
                for partition, code, _timestamp, offset in answers:
                    _check(code)
                    self._positions[partition] = offset

    async def _read_from(self, node: int, partitions: list[int]) -> None:
        topic = self._access.topic
        positions = {partition: self._positions[partition] for partition in partitions}
        while True:
            asked = [(partition, offset, FETCH_BYTES) for partition, offset in positions.items()]
            request = FetchRequest(
                FETCH_WAIT_MS, 1, FETCH_BYTES, READ_UNCOMMITTED, [(topic, asked)], rack_id=""
            )
            response = await self._reader.send(node, request)
            for _, answers in response.topics:
                for partition, code, end, *_, records in answers:
                    _check(code)
                    if end < positions[partition]:
                        raise LogLost(f"topic {topic} begins anew")
                    if records:
                        # To the end of the line: the first in it get most of a full answer.
                        position = positions.pop(partition)
                        positions[partition] = self._hand_on(records, position)
            if self._reader.cluster.partitions_for_topic(topic) != self._leaders.keys():
                raise UnknownTopicOrPartitionError(f"the partitions of topic {topic} changed")

    def _hand_on(self, data: bytes, position: int) -> int:
        """Deliver records from this position on; returns the next position."""
        deliver = self._deliver
        batches = MemoryRecords(data)
        while batches.has_next():
            batch = batches.next_batch()
            for record in batch:
                if record.offset >= position and record.key is not None:
                    deliver(record.key, record.value or b"")
            position = max(position, batch.next_offset)
        return position

    async def _write_to(self, node: int, data: list[tuple[int, bytearray]]) -> None:
        request = ProduceRequest(
            transactional_id=None,
            required_acks=LEADER_ACKS,
            timeout=int(REQUEST_TIMEOUT_S * 1000),
            topics=[(self._access.topic, data)],
        )
        response = await self._writer.send(node, request)
        for _, answers in response.topics:
            for partition, code, *_ in answers:
                if for_code(code) in TOO_LARGE:
                    logger.error("Kafka finds a batch too large", extra={"partition": partition})
                else:
                    _check(code)


class _Batches:
    """Messages as Kafka's record batches, one a partition.

    The partition is crc32 of the topic, as librdkafka's `consistent` has it: C does it.
    """

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._now_ms = int(time() * 1000)
        self._builders: dict[int, Any] = {}
        self._counts: defaultdict[int, int] = defaultdict(int)

    def add(self, message: Message) -> None:
        key = message.topic.encode()
        partition = crc32(key) % self._partitions
        builder = self._builders.get(partition)
        if builder is None:
            builder = self._builders[partition] = _builder()
        builder.append(self._counts[partition], self._now_ms, key, message.payload, [])
        self._counts[partition] += 1

    def of(self, partitions: Iterable[int]) -> list[tuple[int, bytearray]]:
        """Partition and batch, of those partitions that have one."""
        return [
            (partition, self._builders[partition].build())
            for partition in partitions
            if partition in self._builders
        ]


def _builder() -> Any:
    return DefaultRecordBatchBuilder(
        2,
        0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=0,
        batch_size=2**30,
    )


def _by_leader(leaders: Mapping[int, int]) -> dict[int, list[int]]:
    nodes: defaultdict[int, list[int]] = defaultdict(list)
    for partition, node in leaders.items():
        nodes[node].append(partition)
    return nodes


def _check(code: int) -> None:
    if code:
        raise for_code(code)()
