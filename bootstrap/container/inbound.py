"""What requests and sockets come in through."""

from dependency_injector import containers, providers

from adapters.inbound.access.guards import AccessControl
from adapters.inbound.access.legacy_policy import LegacyPolicy
from adapters.inbound.access.origins import Origins
from adapters.inbound.access.realtime_access import RealtimeAccess
from adapters.inbound.http.legacy.legacy_clients import LegacyClients
from adapters.inbound.http.operator.operator_audit import OperatorAudit
from adapters.inbound.metrics.node_metrics import NodeMetrics
from adapters.inbound.metrics.worker_metrics import WorkerMetrics
from adapters.inbound.server.cors import Cors
from adapters.inbound.websocket.accept import SocketServer
from adapters.inbound.websocket.endpoints import SocketEndpoints
from bootstrap.container.cluster import Cluster
from bootstrap.container.core import Core
from bootstrap.container.identity import Identity
from bootstrap.container.realtime import Realtime
from bootstrap.container.storage import Storage
from bootstrap.container.use_cases.accounts import AccountUseCases


class Inbound(containers.DeclarativeContainer):
    """Endpoints, their access, and the metrics."""

    metrics = providers.Selector(
        providers.Callable(lambda worker: "one" if worker is None else "of_several", Core.worker),
        one=providers.Singleton(
            NodeMetrics, Core.registry, Realtime.hub, Cluster.broadcaster, Identity.passwords
        ),
        of_several=providers.Singleton(
            WorkerMetrics,
            Core.registry,
            Realtime.hub,
            Cluster.broadcaster,
            Identity.passwords,
            Core.worker.provided.folder,
            Core.worker.provided.number,
        ),
    )
    legacy_policy = providers.Singleton(
        LegacyPolicy,
        enabled=Core.settings.provided.legacy.enabled,
        sunset=Core.settings.provided.legacy.sunset,
    )
    legacy_clients = providers.Singleton(LegacyClients, legacy_policy, Core.registry)
    origins = providers.Singleton(
        lambda settings: Origins(frozenset(settings.origins())), Core.settings
    )
    cors = providers.Singleton(lambda settings: Cors(frozenset(settings.origins())), Core.settings)
    realtime_access = providers.Singleton(
        RealtimeAccess,
        Identity.authenticator,
        AccountUseCases.redeem_ticket,
        origins,
        providers.Callable(lambda settings: settings.accepts_query_tokens(), Core.settings),
        metrics.provided.count_query_token,
    )
    access_control = providers.Singleton(
        lambda authenticator, realtime_access, settings: AccessControl(
            authenticator,
            realtime_access,
            has_management_port=settings.management_port() is not None,
        ),
        Identity.authenticator,
        realtime_access,
        Core.settings,
    )
    operator_audit = providers.Singleton(OperatorAudit, Storage.audit_trail, Core.clock)
    socket_server = providers.Singleton(
        SocketServer,
        access_control,
        Core.clock,
        Realtime.drain,
        metrics,
        Realtime.high_water,
        Storage.audit_queue,
    )
    socket_endpoints = providers.Singleton(
        SocketEndpoints,
        socket_server,
        Realtime.connection_factory,
        Realtime.standard_formats,
        Realtime.legacy_format,
        legacy_policy,
        metrics.provided.count_ending_events,
    )
