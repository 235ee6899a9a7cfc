"""The container: which implementation stands behind each port.

Everything is made once a process. A test overrides a provider to put its own in place.
"""

from datetime import timedelta

from dependency_injector import containers, providers
from prometheus_client import CollectorRegistry

from adapters.inbound.access.guards import AccessControl
from adapters.inbound.access.legacy_policy import LegacyPolicy
from adapters.inbound.access.origins import Origins
from adapters.inbound.access.rate_guard import RateGuard
from adapters.inbound.access.realtime_access import RealtimeAccess
from adapters.inbound.http.legacy.legacy_clients import LegacyClients
from adapters.inbound.http.operator.operator_audit import OperatorAudit
from adapters.inbound.metrics.node_metrics import NodeMetrics
from adapters.inbound.metrics.worker_metrics import WorkerMetrics
from adapters.inbound.server.address_limits import AddressLimits
from adapters.inbound.server.client_address import AddressPolicy, parse_networks
from adapters.inbound.server.cors import Cors
from adapters.inbound.websocket.accept import SocketServer
from adapters.inbound.websocket.endpoints import SocketEndpoints
from adapters.inbound.websocket.transport.write_coalescer import WriteCoalescer
from adapters.outbound.broadcast.kafka.kafka_access import KafkaAccess
from adapters.outbound.broadcast.kafka.kafka_broadcaster import KafkaBroadcaster
from adapters.outbound.broadcast.memory_broadcaster import MemoryBroadcaster
from adapters.outbound.broadcast.redis.redis_broadcaster import RedisBroadcaster
from adapters.outbound.rate_limits.memory_rate_limiter import MemoryRateLimiter
from adapters.outbound.rate_limits.redis_rate_limiter import RedisRateLimiter
from adapters.outbound.redis.redis_access import RedisAccess
from adapters.outbound.security.argon2_passwords import Argon2Passwords
from adapters.outbound.security.hash_queue import HashQueue, QueueLimits
from adapters.outbound.security.jwks_issuer import JwksAccess, JwksIssuer
from adapters.outbound.security.jwt_keys import JwtKey, pem_key, secret_key
from adapters.outbound.security.jwt_tokens import JwtTokens
from adapters.outbound.security.listed_passwords import ListedPasswords
from adapters.outbound.security.memory_sign_in_failures import MemorySignInFailures
from adapters.outbound.security.redis_sign_in_failures import RedisSignInFailures
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
from application.audit.audit_log import AuditLog
from application.audit.audit_queue import AuditQueue
from application.audit.audited_act import AuditedUnitOfWork, AuditTrail
from application.cluster.event_publisher import EventPublisher
from application.cluster.membership import Lease, Membership
from application.cluster.presence import Presence
from application.cluster.user_sockets import SocketLimit, UserSockets
from application.connections.budget import UsedBudgets
from application.connections.client_connection import Environment, Limits
from application.hub.authority_hints import AuthorityHints
from application.hub.authority_news import AuthorityNews
from application.hub.connection_factory import ConnectionFactory
from application.hub.drain import Drain
from application.hub.hub import Hub
from application.hub.journal_reader import JournalReader
from application.identity.authenticator import Authenticator
from application.identity.external_logins import ExternalLogins
from application.identity.revocations import Revocations
from application.identity.sign_in_throttle import SignInThrottle, ThrottleLimits
from application.identity.token_service import TokenLifetimes, TokenService
from application.jobs.crash_settlement import CrashSettlement
from application.jobs.hint_reader import HintReader
from application.jobs.journal_poller import JournalPoller
from application.jobs.journal_trimmer import JournalTrimmer, Retention
from application.jobs.login_purge import LoginPurge
from application.jobs.revocation_poller import LOOK_BACK, RevocationPoller
from application.jobs.ticket_purge import TicketPurge
from application.monitoring.monitor_feed import MonitorFeed
from application.ports.message_format import MessageFormat
from application.ports.sign_in_failures import Backoff, SignInFailures
from application.sync.frame_formats import LegacyFormat, StandardFormats
from application.sync.player_state import StateReader
from application.transactions.player_transactions import PlayerTransactions
from application.transactions.seed_pairs import SeedPairs
from application.use_cases.accounts.account_administration import AccountAdministration
from application.use_cases.accounts.block_account import BlockAccount
from application.use_cases.accounts.change_password import ChangePassword
from application.use_cases.accounts.change_role import ChangeRole
from application.use_cases.accounts.delete_account import DeleteAccount
from application.use_cases.accounts.issue_ticket import IssueTicket
from application.use_cases.accounts.log_in import LogIn
from application.use_cases.accounts.log_out import LogOut
from application.use_cases.accounts.redeem_ticket import RedeemTicket
from application.use_cases.accounts.refresh_login import RefreshLogin
from application.use_cases.accounts.sign_up import SignUp
from application.use_cases.audit.read_audit_log import ReadAuditLog
from application.use_cases.audit.verify_audit_log import VerifyAuditLog
from application.use_cases.fairness.read_fairness import ReadFairness
from application.use_cases.fairness.rotate_seeds import RotateSeeds
from application.use_cases.fairness.verify_round import VerifyRound
from application.use_cases.games.bet_crash import BetCrash
from application.use_cases.games.cash_out_crash import CashOutCrash
from application.use_cases.games.play_rps import PlayRps
from application.use_cases.games.pull_gacha import PullGacha
from application.use_cases.games.spin_slot import SpinSlot
from application.use_cases.operations.check_health import CheckHealth
from application.use_cases.operations.create_admin import CreateAdmin
from application.use_cases.operations.renew_epoch import RenewEpoch
from application.use_cases.operations.send_notice import SendNotice
from application.use_cases.operations.set_password import SetPassword
from application.use_cases.players.buy_product import BuyProduct
from application.use_cases.players.catch_up import CatchUp
from application.use_cases.players.claim_streak import ClaimStreak
from application.use_cases.players.read_player import ReadPlayer
from application.use_cases.players.read_progress import ReadProgress
from application.use_cases.players.update_profile import UpdateProfile
from application.use_cases.users.adjust_balance import AdjustBalance
from application.use_cases.users.disconnect_user import DisconnectUser
from application.use_cases.users.find_users import FindUsers
from application.use_cases.users.inspect_user import InspectUser
from application.use_cases.users.revoke_logins import RevokeLogins
from bootstrap.limits import limits_of, storage_of
from bootstrap.settings.links import KafkaSettings
from bootstrap.settings.protection import JwtSettings, PasswordSettings
from bootstrap.settings.settings import Settings, jwt_secrets
from bootstrap.workers import Worker
from domain.audit import AuditChain
from domain.fairness import ServerSeeds


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


def _jwt_keys(settings: Settings) -> list[JwtKey]:
    """All keys of access tokens; the first that can sign does."""
    pairs = map(pem_key, settings.jwt.key_files)
    return [*pairs, *map(secret_key, jwt_secrets(settings))]


def _jwks_access(jwt: JwtSettings) -> JwksAccess:
    return JwksAccess(
        url=jwt.jwks_url,
        issuer=jwt.jwks_issuer,
        audience=jwt.jwks_audience,
        algorithms=jwt.jwks_algorithms,
        user_claim=jwt.jwks_user_claim,
        leeway_s=jwt.leeway_s,
    )


def _throttle_limits(passwords: PasswordSettings) -> ThrottleLimits:
    longest_s = passwords.longest_delay_s
    return ThrottleLimits(
        pair=Backoff(
            free=passwords.free_failures,
            first_s=passwords.first_delay_s,
            limit_s=longest_s,
            forget_s=4 * longest_s,
        ),
        address=Backoff(
            free=passwords.address_failures, first_s=1.0, limit_s=60.0, forget_s=3600.0
        ),
        strange=Backoff(free=1, first_s=60.0, limit_s=4 * longest_s, forget_s=86_400.0),
        account=passwords.account_failures,
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
    hash_queue = providers.Singleton(
        lambda settings, telemetry: HashQueue(
            QueueLimits(
                concurrent=settings.passwords.concurrent_hashes,
                waiting=settings.passwords.waiting,
                wait_s=settings.passwords.wait_s,
            ),
            telemetry,
        ),
        settings,
        telemetry,
    )
    passwords = providers.Singleton(Argon2Passwords, hash_queue)
    common_passwords = providers.Singleton(ListedPasswords)
    tokens = providers.Singleton(
        lambda settings: JwtTokens(_jwt_keys(settings), settings.jwt.leeway_s), settings
    )
    token_lifetimes = providers.Singleton(
        lambda settings: TokenLifetimes(
            access=timedelta(seconds=settings.access_token_s),
            refresh=timedelta(seconds=settings.refresh_token_s),
            login=timedelta(seconds=settings.login_s),
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
    audit_chain = providers.Singleton(
        lambda settings: AuditChain(settings.audit_secrets()), settings
    )
    audit_log = providers.Singleton(AuditLog, unit_of_work, audit_chain, telemetry)
    audit_queue = providers.Singleton(AuditQueue, audit_log, clock, telemetry)
    audit_trail = providers.Singleton(AuditTrail, audit_log, audit_queue)
    operators_unit_of_work = providers.Singleton(AuditedUnitOfWork, unit_of_work, audit_log)
    """For all that operators do: an act and its entry in the audit log are one transaction."""

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

    rate_limiter = providers.Selector(
        providers.Callable(storage_of, settings),
        memory=providers.Singleton(
            MemoryRateLimiter, clock, telemetry, settings.provided.limits.keys
        ),
        redis=providers.Singleton(
            RedisRateLimiter,
            clock,
            telemetry,
            settings.provided.limits.keys,
            redis_access,
        ),
    )
    rate_limits = providers.Singleton(limits_of, settings.provided.limits)
    address_policy = providers.Singleton(
        lambda limits: AddressPolicy(
            source=limits.address_source, proxies=parse_networks(limits.proxies)
        ),
        settings.provided.limits,
    )
    address_limits = providers.Singleton(
        AddressLimits,
        rate_limiter,
        telemetry,
        address_policy,
        sockets=settings.provided.limits.sockets_per_address,
        handshakes=rate_limits.provided.handshakes,
    )
    rate_guard = providers.Singleton(
        lambda limiter, policy, limits: RateGuard(
            limiter, policy, limits.user_requests, {"sign_up": limits.sign_ups}
        ),
        rate_limiter,
        address_policy,
        rate_limits,
    )
    revocations = providers.Singleton(
        lambda clock, lifetimes: Revocations(clock, (lifetimes.access + LOOK_BACK).total_seconds()),
        clock,
        token_lifetimes,
    )
    has_external_issuer = providers.Callable(
        lambda settings: "yes" if settings.jwt.jwks_url else "no", settings
    )
    external_issuer = providers.Singleton(
        lambda settings, clock, telemetry: JwksIssuer(_jwks_access(settings.jwt), clock, telemetry),
        settings,
        clock,
        telemetry,
    )
    external_logins = providers.Selector(
        has_external_issuer,
        no=providers.Object(None),
        yes=providers.Singleton(
            ExternalLogins, external_issuer, unit_of_work, clock, token_lifetimes.provided.access
        ),
    )
    authenticator = providers.Singleton(
        Authenticator, tokens, revocations, telemetry, external_logins
    )
    local_sign_in_failures = providers.Singleton(MemorySignInFailures, clock)
    sign_in_failures: providers.Provider[SignInFailures] = providers.Selector(
        providers.Callable(storage_of, settings),
        memory=local_sign_in_failures,
        redis=providers.Singleton(RedisSignInFailures, redis_access, local_sign_in_failures),
    )
    sign_in_throttle = providers.Singleton(
        lambda settings, failures, telemetry: SignInThrottle(
            failures, telemetry, _throttle_limits(settings.passwords)
        ),
        settings,
        sign_in_failures,
        telemetry,
    )
    token_service = providers.Singleton(TokenService, tokens, clock, ids, token_lifetimes)

    limits = providers.Singleton(
        lambda settings: Limits(
            buffer_bytes=settings.realtime.buffer_bytes,
            stall_s=settings.realtime.stall_s,
            messages=settings.realtime.messages_per_10s,
            # A new token must not be about to expire already: clients would renew it at once.
            token_warning_s=min(settings.realtime.token_warning_s, settings.access_token_s / 2),
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
    user_sockets = providers.Singleton(
        UserSockets,
        node_id,
        broadcaster,
        clock,
        telemetry,
        providers.Singleton(
            lambda settings: SocketLimit(
                sockets=settings.limits.sockets_per_user, lease_s=settings.realtime.lease_s
            ),
            settings,
        ),
    )
    used_budgets = providers.Singleton(UsedBudgets)
    end_of_tick = providers.Singleton(WriteCoalescer)
    authority_hints = providers.Singleton(AuthorityHints, revocations, telemetry)
    hub = providers.Singleton(
        Hub,
        authority_hints=authority_hints,
        broadcaster=broadcaster,
        clock=clock,
        end_of_tick=end_of_tick,
        journal_reader=journal_reader,
        membership=membership,
        monitor_feed=monitor_feed,
        revocations=revocations,
        telemetry=telemetry,
        user_sockets=user_sockets,
    )
    authority_news = providers.Singleton(AuthorityNews, hub, broadcaster)
    hint_reader = providers.Singleton(
        HintReader, unit_of_work, clock, hub, authority_hints, token_lifetimes, telemetry
    )
    drain = providers.Singleton(Drain, hub, randomness, settings.provided.realtime.drain_s)
    environment = providers.Singleton(
        Environment,
        authenticate=authenticator.provided.authenticate,
        codec=codec,
        telemetry=telemetry,
        limits=limits,
    )
    connection_factory = providers.Singleton(
        ConnectionFactory, hub, environment, clock, ids, user_sockets, used_budgets
    )
    state_reader = providers.Singleton(StateReader, codec, clock)
    standard_formats = providers.Singleton(
        StandardFormats, settings.provided.realtime.heartbeat_s, codec, state_reader
    )
    legacy_format = providers.Singleton(LegacyFormat, codec)
    event_publisher = providers.Singleton(EventPublisher, broadcaster, codec, membership)
    transactions = providers.Singleton(
        PlayerTransactions, unit_of_work, event_publisher, codec, clock, ids
    )

    operators_transactions = providers.Singleton(
        PlayerTransactions, operators_unit_of_work, event_publisher, codec, clock, ids
    )

    server_seeds = providers.Singleton(
        lambda fairness: ServerSeeds(
            [str(secret) for secret in (fairness.secret, *fairness.previous_secrets, "")]
        ),
        settings.provided.fairness,
    )
    seed_pairs = providers.Singleton(SeedPairs, server_seeds, ids)
    spin_slot = providers.Singleton(SpinSlot, transactions, seed_pairs)
    play_rps = providers.Singleton(PlayRps, transactions, seed_pairs)
    pull_gacha = providers.Singleton(PullGacha, transactions, seed_pairs)
    bet_crash = providers.Singleton(BetCrash, transactions, seed_pairs, ids)
    cash_out_crash = providers.Singleton(CashOutCrash, transactions, seed_pairs)
    crash_settlement = providers.Singleton(
        CrashSettlement, transactions, unit_of_work, clock, seed_pairs
    )
    read_fairness = providers.Singleton(ReadFairness, unit_of_work, codec, seed_pairs)
    rotate_seeds = providers.Singleton(RotateSeeds, transactions, seed_pairs)
    verify_round = providers.Singleton(VerifyRound)
    buy_product = providers.Singleton(BuyProduct, transactions, ids)
    update_profile = providers.Singleton(UpdateProfile, transactions)
    claim_streak = providers.Singleton(ClaimStreak, transactions)
    log_in = providers.Singleton(
        LogIn, unit_of_work, passwords, token_service, sign_in_throttle, telemetry
    )
    sign_up = providers.Singleton(
        SignUp,
        unit_of_work,
        passwords,
        common_passwords,
        sign_in_throttle,
        token_service,
        clock,
        log_in,
    )
    change_password = providers.Singleton(
        ChangePassword,
        unit_of_work,
        passwords,
        common_passwords,
        sign_in_throttle,
        clock,
        authority_news,
        telemetry,
    )
    refresh_login = providers.Singleton(
        RefreshLogin, unit_of_work, token_service, clock, authority_news, telemetry
    )
    issue_ticket = providers.Singleton(IssueTicket, unit_of_work, codec, clock, ids)
    redeem_ticket = providers.Singleton(
        RedeemTicket, unit_of_work, codec, clock, authenticator, telemetry
    )
    ticket_purge = providers.Singleton(TicketPurge, unit_of_work, clock)
    log_out = providers.Singleton(LogOut, unit_of_work, clock, authority_news)
    create_admin = providers.Singleton(
        CreateAdmin, operators_unit_of_work, passwords, common_passwords, clock, authority_news
    )
    set_password = providers.Singleton(
        SetPassword, operators_unit_of_work, passwords, common_passwords, clock, authority_news
    )
    account_administration = providers.Singleton(
        AccountAdministration, operators_unit_of_work, clock, authority_news
    )
    change_role = providers.Singleton(ChangeRole, account_administration)
    block_account = providers.Singleton(BlockAccount, account_administration)
    delete_account = providers.Singleton(DeleteAccount, account_administration)
    send_notice = providers.Singleton(
        SendNotice, operators_unit_of_work, broadcaster, codec, clock, ids
    )
    session_directory = hub.provided.directory
    find_users = providers.Singleton(FindUsers, operators_unit_of_work)
    inspect_user = providers.Singleton(InspectUser, operators_unit_of_work, session_directory)
    disconnect_user = providers.Singleton(DisconnectUser, operators_unit_of_work, session_directory)
    revoke_logins = providers.Singleton(RevokeLogins, operators_unit_of_work, clock, authority_news)
    adjust_balance = providers.Singleton(AdjustBalance, operators_transactions)
    read_audit_log = providers.Singleton(ReadAuditLog, operators_unit_of_work)
    verify_audit_log = providers.Singleton(VerifyAuditLog, unit_of_work, audit_chain)
    revocation_poller = providers.Singleton(
        RevocationPoller, unit_of_work, clock, hub, revocations, token_lifetimes
    )
    login_purge = providers.Singleton(LoginPurge, unit_of_work, clock)
    journal_poller = providers.Singleton(JournalPoller, unit_of_work, hub)
    retention = providers.Singleton(
        lambda settings: Retention(
            age=timedelta(seconds=settings.journal.keep_s), events=settings.journal.keep_events
        ),
        settings,
    )
    journal_trimmer = providers.Singleton(JournalTrimmer, unit_of_work, clock, retention)
    renew_epoch = providers.Singleton(RenewEpoch, operators_unit_of_work, ids)
    catch_up = providers.Singleton(CatchUp, unit_of_work, codec, state_reader)
    read_player = providers.Singleton(ReadPlayer, unit_of_work, clock, state_reader)
    read_progress = providers.Singleton(ReadProgress, unit_of_work, clock)
    check_health = providers.Singleton(CheckHealth, unit_of_work, broadcaster, drain)

    metrics = providers.Selector(
        providers.Callable(lambda worker: "one" if worker is None else "of_several", worker),
        one=providers.Singleton(NodeMetrics, registry, hub, broadcaster, passwords),
        of_several=providers.Singleton(
            WorkerMetrics,
            registry,
            hub,
            broadcaster,
            passwords,
            worker.provided.folder,
            worker.provided.number,
        ),
    )
    legacy_policy = providers.Singleton(
        LegacyPolicy,
        enabled=settings.provided.legacy.enabled,
        sunset=settings.provided.legacy.sunset,
    )
    legacy_clients = providers.Singleton(LegacyClients, legacy_policy, registry)
    origins = providers.Singleton(lambda settings: Origins(frozenset(settings.origins())), settings)
    cors = providers.Singleton(lambda settings: Cors(frozenset(settings.origins())), settings)
    realtime_access = providers.Singleton(
        RealtimeAccess,
        authenticator,
        redeem_ticket,
        origins,
        providers.Callable(lambda settings: settings.accepts_query_tokens(), settings),
        metrics.provided.count_query_token,
    )
    access_control = providers.Singleton(
        lambda authenticator, realtime_access, settings: AccessControl(
            authenticator,
            realtime_access,
            has_management_port=settings.management_port() is not None,
        ),
        authenticator,
        realtime_access,
        settings,
    )
    operator_audit = providers.Singleton(OperatorAudit, audit_trail, clock)
    high_water = providers.Singleton(lambda limits: limits.buffer_bytes // 2, limits)
    socket_server = providers.Singleton(
        SocketServer, access_control, clock, drain, metrics, high_water, audit_queue
    )
    socket_endpoints = providers.Singleton(
        SocketEndpoints,
        socket_server,
        connection_factory,
        standard_formats,
        legacy_format,
        legacy_policy,
        metrics.provided.count_ending_events,
    )


def build_container(settings: Settings, worker: Worker | None = None) -> Container:
    """All parts for these settings; nothing is opened or started yet."""
    return Container(settings=providers.Object(settings), worker=providers.Object(worker))
