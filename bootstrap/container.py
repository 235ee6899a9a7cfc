"""The container: which implementation stands behind each port.

Everything is made once a process. A test overrides a provider to put its own in place.
"""

from datetime import timedelta

from dependency_injector import containers, providers
from prometheus_client import CollectorRegistry

from adapters.inbound.access.guards import AccessControl
from adapters.inbound.metrics.node_metrics import NodeMetrics
from adapters.inbound.metrics.worker_metrics import WorkerMetrics
from adapters.inbound.websocket.accept import SocketServer
from adapters.inbound.websocket.endpoints import LegacyPolicy, SocketEndpoints
from adapters.inbound.websocket.transport.write_coalescer import WriteCoalescer
from adapters.outbound.broadcast.kafka.kafka_access import KafkaAccess
from adapters.outbound.broadcast.kafka.kafka_broadcaster import KafkaBroadcaster
from adapters.outbound.broadcast.memory_broadcaster import MemoryBroadcaster
from adapters.outbound.broadcast.redis.redis_access import RedisAccess
from adapters.outbound.broadcast.redis.redis_broadcaster import RedisBroadcaster
from adapters.outbound.security.argon2_passwords import Argon2Passwords
from adapters.outbound.security.jwt_tokens import JwtTokens
from adapters.outbound.sql.engines import parse_database_url
from adapters.outbound.sql.postgres.postgres_unit_of_work import PostgresUnitOfWork
from adapters.outbound.sql.sqlite.sqlite_unit_of_work import SqliteUnitOfWork
from adapters.outbound.system.system_clock import SystemClock
from adapters.outbound.system.system_ids import SystemIds
from adapters.outbound.system.system_randomness import SystemRandomness
from adapters.outbound.telemetry.prometheus_telemetry import PrometheusTelemetry
from adapters.wire.json_codec import JsonCodec
from adapters.wire.message_format import LineMessageFormat
from adapters.wire.signed_message_format import SignedMessageFormat
from application.cluster.event_publisher import EventPublisher
from application.cluster.membership import Lease, Membership
from application.cluster.presence import Presence
from application.connections.client_connection import Environment, Limits
from application.hub.connection_factory import ConnectionFactory
from application.hub.drain import Drain
from application.hub.hub import Hub
from application.hub.journal_reader import JournalReader
from application.identity.authenticator import Authenticator
from application.identity.revocations import Revocations
from application.identity.token_service import TokenLifetimes, TokenService
from application.jobs.crash_settlement import CrashSettlement
from application.jobs.journal_poller import JournalPoller
from application.jobs.journal_trimmer import JournalTrimmer, Retention
from application.jobs.revocation_poller import RevocationPoller
from application.monitoring.monitor_feed import MonitorFeed
from application.ports.message_format import MessageFormat
from application.sync.frame_formats import LegacyFormat, StandardFormat
from application.transactions.player_transactions import PlayerTransactions
from application.use_cases.accounts.log_in import LogIn
from application.use_cases.accounts.log_out import LogOut
from application.use_cases.accounts.refresh_login import RefreshLogin
from application.use_cases.accounts.sign_up import SignUp
from application.use_cases.games.bet_crash import BetCrash
from application.use_cases.games.cash_out_crash import CashOutCrash
from application.use_cases.games.play_rps import PlayRps
from application.use_cases.games.pull_gacha import PullGacha
from application.use_cases.games.spin_slot import SpinSlot
from application.use_cases.operations.check_health import CheckHealth
from application.use_cases.operations.create_admin import CreateAdmin
from application.use_cases.operations.renew_epoch import RenewEpoch
from application.use_cases.operations.send_notice import SendNotice
from application.use_cases.players.buy_product import BuyProduct
from application.use_cases.players.catch_up import CatchUp
from application.use_cases.players.claim_streak import ClaimStreak
from application.use_cases.players.read_player import ReadPlayer
from application.use_cases.players.update_profile import UpdateProfile
from bootstrap.settings import KafkaSettings, Settings
from bootstrap.workers import Worker


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


class Container(containers.DeclarativeContainer):
    """Built by `build_container`."""

    settings = providers.Dependency(instance_of=Settings)
    worker: providers.Provider[Worker | None] = providers.Object(None)
    """Which one of several processes this is, if there are several."""

    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(SystemIds)
    randomness = providers.Singleton(SystemRandomness)
    codec = providers.Singleton(JsonCodec)
    message_format = providers.Singleton(_message_format, settings)
    registry = providers.Singleton(CollectorRegistry)
    telemetry = providers.Singleton(PrometheusTelemetry, registry)
    passwords = providers.Singleton(Argon2Passwords)
    tokens = providers.Singleton(
        lambda settings: JwtTokens([settings.jwt_secret, *settings.jwt_previous_secrets]),
        settings,
    )
    token_lifetimes = providers.Singleton(
        lambda settings: TokenLifetimes(
            access=timedelta(seconds=settings.access_token_s),
            refresh=timedelta(seconds=settings.refresh_token_s),
        ),
        settings,
    )

    database_url = providers.Singleton(
        lambda settings: parse_database_url(settings.database_url), settings
    )
    database_tls = providers.Singleton(lambda settings: settings.postgres.link(), settings)
    unit_of_work = providers.Selector(
        providers.Callable(lambda url: url.get_backend_name(), database_url),
        sqlite=providers.Singleton(SqliteUnitOfWork, database_url),
        postgresql=providers.Singleton(PostgresUnitOfWork, database_url, database_tls),
    )
    redis_access = providers.Singleton(
        lambda redis: RedisAccess(url=redis.url, prefix=redis.prefix, tls=redis.tls_options()),
        settings.provided.redis,
    )
    broadcaster = providers.Selector(
        settings.provided.broadcaster,
        memory=providers.Singleton(MemoryBroadcaster),
        redis=providers.Singleton(RedisBroadcaster, redis_access, message_format, telemetry),
        kafka=providers.Singleton(
            lambda settings, message_format, telemetry: KafkaBroadcaster(
                _kafka_access(settings.kafka), message_format, telemetry
            ),
            settings,
            message_format,
            telemetry,
        ),
    )

    revocations = providers.Singleton(Revocations)
    authenticator = providers.Singleton(Authenticator, tokens, revocations)
    token_service = providers.Singleton(TokenService, tokens, clock, ids, token_lifetimes)

    limits = providers.Singleton(
        lambda settings: Limits(
            buffer_bytes=settings.realtime.buffer_bytes,
            stall_s=settings.realtime.stall_s,
            messages=settings.realtime.messages_per_10s,
        ),
        settings,
    )
    journal_reader = providers.Singleton(JournalReader, unit_of_work)
    presence = providers.Singleton(Presence, settings.provided.realtime.presence_grace_s)
    monitor_feed = providers.Singleton(MonitorFeed, codec, telemetry)
    lease = providers.Singleton(
        lambda settings: Lease(
            length_s=settings.realtime.lease_s, grace_s=settings.realtime.presence_grace_s
        ),
        settings,
    )
    node_id = providers.Singleton(lambda ids: str(ids.event_id()), ids)
    membership = providers.Singleton(
        Membership, node_id, broadcaster, clock, presence, lease, monitor_feed.provided.show
    )
    end_of_tick = providers.Singleton(WriteCoalescer)
    hub = providers.Singleton(
        Hub,
        broadcaster=broadcaster,
        clock=clock,
        end_of_tick=end_of_tick,
        journal_reader=journal_reader,
        membership=membership,
        monitor_feed=monitor_feed,
        revocations=revocations,
        telemetry=telemetry,
    )
    drain = providers.Singleton(Drain, hub, randomness, settings.provided.realtime.drain_s)
    environment = providers.Singleton(Environment, codec=codec, telemetry=telemetry, limits=limits)
    connection_factory = providers.Singleton(ConnectionFactory, hub, environment, clock, ids)
    standard_format = providers.Singleton(StandardFormat, settings.provided.realtime.heartbeat_s)
    legacy_format = providers.Singleton(LegacyFormat, codec)
    event_publisher = providers.Singleton(EventPublisher, broadcaster, codec, membership)
    transactions = providers.Singleton(
        PlayerTransactions, unit_of_work, event_publisher, codec, clock, ids
    )

    spin_slot = providers.Singleton(SpinSlot, transactions, randomness)
    play_rps = providers.Singleton(PlayRps, transactions, randomness)
    pull_gacha = providers.Singleton(PullGacha, transactions, randomness)
    bet_crash = providers.Singleton(BetCrash, transactions, randomness, ids)
    cash_out_crash = providers.Singleton(CashOutCrash, transactions)
    crash_settlement = providers.Singleton(CrashSettlement, transactions, unit_of_work, clock)
    buy_product = providers.Singleton(BuyProduct, transactions, ids)
    update_profile = providers.Singleton(UpdateProfile, transactions)
    claim_streak = providers.Singleton(ClaimStreak, transactions)
    sign_up = providers.Singleton(SignUp, unit_of_work, passwords, token_service, clock)
    log_in = providers.Singleton(LogIn, unit_of_work, passwords, token_service)
    refresh_login = providers.Singleton(
        RefreshLogin, unit_of_work, token_service, clock, broadcaster
    )
    log_out = providers.Singleton(LogOut, unit_of_work, clock, broadcaster)
    create_admin = providers.Singleton(CreateAdmin, unit_of_work, passwords, clock)
    send_notice = providers.Singleton(SendNotice, broadcaster, codec, clock, ids)
    revocation_poller = providers.Singleton(
        RevocationPoller, unit_of_work, clock, hub, revocations, token_lifetimes
    )
    journal_poller = providers.Singleton(JournalPoller, unit_of_work, hub)
    retention = providers.Singleton(
        lambda settings: Retention(
            age=timedelta(seconds=settings.journal.keep_s), events=settings.journal.keep_events
        ),
        settings,
    )
    journal_trimmer = providers.Singleton(JournalTrimmer, unit_of_work, clock, retention)
    renew_epoch = providers.Singleton(RenewEpoch, unit_of_work, ids)
    catch_up = providers.Singleton(CatchUp, unit_of_work, codec)
    read_player = providers.Singleton(ReadPlayer, unit_of_work, clock)
    check_health = providers.Singleton(CheckHealth, unit_of_work, broadcaster, drain)

    metrics = providers.Selector(
        providers.Callable(lambda worker: "one" if worker is None else "of_several", worker),
        one=providers.Singleton(NodeMetrics, registry, hub, broadcaster),
        of_several=providers.Singleton(
            WorkerMetrics,
            registry,
            hub,
            broadcaster,
            worker.provided.folder,
            worker.provided.number,
        ),
    )
    legacy_policy = providers.Singleton(
        LegacyPolicy,
        enabled=settings.provided.legacy.enabled,
        sunset=settings.provided.legacy.sunset,
    )
    access_control = providers.Singleton(AccessControl, authenticator)
    high_water = providers.Singleton(lambda limits: limits.buffer_bytes // 2, limits)
    socket_server = providers.Singleton(
        SocketServer, access_control, clock, drain, metrics, high_water
    )
    socket_endpoints = providers.Singleton(
        SocketEndpoints,
        socket_server,
        connection_factory,
        standard_format,
        legacy_format,
        legacy_policy,
    )


def build_container(settings: Settings, worker: Worker | None = None) -> Container:
    """All parts for these settings; nothing is opened or started yet."""
    return Container(settings=providers.Object(settings), worker=providers.Object(worker))
