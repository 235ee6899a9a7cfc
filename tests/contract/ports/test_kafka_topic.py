"""KafkaBroadcaster and the topic that carries everything."""

from typing import Any

import pytest
from aiokafka.admin import NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.offset import OffsetRequest

from adapters.outbound.broadcast.kafka.kafka_access import KafkaAccess
from tests.contract.ports.test_broadcaster import BusNode, kafka_broadcaster, message
from tests.contract.ports.test_broadcaster_outages import started, until
from tests.support.kafka_servers import administrator, shared_tansu


async def test_a_topic_with_other_partitions() -> None:
    """After the topic was created again with more partitions, all of them are read and written."""
    broker = shared_tansu()
    access = KafkaAccess(servers=(broker.address,), topic="partitioned", partitions=2)
    node = BusNode(kafka_broadcaster(access))
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


async def test_a_broker_that_lists_offsets_beyond_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tansu does so when a topic was deleted and created again while it was written to. The
    connection stays, and messages published from then on arrive."""
    send = AIOKafkaClient.send

    async def send_and_shift(client: AIOKafkaClient, node: int, request: Any) -> Any:
        response = await send(client, node, request)
        if isinstance(request, OffsetRequest):
            ((topic, answers),) = response.topics
            shifted = [(*answer, offset + 3) for *answer, offset in answers]
            response.topics = [(topic, shifted)]
        return response

    monkeypatch.setattr(AIOKafkaClient, "send", send_and_shift)
    access = KafkaAccess(servers=(shared_tansu().address,), topic="contradicted", partitions=2)
    node = BusNode(kafka_broadcaster(access))
    async with started(node):
        await node.broadcaster.subscribe("topic")
        sent = [message("topic", n) for n in range(10)]
        for one in sent:
            node.broadcaster.publish(one)
            await node.until(one)
        await until(node, failing=False)
        assert await node.until(sent[-1]) == sent
