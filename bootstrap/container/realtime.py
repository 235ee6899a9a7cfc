"""The connections of a node."""

from dependency_injector import containers, providers

from adapters.inbound.websocket.transport.write_coalescer import WriteCoalescer
from application.connections.budget import UsedBudgets
from application.connections.client_connection import Environment, Limits
from application.hub.authority_hints import AuthorityHints
from application.hub.authority_news import AuthorityNews
from application.hub.connection_factory import ConnectionFactory
from application.hub.drain import Drain
from application.hub.hub import Hub
from application.hub.journal_reader import JournalReader
from application.sync.frame_formats import LegacyFormat, StandardFormats
from application.sync.player_state import StateReader
from bootstrap.container.cluster import Cluster
from bootstrap.container.core import Core
from bootstrap.container.identity import Identity
from bootstrap.container.storage import Storage


class Realtime(containers.DeclarativeContainer):
    """The hub, what it reads, and the frames that connections send."""

    limits = providers.Singleton(
        lambda settings: Limits(
            buffer_bytes=settings.realtime.buffer_bytes,
            stall_s=settings.realtime.stall_s,
            messages=settings.realtime.messages_per_10s,
            # A new token must not be about to expire already: clients would renew it at once.
            token_warning_s=min(settings.realtime.token_warning_s, settings.access_token_s / 2),
        ),
        Core.settings,
    )
    journal_reader = providers.Singleton(JournalReader, Storage.unit_of_work)
    used_budgets = providers.Singleton(UsedBudgets)
    end_of_tick = providers.Singleton(WriteCoalescer)
    authority_hints = providers.Singleton(AuthorityHints, Identity.revocations, Core.telemetry)
    hub = providers.Singleton(
        Hub,
        authority_hints=authority_hints,
        broadcaster=Cluster.broadcaster,
        clock=Core.clock,
        end_of_tick=end_of_tick,
        journal_reader=journal_reader,
        membership=Cluster.membership,
        monitor_feed=Cluster.monitor_feed,
        revocations=Identity.revocations,
        telemetry=Core.telemetry,
        user_sockets=Cluster.user_sockets,
    )
    authority_news = providers.Singleton(AuthorityNews, hub, Cluster.broadcaster)
    drain = providers.Singleton(
        Drain, hub, Core.randomness, Core.settings.provided.realtime.drain_s
    )
    environment = providers.Singleton(
        Environment,
        authenticate=Identity.authenticator.provided.authenticate,
        codec=Core.codec,
        telemetry=Core.telemetry,
        limits=limits,
    )
    connection_factory = providers.Singleton(
        ConnectionFactory,
        hub,
        environment,
        Core.clock,
        Core.ids,
        Cluster.user_sockets,
        used_budgets,
    )
    state_reader = providers.Singleton(StateReader, Core.codec, Core.clock)
    standard_formats = providers.Singleton(
        StandardFormats, Core.settings.provided.realtime.heartbeat_s, Core.codec, state_reader
    )
    legacy_format = providers.Singleton(LegacyFormat, Core.codec)
    session_directory = hub.provided.directory
    high_water = providers.Singleton(lambda limits: limits.buffer_bytes // 2, limits)
