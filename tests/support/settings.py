"""Settings outside of the ranges for deployments: small buffers and short timeouts."""

from typing import Any

from attrs.validators import disabled

from bootstrap.settings.limits import LimitSettings
from bootstrap.settings.realtime import RealtimeSettings

MANY = 10**9
UNLIMITED = LimitSettings(
    sockets_per_user=MANY,
    sockets_per_address=MANY,
    handshakes_per_address=MANY,
    requests_per_address=MANY,
    requests_per_user=MANY,
    sign_ups_per_address=MANY,
)
"""For tests that do more than one user or one address does."""


def small_realtime(**values: Any) -> RealtimeSettings:
    """Realtime settings without validation of their ranges."""
    with disabled():
        return RealtimeSettings(**values)
