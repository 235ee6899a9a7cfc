"""Encoding of messages as Kafka record batches."""

from collections import defaultdict
from collections.abc import Iterable
from time import time
from typing import Any
from zlib import crc32

from aiokafka.record.default_records import DefaultRecordBatchBuilder

from adapters.outbound.broadcast.encoded_message import EncodedMessage


class RecordBatches:
    """One record batch per partition.

    The partition is crc32(topic) modulo the number of partitions, like the `consistent` partitioner
    of librdkafka. Python's crc32 is C code; aiokafka's default, murmur2, is Python.
    """

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._now_ms = int(time() * 1000)
        self._builders: dict[int, Any] = {}
        self._counts: defaultdict[int, int] = defaultdict(int)

    def add(self, message: EncodedMessage) -> None:
        """Append a message to the batch of its partition."""
        key = message.topic.encode()
        partition = crc32(key) % self._partitions
        builder = self._builders.get(partition)
        if builder is None:
            builder = self._builders[partition] = _builder()
        builder.append(self._counts[partition], self._now_ms, key, message.payload, [])
        self._counts[partition] += 1

    def of(self, partitions: Iterable[int]) -> list[tuple[int, bytearray]]:
        """(partition, encoded batch) for those of the partitions that have messages."""
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
