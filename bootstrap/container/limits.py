"""The limits of rate, from the settings, and what counts them."""

from attrs import frozen
from dependency_injector import containers, providers

from adapters.inbound.access.rate_guard import RateGuard
from adapters.inbound.server.address_limits import AddressLimits
from adapters.inbound.server.client_address import AddressPolicy, parse_networks
from adapters.outbound.rate_limits.memory_rate_limiter import MemoryRateLimiter
from adapters.outbound.rate_limits.redis_rate_limiter import RedisRateLimiter
from application.ports.rate_limiter import RateLimit
from bootstrap.container.cluster import Cluster
from bootstrap.container.core import Core
from bootstrap.settings.choices import BroadcasterKind, LimitStorage
from bootstrap.settings.limits import LimitSettings
from bootstrap.settings.settings import Settings


@frozen(kw_only=True)
class RateLimits:
    """What is limited by rate, per address or per user."""

    handshakes: RateLimit
    address_requests: RateLimit
    user_requests: RateLimit
    sign_ups: RateLimit


def limits_of(settings: LimitSettings) -> RateLimits:
    """The limits with their names, which metrics and headers show."""
    return RateLimits(
        handshakes=RateLimit(
            name="handshakes_per_address",
            amount=settings.handshakes_per_address,
            window_s=10,
            code="too_many_handshakes",
        ),
        address_requests=RateLimit(
            name="requests_per_address",
            amount=settings.requests_per_address,
            window_s=10,
            code="too_many_requests",
        ),
        user_requests=RateLimit(
            name="requests_per_user",
            amount=settings.requests_per_user,
            window_s=10,
            code="too_many_requests",
        ),
        sign_ups=RateLimit(
            name="sign_ups_per_address",
            amount=settings.sign_ups_per_address,
            window_s=3600,
            code="too_many_sign_ups",
        ),
    )


def storage_of(settings: Settings) -> str:
    """`memory` or `redis`."""
    storage = settings.limits.storage
    if storage is LimitStorage.AUTO:
        shared = settings.broadcaster is BroadcasterKind.REDIS
        storage = LimitStorage.REDIS if shared else LimitStorage.MEMORY
    return storage.value


class RateLimiting(containers.DeclarativeContainer):
    """What counts requests and connections, and the guards that refuse them."""

    rate_limiter = providers.Selector(
        providers.Callable(storage_of, Core.settings),
        memory=providers.Singleton(
            MemoryRateLimiter, Core.clock, Core.telemetry, Core.settings.provided.limits.keys
        ),
        redis=providers.Singleton(
            RedisRateLimiter,
            Core.clock,
            Core.telemetry,
            Core.settings.provided.limits.keys,
            Cluster.redis_access,
        ),
    )
    rate_limits = providers.Singleton(limits_of, Core.settings.provided.limits)
    address_policy = providers.Singleton(
        lambda limits: AddressPolicy(
            source=limits.address_source, proxies=parse_networks(limits.proxies)
        ),
        Core.settings.provided.limits,
    )
    address_limits = providers.Singleton(
        AddressLimits,
        rate_limiter,
        Core.telemetry,
        address_policy,
        sockets=Core.settings.provided.limits.sockets_per_address,
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
