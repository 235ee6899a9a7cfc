"""Settings outside of the ranges for deployments: small buffers and short timeouts."""

from typing import Any

from attrs.validators import disabled

from bootstrap.settings import RealtimeSettings


def small_realtime(**values: Any) -> RealtimeSettings:
    """Realtime settings without validation of their ranges."""
    with disabled():
        return RealtimeSettings(**values)
