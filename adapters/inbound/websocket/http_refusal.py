"""The refusal of a handshake before the upgrade, as an HTTP response (ASGI extension
`websocket.http.response`)."""

from typing import Any

from litestar.types import Scope, Send

from adapters.inbound.errors.error_table import row_of
from adapters.inbound.errors.problem_details import Refusal, problem_messages, refusal_problem

EXTENSION = "websocket.http.response"


async def send_refusal(scope: Scope, send: Send, refusal: Refusal) -> None:
    """Answer with the problem that a REST call would get. Servers without the extension answer a
    close before the acceptance with 403 and no body, as ASGI wants it."""
    messages: list[Any]
    if EXTENSION in (scope.get("extensions") or {}):
        messages = problem_messages(refusal_problem(refusal), EXTENSION)
    else:
        code = row_of(refusal).close_code
        messages = [{"type": "websocket.close", "code": code, "reason": str(refusal)}]
    for message in messages:
        await send(message)
