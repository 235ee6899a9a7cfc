"""How callers of realtime endpoints are admitted: WebSockets, Server-Sent Events and polling."""

from collections.abc import Callable
from typing import TypeAlias

from attrs import frozen

from adapters.inbound.access.credentials import bearer_token, client_kind, subprotocol_token
from adapters.inbound.access.origins import AnyConnection, Origins, foreign_origin
from application.identity.authenticator import Authenticator
from application.ports.tokens import Caller
from application.use_cases.accounts.redeem_ticket import RedeemTicket
from domain.errors import Unauthenticated

CountQueryToken: TypeAlias = Callable[[str, str], None]
"""Told the endpoint and the kind of client whenever a token stands in a query."""


@frozen
class RealtimeAccess:
    """Accepts every way to carry a token (see `credentials`), from allowed origins only.

    The first one counts: header, subprotocol, ticket, query.
    """

    _authenticator: Authenticator
    _redeem_ticket: RedeemTicket
    _origins: Origins
    _query_tokens: bool
    _count_query_token: CountQueryToken

    async def authenticate(self, connection: AnyConnection, endpoint: str) -> Caller:
        """The caller. Forbidden (`origin_not_allowed`); Unauthenticated, also with
        `ticket_invalid` and `query_token_off`."""
        self._origins.check(connection)
        token = bearer_token(connection) or subprotocol_token(connection)
        if not token and (ticket := connection.query_params.get("ticket")):
            origin = foreign_origin(connection)
            return await self._redeem_ticket.execute(ticket, endpoint, origin)
        token = token or self._query_token(connection, endpoint)
        if self._authenticator.has_external_logins:
            await self._authenticator.resolve(token)
        return self._authenticator.authenticate(token)

    def _query_token(self, connection: AnyConnection, endpoint: str) -> str | None:
        token: str | None = connection.query_params.get("token")
        if token:
            self._count_query_token(endpoint, client_kind(connection))
            if not self._query_tokens:
                raise Unauthenticated("a token may not stand here", code="query_token_off")
        return token
