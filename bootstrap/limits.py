"""The rate limits, from the settings."""

from attrs import frozen

from application.ports.rate_limiter import RateLimit
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
