"""Audits every HTTP route for operators, also those that are added later.

A plugin puts a middleware around each handler whose access is OPERATOR, when its route is
registered; other routes are left as they are. The outcome is what the client is told: `ok`, or the
`code` of the problem.
"""

import json
from collections.abc import Sequence
from typing import Any

from attrs import define, field, frozen
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from adapters.inbound.access.audit_records import audit_record
from adapters.inbound.access.guards import Access, declared_access
from adapters.inbound.errors.problem_details import fault_problem, problem_messages
from adapters.inbound.http.request.request_context import bind_request_id
from application.audit.audited_act import AuditedAct, AuditTrail, audited_act
from application.identity.authenticator import require_operator
from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from domain.audit import OK, AuditRecord

FIRST_ERROR = 400
REFUSALS = (401, 403, 429)
"""Statuses of callers without the right to the call. Strangers can cause any number of them, so
they are recorded within a budget."""


@frozen
class OperatorAudit(ReceiveRoutePlugin):
    """See the module."""

    _trail: AuditTrail
    _clock: Clock

    def receive_route(self, route: BaseRoute) -> None:
        """Wrap the handlers for operators of a new route."""
        handlers: Sequence[HTTPRouteHandler] = (
            route.route_handlers if isinstance(route, HTTPRoute) else ()
        )
        for handler in handlers:
            if declared_access(handler) is Access.OPERATOR:
                methods = "/".join(sorted(handler.http_methods))
                audited = DefineMiddleware(
                    _AuditMiddleware,
                    trail=self._trail,
                    clock=self._clock,
                    action=f"{methods} {route.path}",
                )
                handler.middleware = [*(handler.middleware or ()), audited]


@frozen
class _AuditMiddleware:
    """Around one handler."""

    app: ASGIApp
    trail: AuditTrail
    clock: Clock
    action: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await bind_request_id(Request(scope))  # a refusal comes before the application does it
        call = _Call(self, scope, receive, send)
        with audited_act(call.describe, call.authorize) as call.act:
            await self.app(scope, call.receive, call.send)


@define(eq=False)
class _Call:
    """One request. The first part of the response is held back until its second part tells the code
    of an error, and until the entry is written: a client that has its answer finds it in the log,
    and a success whose entry cannot be written is answered as an error."""

    _middleware: _AuditMiddleware
    _scope: Scope
    _receive: Receive
    _send: Send
    act: AuditedAct = field(init=False)
    _body: bytes = b""
    _held: Any = None
    _finished: bool = False

    def describe(self, outcome: str) -> AuditRecord:
        return audit_record(
            self._scope,
            self._middleware.clock,
            action=self._middleware.action,
            outcome=outcome,
            body=self._body,
        )

    def authorize(self, stores: Stores) -> None:
        """The token may be older than the loss of the role."""
        require_operator(stores, self._scope["user"])

    async def receive(self) -> Any:
        message = await self._receive()
        if message["type"] == "http.request":
            self._body += message["body"]
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._held = message
            return
        messages: list[Any] = [message]
        if self._held is not None:
            messages, self._held = [self._held, message], None
        if not self._finished:
            self._finished = True
            try:
                await self._finish(messages[0]["status"], message)
            except Exception as error:  # not raised: Litestar takes the response for begun
                messages = problem_messages(fault_problem(error, self._scope["path"]))
        for each in messages:
            await self._send(each)

    async def _finish(self, status: int, message: Message) -> None:
        if status < FIRST_ERROR:
            await self._middleware.trail.finish(self.act, OK)
            return
        outcome = _code(message.get("body"), status)
        if status in REFUSALS:
            self._middleware.trail.refused(self.act, outcome)
        else:
            await self._middleware.trail.finish(self.act, outcome)


def _code(problem: object, status: int) -> str:
    try:
        return str(json.loads(problem)["code"])  # type: ignore[arg-type]
    except (ValueError, LookupError, TypeError):
        return f"http_{status}"
