"""What most other parts need."""

from dependency_injector import containers, providers
from prometheus_client import CollectorRegistry

from adapters.outbound.system.system_clock import SystemClock
from adapters.outbound.system.system_ids import SystemIds
from adapters.outbound.system.system_randomness import SystemRandomness
from adapters.outbound.telemetry.prometheus_telemetry import PrometheusTelemetry
from adapters.wire.json_codec import JsonCodec
from bootstrap.container.worker import Worker
from bootstrap.settings.settings import Settings


class Core(containers.DeclarativeContainer):
    """The settings, the process, clock, ids, randomness, codec and telemetry."""

    settings = providers.Dependency(instance_of=Settings)
    worker: providers.Provider[Worker | None] = providers.Object(None)
    """Which one of several processes this is, if there are several."""

    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(SystemIds)
    randomness = providers.Singleton(SystemRandomness)
    codec = providers.Singleton(JsonCodec)
    registry = providers.Singleton(CollectorRegistry)
    telemetry = providers.Singleton(PrometheusTelemetry, registry)
