"""Where a client says which events it accepts (`application.frames.accepted_events`).

In the query (`?accept=purchase_update.2,*`), or as subprotocols beside `synchub.v1`
(`accept.purchase_update.2`, `accept.*`).
"""

from typing import Any

from adapters.inbound.access.origins import AnyConnection
from application.frames.accepted_events import FIELD

_OFFERED = f"{FIELD}."


def accepted_events(connection: AnyConnection) -> str | None:
    """The list of a WebSocket's client; None if it asks for nothing."""
    query: str | None = connection.query_params.get(FIELD)
    if query is not None:
        return query
    scope: Any = connection.scope  # only that of a WebSocket has subprotocols
    offered = scope.get("subprotocols") or ()
    listed = [name[len(_OFFERED) :] for name in offered if name.startswith(_OFFERED)]
    return ",".join(listed) if listed else None
