"""Access tokens of an external issuer, and whom they speak for here."""

from collections import OrderedDict
from datetime import timedelta
from hashlib import sha256

from application.identity.token_service import check_usable
from application.ports.clock import Clock
from application.ports.external_issuer import ExternalIdentity, ExternalIssuer
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.tokens import Caller
from domain.account import Role
from domain.errors import Unauthenticated

CACHED = 10_000
"""Limit of tokens that are remembered."""


class ExternalLogins:
    """Callers by the token of the external issuer.

    - The token names our user by id, in the claim that the settings say. There must be an account.
    - It speaks for a player, never for an operator, whatever the account's role: operators sign in
      with us.
    - A token that was issued before the account last changed (blocked, new password, signed out
      everywhere) is refused.
    - The account is read again when an access token of our own would have to be refreshed
      (`checked_for`). Until then it is known like other callers, changes included.
    """

    def __init__(
        self,
        issuer: ExternalIssuer,
        unit_of_work: UnitOfWork,
        clock: Clock,
        checked_for: timedelta,
    ) -> None:
        self._issuer = issuer
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._checked_for = checked_for
        self._callers: OrderedDict[str, Caller] = OrderedDict()

    async def resolve(self, token: str) -> None:
        """Find out for whom a token speaks, if it is one of the issuer's. Unauthenticated or
        Forbidden (`account_blocked`) if for nobody."""
        if self.caller(token) is not None or not self._issuer.claims(token):
            return
        identity = await self._issuer.verify(token)
        self._callers[token] = await self._caller(token, identity)
        if len(self._callers) > CACHED:
            self._callers.popitem(last=False)

    def caller(self, token: str) -> Caller | None:
        """The caller of a token that was resolved before and is not due to be resolved again."""
        caller = self._callers.get(token)
        if caller is not None and caller.expires_at <= self._clock.now():
            del self._callers[token]
            return None
        return caller

    async def _caller(self, token: str, identity: ExternalIdentity) -> Caller:
        account = await self._unit_of_work.read(
            lambda stores: stores.accounts.by_user_id(identity.user_id)
        )
        if account is None:
            raise Unauthenticated("there is no such account", code="unknown_user")
        check_usable(account, deleted_code="unknown_user")
        if account.changed_at is not None and identity.issued_at <= account.changed_at:
            raise Unauthenticated("the account has changed", code="token_outdated")
        return Caller(
            user_id=account.user_id,
            login_id=f"external-{sha256(token.encode()).hexdigest()[:32]}",
            role=Role.PLAYER,
            version=account.version,
            expires_at=min(identity.expires_at, self._clock.now() + self._checked_for),
        )
