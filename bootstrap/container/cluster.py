"""The messages between nodes."""

from dependency_injector import containers, providers

from adapters.outbound.broadcast.kafka.kafka_access import KafkaAccess
from adapters.outbound.broadcast.kafka.kafka_broadcaster import KafkaBroadcaster
from adapters.outbound.broadcast.memory_broadcaster import MemoryBroadcaster
from adapters.outbound.broadcast.redis.redis_broadcaster import RedisBroadcaster
from adapters.outbound.redis.redis_access import RedisAccess
from adapters.wire.message_format import LineMessageFormat
from adapters.wire.signed_message_format import SignedMessageFormat
from application.cluster.event_publisher import EventPublisher
from application.cluster.membership import Lease, Membership
from application.cluster.presence import Presence
from application.cluster.user_sockets import SocketLimit, UserSockets
from application.monitoring.monitor_feed import MonitorFeed
from application.ports.message_format import MessageFormat
from bootstrap.container.core import Core
from bootstrap.settings.links import KafkaSettings
from bootstrap.settings.settings import Settings


def _kafka_access(kafka: KafkaSettings) -> KafkaAccess:
    return KafkaAccess(
        servers=kafka.servers(),
        topic=kafka.topic,
        partitions=kafka.partitions,
        replication=kafka.replication,
        security_protocol=kafka.security_protocol.upper(),
        sasl_mechanism=kafka.sasl_mechanism,
        username=kafka.username or None,
        password=str(kafka.password) or None,
        tls=kafka.tls_options(),
    )


def _message_format(settings: Settings) -> MessageFormat:
    broker = settings.broker
    if not broker.secret:
        return LineMessageFormat()
    secrets = [broker.secret, *broker.previous_secrets]
    return SignedMessageFormat(LineMessageFormat(), [secret.encode() for secret in secrets])


class Cluster(containers.DeclarativeContainer):
    """The broadcaster, and what nodes tell each other by it."""

    message_format = providers.Singleton(_message_format, Core.settings)

    redis_access = providers.Singleton(
        lambda redis: RedisAccess(url=redis.url, prefix=redis.prefix, tls=redis.tls_options()),
        Core.settings.provided.redis,
    )
    broadcaster = providers.Selector(
        Core.settings.provided.broadcaster,
        memory=providers.Singleton(MemoryBroadcaster),
        redis=providers.Singleton(RedisBroadcaster, redis_access, message_format, Core.telemetry),
        kafka=providers.Singleton(
            lambda settings, message_format, telemetry: KafkaBroadcaster(
                _kafka_access(settings.kafka), message_format, telemetry
            ),
            Core.settings,
            message_format,
            Core.telemetry,
        ),
    )
    presence = providers.Singleton(Presence, Core.settings.provided.realtime.presence_grace_s)
    monitor_feed = providers.Singleton(MonitorFeed, Core.codec, Core.telemetry)
    lease = providers.Singleton(
        lambda settings: Lease(
            length_s=settings.realtime.lease_s, grace_s=settings.realtime.presence_grace_s
        ),
        Core.settings,
    )
    node_id = providers.Singleton(lambda ids: str(ids.event_id()), Core.ids)
    membership = providers.Singleton(
        Membership, node_id, broadcaster, Core.clock, presence, lease, monitor_feed.provided.show
    )
    user_sockets = providers.Singleton(
        UserSockets,
        node_id,
        broadcaster,
        Core.clock,
        Core.telemetry,
        providers.Singleton(
            lambda settings: SocketLimit(
                sockets=settings.limits.sockets_per_user, lease_s=settings.realtime.lease_s
            ),
            Core.settings,
        ),
    )
    event_publisher = providers.Singleton(EventPublisher, broadcaster, Core.codec, membership)
