"""Messages through one topic of Kafka, which every node reads."""

from aiokafka.errors import KafkaError

from adapters.outbound.broadcast.broker_broadcaster import BrokerBroadcaster
from adapters.outbound.broadcast.kafka.kafka_access import KafkaAccess
from adapters.outbound.broadcast.kafka.kafka_connection import KafkaConnection
from application.ports.message_format import MessageFormat
from application.ports.telemetry import Telemetry
from domain.broadcaster import Capabilities


class KafkaBroadcaster(BrokerBroadcaster[KafkaConnection]):
    """Our topic is the key of a record in the Kafka topic, the payload its value.

    So what is said of one user stays in one partition, in order. Every node reads all partitions
    from their end, without a consumer group, and hands on what it subscribed to.

    Messages can repeat: after a failure, those are sent again of which no broker has said that it
    has them.
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
