"""What the audit log keeps of a request: who, from where, what, on whom. Never a secret.

Everything that a client may choose is cut and made printable, since it goes into a table for good.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from litestar.types import Scope
from structlog.contextvars import get_contextvars

from application.ports.clock import Clock
from application.ports.tokens import Caller
from domain.audit import OK, AuditRecord

MAX_TEXT = 200
MAX_PARAMETERS = 2_000
_SECRET = re.compile(r"pass|token|secret|ticket", re.IGNORECASE)


def audit_record(
    scope: Scope, clock: Clock, *, action: str, outcome: str, body: bytes = b""
) -> AuditRecord:
    """The record of a request that ended like this. Parameters are kept of those that were
    accepted, and the target of all."""
    client = scope.get("client")
    caller = scope.get("user")
    given = _given(scope, body) if outcome == OK else {}
    targets: dict[str, Any] = dict(scope.get("path_params") or {})
    targets |= {name: value for name, value in given.items() if name == "user_id"}
    return AuditRecord(
        at=clock.now(),
        actor=f"user:{caller.user_id}" if isinstance(caller, Caller) else "nobody",
        address=_text(client[0]) if client else "",
        request_id=_text(get_contextvars().get("request", "")),
        action=action,
        target=_text(" ".join(f"{name}={value}" for name, value in targets.items())),
        parameters=json.dumps(given)[:MAX_PARAMETERS] if given else "",
        outcome=outcome,
    )


def _given(scope: Scope, body: bytes) -> dict[str, Any]:
    """What the query and the body hold, without secrets."""
    given: dict[str, Any] = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    if body:
        decoded = json.loads(body)
        given |= decoded if isinstance(decoded, dict) else {"body": decoded}
    return {name: "***" if _SECRET.search(name) else value for name, value in given.items()}


def _text(value: object) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(value)[:MAX_TEXT])
