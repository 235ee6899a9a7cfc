"""Settings of sockets, the journal and the service of deployed clients."""

import typed_settings as ts

from bootstrap.settings.choices import QueryToken
from bootstrap.settings.options import number


@ts.settings(frozen=True)
class RealtimeSettings:
    """How sockets are treated."""

    buffer_bytes: int = number(
        256 * 1024, "bytes that may wait for one socket, from 16384", 16_384, 2**30
    )
    stall_s: float = number(
        30.0, "seconds after which a socket that takes nothing is closed, from 1", 1, 3600
    )
    heartbeat_s: float = number(20.0, "seconds between pings, from 1 to 60", 1, 60)
    messages_per_10s: int = number(
        60, "messages that a client may send in ten seconds, from 1", 1, 100_000
    )
    drain_s: float = number(
        10.0, "seconds that a stopping node takes to send its clients away, from 0", 0, 600
    )
    presence_grace_s: float = number(
        10.0, "seconds that a user may be gone before monitors see it, from 0", 0, 600
    )
    lease_s: float = number(
        8.0, "seconds after which a silent node's users count as gone, from 0.2", 0.2, 600
    )
    check_interval_s: float = number(
        2.0, "seconds between looks for what no broker announced, from 0.05", 0.05, 60
    )
    token_warning_s: float = number(
        60.0, "seconds before the end of its token when a client is told, from 0", 0, 3600
    )
    query_token: QueryToken = ts.option(
        default=QueryToken.AUTO, help="auto (on in dev, off in prod), on or off"
    )


@ts.settings(frozen=True)
class JournalSettings:
    """How long a client may be away and still go on where it was."""

    keep_s: float = number(
        7 * 86_400, "seconds that events are kept, from 60", 60, 10 * 366 * 86_400
    )
    keep_events: int = number(10_000, "events kept per user, from 100", 100, 10**9)
    trim_interval_s: float = number(10.0, "seconds between trims, from 0.05", 0.05, 3600)


@ts.settings(frozen=True)
class LegacySettings:
    """Clients deployed before: their calls, their names, and `/api/games/ws`."""

    enabled: bool = ts.option(default=True, help="true or false")
    sunset: str = ts.option(
        default="Wed, 30 Jun 2027 23:59:59 GMT", help="an HTTP date, for the Sunset header"
    )
