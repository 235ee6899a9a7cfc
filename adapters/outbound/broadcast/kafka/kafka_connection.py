"""The connections to Kafka, used until the first failure.

Why not aiokafka's consumer and producer: they hide failures (log and retry internally), and leave
tasks and sockets behind if they are stopped during an outage (0.14). AIOKafkaClient, the layer
below, raises each failure where it happens. So this class sends Produce and Fetch requests itself;
a missing or wrong answer ends the connection and its owner opens a new one.

Positions: every node reads all partitions from their end as of `open`, and keeps the offsets in
memory only. There is no consumer group and no committed offset: after a reconnect, messages from
the time between are not read, because the journal poll finds their events.

Order: all messages of a topic are in one partition. Per leader there is one Fetch request and one
Produce request at a time, and Produce requests are not retried, so the order within a partition is
kept. Within a Fetch, partitions that returned records move to the end of the request, because the
broker fills the answer in request order up to its size limit: a busy partition cannot starve
others.

Reads and writes use separate clients: a broker answers the requests of a connection in order, and a
Fetch waits for data, so it would delay Produce.
"""

import asyncio
import logging
from asyncio import timeout
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from aiokafka import TopicPartition
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
from aiokafka.record.memory_records import MemoryRecords

from adapters.outbound.broadcast.broker_connection import BrokerConnection
from adapters.outbound.broadcast.encoded_message import EncodedMessage
from adapters.outbound.broadcast.kafka.kafka_access import REQUEST_TIMEOUT_S, KafkaAccess
from adapters.outbound.broadcast.kafka.kafka_batches import RecordBatches

logger = logging.getLogger("synchub.kafka")

FETCH_WAIT_MS = 20
"""Long poll: how long a broker may delay an empty answer. Kafka answers as soon as there is data;
brokers that poll their storage (Tansu, librdkafka's mock) do so at this interval."""

FETCH_BYTES = 1024 * 1024
"""Size limit of a Fetch answer, per partition and in total."""

TOPIC_S = 5.0
"""Timeout for all partitions of a new topic to have leaders."""

OPEN_S = 15.0
CLOSE_S = 0.5

RETENTION_MS = 10 * 60 * 1000
"""Retention of the topic. Nodes read from the end, so older records are never read."""

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
    """The log ends before our position: the topic was deleted and created again."""


class KafkaConnection(BrokerConnection):
    """See the module docstring."""

    def __init__(self, access: KafkaAccess, deliver: Callable[[bytes, bytes], None]) -> None:
        self._access = access
        self._deliver = deliver
        self._reader = access.client()
        self._writer = access.client()
        self._leaders: dict[int, int] = {}
        """The node id of the leader, by partition."""
        self._positions: dict[int, int] = {}
        """The next offset to read, by partition."""

    async def open(self) -> None:
        """Connect, create the topic if needed, and record the end of each partition. `read` misses
        nothing that is written after this returns."""
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
            await self._read_end_offsets()
        facts = {"topic": self._access.topic, "partitions": len(self._leaders)}
        logger.debug("reading from the end of the topic", extra=facts)

    async def close(self) -> None:
        # Closing waits until buffered data is sent, which a broker that hangs does not take. After
        # the timeout, the sockets close as soon as it does.
        for client in (self._reader, self._writer):
            with suppress(TimeoutError):
                async with timeout(CLOSE_S):
                    await client.close()

    async def read(self) -> None:
        """Deliver all records of the topic, with one task per leader, until a request fails."""
        async with asyncio.TaskGroup() as readers:
            for node, partitions in _by_leader(self._leaders).items():
                readers.create_task(self._read_from(node, partitions))

    async def write(self, messages: Iterable[EncodedMessage]) -> None:
        """Send messages; return when the leaders of their partitions have acknowledged them. A
        batch that a broker refuses as too large is dropped and logged. Order is kept because calls
        do not overlap and requests are not retried."""
        batches = RecordBatches(len(self._leaders))
        for message in messages:
            batches.add(message)
        async with asyncio.TaskGroup() as writers:
            for node, partitions in _by_leader(self._leaders).items():
                if data := batches.of(partitions):
                    writers.create_task(self._write_to(node, data))

    async def _create_topic(self) -> None:
        """Create the topic. It is not an error if it exists (several nodes may try at once), nor if
        we may not create topics: then `_wait_for_leaders` fails unless others have created it."""
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
        """Wait until every partition has a leader, and return them."""
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

    async def _read_end_offsets(self) -> None:
        """Set the positions to the ends of the partitions.

        Some brokers list an end offset beyond the end that they report to a fetch (Tansu does,
        after a topic was deleted while it was written to). The smaller one counts: with the other
        one, every fetch would look as if the log had been lost, and no connection would last.
        """
        for node, partitions in _by_leader(self._leaders).items():
            topics = [(self._access.topic, [(partition, LATEST) for partition in partitions])]
            response = await self._reader.send(node, OffsetRequest(-1, READ_UNCOMMITTED, topics))
            listed = {}
            for _, answers in response.topics:
                for partition, code, _timestamp, offset in answers:
                    _check(code)
                    listed[partition] = offset
            response = await self._fetch(node, listed)
            for _, answers in response.topics:
                for partition, code, end, *_ in answers:
                    _check(code)
                    self._positions[partition] = min(listed[partition], end)

    async def _fetch(self, node: int, positions: Mapping[int, int]) -> Any:
        """The response to a fetch from these positions."""
        offsets = [(partition, offset, FETCH_BYTES) for partition, offset in positions.items()]
        topics = [(self._access.topic, offsets)]
        request = FetchRequest(FETCH_WAIT_MS, 1, FETCH_BYTES, READ_UNCOMMITTED, topics, rack_id="")
        return await self._reader.send(node, request)

    async def _read_from(self, node: int, partitions: list[int]) -> None:
        topic = self._access.topic
        positions = {partition: self._positions[partition] for partition in partitions}
        while True:
            response = await self._fetch(node, positions)
            for _, answers in response.topics:
                for partition, code, end, *_, records in answers:
                    _check(code)
                    if end < positions[partition]:
                        raise LogLost(f"topic {topic} was created again")
                    if records:
                        # Poll this partition last, because answers fill in request order.
                        position = positions.pop(partition)
                        positions[partition] = self._deliver_records(records, position)
            if self._reader.cluster.partitions_for_topic(topic) != self._leaders.keys():
                raise UnknownTopicOrPartitionError(f"the partitions of topic {topic} changed")

    def _deliver_records(self, data: bytes, position: int) -> int:
        """Deliver the records from this position on; return the next position. A batch may start
        before the requested offset."""
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
                    logger.error("Kafka refused a batch, too large", extra={"partition": partition})
                else:
                    _check(code)


def _by_leader(leaders: Mapping[int, int]) -> dict[int, list[int]]:
    nodes: defaultdict[int, list[int]] = defaultdict(list)
    for partition, node in leaders.items():
        nodes[node].append(partition)
    return nodes


def _check(code: int) -> None:
    if code:
        raise for_code(code)()
