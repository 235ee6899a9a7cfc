"""The container: which implementation stands behind each port.

Everything is made once a process. A test overrides a provider to put its own in place.
"""

from datetime import timedelta

from dependency_injector import containers, providers
from prometheus_client import CollectorRegistry

from adapters.inbound.metrics import Metrics
from adapters.inbound.websocket.endpoints import LegacyPolicy, SocketEndpoints
from adapters.inbound.websocket.flusher import Flusher
from adapters.inbound.websocket.serving import SocketServer
from adapters.inbound.worker_metrics import WorkerMetrics
from adapters.outbound.broadcast.kafka_access import KafkaAccess
from adapters.outbound.broadcast.kafka_broadcaster import KafkaBroadcaster
from adapters.outbound.broadcast.memory_broadcaster import MemoryBroadcaster
from adapters.outbound.broadcast.redis_access import RedisAccess
from adapters.outbound.broadcast.redis_broadcaster import RedisBroadcaster
from adapters.outbound.security.argon2_passwords import Argon2Passwords
from adapters.outbound.security.jwt_tokens import JwtTokens
from adapters.outbound.sql.engines import parse_database_url
from adapters.outbound.sql.postgres_unit_of_work import PostgresUnitOfWork
from adapters.outbound.sql.sqlite_unit_of_work import SqliteUnitOfWork
from adapters.outbound.system import SystemClock, SystemIds, SystemRandomness
from adapters.wire import JsonCodec
from application.authentication import Authenticator, LoginDesk, TokenLifetimes
from application.realtime.announcer import Announcer
from application.realtime.cluster import Cluster, Lease
from application.realtime.connection import Limits
from application.realtime.connector import Connector
from application.realtime.dialects import FlatDialect, StandardDialect
from application.realtime.drain import Drain
from application.realtime.head_check import HeadCheck
from application.realtime.hub import Hub
from application.realtime.monitors import Monitors
from application.realtime.presence import Presence
from application.realtime.reader import Reader
from application.revocations import Revocations
from application.transactions import PlayerTransactions
from application.use_cases.announce import Announce
from application.use_cases.bet_crash import BetCrash
from application.use_cases.buy_product import BuyProduct
from application.use_cases.cash_out_crash import CashOutCrash
from application.use_cases.catch_up import CatchUp
from application.use_cases.check_health import CheckHealth
from application.use_cases.claim_streak import ClaimStreak
from application.use_cases.create_admin import CreateAdmin
from application.use_cases.learn_revocations import LearnRevocations
from application.use_cases.log_in import LogIn
from application.use_cases.log_out import LogOut
from application.use_cases.play_rps import PlayRps
from application.use_cases.pull_gacha import PullGacha
from application.use_cases.read_player import ReadPlayer
from application.use_cases.refresh_login import RefreshLogin
from application.use_cases.renew_epoch import RenewEpoch
from application.use_cases.settle_crashed import SettleCrashed
from application.use_cases.sign_up import SignUp
from application.use_cases.spin_slot import SpinSlot
from application.use_cases.trim_journal import Retention, TrimJournal
from application.use_cases.update_profile import UpdateProfile
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
        ca_file=kafka.ca_file or None,
    )


class Container(containers.DeclarativeContainer):
    """Built by `build_container`."""

    settings = providers.Dependency(instance_of=Settings)
    worker: providers.Provider[Worker | None] = providers.Object(None)
    """Which one of several processes this is, if there are several."""

    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(SystemIds)
    randomness = providers.Singleton(SystemRandomness)
    codec = providers.Singleton(JsonCodec)
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
    unit_of_work = providers.Selector(
        providers.Callable(lambda url: url.get_backend_name(), database_url),
        sqlite=providers.Singleton(SqliteUnitOfWork, database_url),
        postgresql=providers.Singleton(PostgresUnitOfWork, database_url),
    )
    redis_access = providers.Singleton(
        lambda redis: RedisAccess(url=redis.url, prefix=redis.prefix), settings.provided.redis
    )
    broadcaster = providers.Selector(
        settings.provided.broadcaster,
        memory=providers.Singleton(MemoryBroadcaster),
        redis=providers.Singleton(RedisBroadcaster, redis_access),
        kafka=providers.Singleton(
            lambda settings: KafkaBroadcaster(_kafka_access(settings.kafka)), settings
        ),
    )

    revocations = providers.Singleton(Revocations)
    authenticator = providers.Singleton(Authenticator, tokens, revocations)
    login_desk = providers.Singleton(LoginDesk, tokens, clock, ids, token_lifetimes)

    limits = providers.Singleton(
        lambda settings: Limits(
            buffer_bytes=settings.realtime.buffer_bytes,
            stall_s=settings.realtime.stall_s,
            messages=settings.realtime.messages_per_10s,
        ),
        settings,
    )
    reader = providers.Singleton(Reader, unit_of_work)
    presence = providers.Singleton(Presence, settings.provided.realtime.presence_grace_s)
    monitors = providers.Singleton(Monitors, codec)
    lease = providers.Singleton(
        lambda settings: Lease(
            length_s=settings.realtime.lease_s, grace_s=settings.realtime.presence_grace_s
        ),
        settings,
    )
    node_id = providers.Singleton(lambda ids: str(ids.event_id()), ids)
    cluster = providers.Singleton(
        Cluster, node_id, broadcaster, clock, presence, lease, monitors.provided.show
    )
    turn = providers.Singleton(Flusher)
    hub = providers.Singleton(Hub, broadcaster, clock, turn, cluster, monitors, revocations)
    drain = providers.Singleton(Drain, hub, randomness, settings.provided.realtime.drain_s)
    connector = providers.Singleton(Connector, hub, reader, codec, clock, ids, limits)
    standard_dialect = providers.Singleton(StandardDialect, settings.provided.realtime.heartbeat_s)
    flat_dialect = providers.Singleton(FlatDialect, codec)
    announcer = providers.Singleton(Announcer, broadcaster, codec)
    transactions = providers.Singleton(
        PlayerTransactions, unit_of_work, announcer, codec, clock, ids
    )

    spin_slot = providers.Singleton(SpinSlot, transactions, randomness)
    play_rps = providers.Singleton(PlayRps, transactions, randomness)
    pull_gacha = providers.Singleton(PullGacha, transactions, randomness)
    bet_crash = providers.Singleton(BetCrash, transactions, randomness, ids)
    cash_out_crash = providers.Singleton(CashOutCrash, transactions)
    settle_crashed = providers.Singleton(SettleCrashed, transactions, unit_of_work, clock)
    buy_product = providers.Singleton(BuyProduct, transactions, ids)
    update_profile = providers.Singleton(UpdateProfile, transactions)
    claim_streak = providers.Singleton(ClaimStreak, transactions)
    sign_up = providers.Singleton(SignUp, unit_of_work, passwords, login_desk, clock)
    log_in = providers.Singleton(LogIn, unit_of_work, passwords, login_desk)
    refresh_login = providers.Singleton(RefreshLogin, unit_of_work, login_desk, clock, broadcaster)
    log_out = providers.Singleton(LogOut, unit_of_work, clock, broadcaster)
    create_admin = providers.Singleton(CreateAdmin, unit_of_work, passwords, clock)
    announce = providers.Singleton(Announce, broadcaster, codec, clock, ids)
    learn_revocations = providers.Singleton(
        LearnRevocations, unit_of_work, clock, hub, revocations, token_lifetimes
    )
    head_check = providers.Singleton(HeadCheck, unit_of_work, hub)
    retention = providers.Singleton(
        lambda settings: Retention(
            age=timedelta(seconds=settings.journal.keep_s), events=settings.journal.keep_events
        ),
        settings,
    )
    trim_journal = providers.Singleton(TrimJournal, unit_of_work, clock, retention)
    renew_epoch = providers.Singleton(RenewEpoch, unit_of_work, ids)
    catch_up = providers.Singleton(CatchUp, unit_of_work, codec)
    read_player = providers.Singleton(ReadPlayer, unit_of_work, clock)
    check_health = providers.Singleton(CheckHealth, unit_of_work, broadcaster, drain)

    registry = providers.Singleton(CollectorRegistry)
    metrics = providers.Selector(
        providers.Callable(lambda worker: "one" if worker is None else "of_several", worker),
        one=providers.Singleton(Metrics, registry, hub, broadcaster),
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
    socket_server = providers.Singleton(
        SocketServer,
        authenticator,
        clock,
        drain,
        metrics,
        turn,
        providers.Callable(lambda limits: limits.buffer_bytes // 2, limits),
    )
    socket_endpoints = providers.Singleton(
        SocketEndpoints, socket_server, connector, standard_dialect, flat_dialect, legacy_policy
    )


def build_container(settings: Settings, worker: Worker | None = None) -> Container:
    """All parts for these settings; nothing is opened or started yet."""
    return Container(settings=providers.Object(settings), worker=providers.Object(worker))
