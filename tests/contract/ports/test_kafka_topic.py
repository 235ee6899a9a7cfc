"""KafkaBroadcaster and the topic that carries everything."""

from aiokafka.admin import NewTopic

from adapters.outbound.broadcast.kafka.kafka_access import KafkaAccess
from tests.contract.ports.test_broadcaster import BusNode, kafka_broadcaster, message
from tests.contract.ports.test_broadcaster_outages import started, until
from tests.support.kafka_servers import administrator, shared_tansu


async def test_a_topic_with_other_partitions() -> None:
    """All that it has are read and written, now that they are more."""
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
