"""The broadcaster on one Kafka topic, which every node reads completely."""

from aiokafka.errors import KafkaError

from adapters.outbound.broadcast.broker_broadcaster import BrokerBroadcaster
from adapters.outbound.broadcast.kafka.kafka_access import KafkaAccess
from adapters.outbound.broadcast.kafka.kafka_connection import KafkaConnection
from application.ports.message_format import MessageFormat
from application.ports.telemetry import Telemetry
from domain.broadcaster import Capabilities


class KafkaBroadcaster(BrokerBroadcaster[KafkaConnection]):
    """Records in the Kafka topic have our topic as the key and the payload as the value.

    - Order: the key selects the partition, so all messages of a user are in one partition, in
      order.
    - Fan-out: every node reads all partitions from their end, without a consumer group, and drops
      messages of topics without a subscription.
    - Duplicates: after a failure, messages that no broker has acknowledged are sent again.
      Receivers deduplicate by `seq`.
    """

    capabilities = Capabilities(reaches_other_processes=True)
    broker = "Kafka"
    known_errors = (KafkaError,)

    def __init__(
        self, access: KafkaAccess, message_format: MessageFormat, telemetry: Telemetry
    ) -> None:
        super().__init__(", ".join(access.servers), message_format, telemetry)
        self._access = access

    def _new_connection(self) -> KafkaConnection:
        return KafkaConnection(self._access, self._deliver)
