"""The connections to Kafka from when they are opened until something breaks.

aiokafka's own consumer and producer hide failures: they log and retry, and when stopped meanwhile
leave tasks and sockets behind (0.14). Their client, below them, tells each failure where it
happens. So an answer that is missing or wrong ends the link, and its owner opens another.
"""

import asyncio
import logging
from asyncio import timeout
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

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
"""How long a broker may hold back an empty answer. Kafka answers as soon as there is something,
whatever this is; brokers that only look now and then (Tansu, librdkafka's mock) look this often."""

FETCH_BYTES = 1024 * 1024
TOPIC_S = 5.0
"""How long a new topic may take to have leaders."""

OPEN_S = 15.0
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


class KafkaConnection(BrokerConnection):
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

    async def write(self, messages: Iterable[EncodedMessage]) -> None:
        """Return when the leaders of their partitions have these messages. What a broker finds too
        large is lost. Messages of one topic keep their order: nobody writes meanwhile, and no
        request is sent twice."""
        batches = RecordBatches(len(self._leaders))
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


def _by_leader(leaders: Mapping[int, int]) -> dict[int, list[int]]:
    nodes: defaultdict[int, list[int]] = defaultdict(list)
    for partition, node in leaders.items():
        nodes[node].append(partition)
    return nodes


def _check(code: int) -> None:
    if code:
        raise for_code(code)()
