"""Settings beyond what a deployment may choose: small buffers fill soon, short waits end soon."""

from typing import Any

from attrs.validators import disabled

from bootstrap.settings import RealtimeSettings


def small_realtime(**values: Any) -> RealtimeSettings:
    """Realtime settings whose ranges are not checked."""
    with disabled():
        return RealtimeSettings(**values)
