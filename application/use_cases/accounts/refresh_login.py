"""Refresh a login: exchange a refresh token for new tokens (token rotation)."""

import logging
from typing import Annotated

from attrs import field, frozen

from application.cluster.messages import LoginRevoked
from application.hub.authority_news import AuthorityNews
from application.identity.refresh_tokens import digest, family_digest
from application.identity.token_service import SignedIn, TokenService, check_usable
from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.telemetry import Counted, Telemetry
from domain.account import Login
from domain.constraints import Description, ShortText
from domain.errors import DomainError, Unauthenticated

logger = logging.getLogger("synchub.sign_in")


@frozen(kw_only=True)
class RefreshCommand:
    """The refresh token of the login."""

    refresh_token: Annotated[ShortText, Description("The latest refresh token of the login.")] = (
        field(repr=False)
    )


@frozen
class RefreshLogin:
    """Extend a login and rotate its refresh token (`application.identity.refresh_tokens`).

    - A refresh token can be used once. If it is used again within half a minute, before its
      successor was, the client lost the answer and retries, or refreshes in two tabs: it gets the
      same successor again.
    - If it is used again later, or if any earlier token of the login is used, that was copied, and
      the login is revoked on all nodes.
    - A login ends, however often it was extended, half a year after the sign-in.
    - A blocked account cannot be used; its owner is told so, since only he has the token.
    """

    _unit_of_work: UnitOfWork
    _token_service: TokenService
    _clock: Clock
    _news: AuthorityNews
    _telemetry: Telemetry

    async def execute(self, command: RefreshCommand) -> SignedIn:
        """Issue new tokens. Unauthenticated if the refresh token is unknown, expired or revoked
        (`refresh_token_invalid`), or was used before (`refresh_token_reused`); Forbidden if the
        account is blocked (`account_blocked`)."""
        try:
            outcome = await self._unit_of_work.write(
                lambda stores: self._refresh(stores, command.refresh_token)
            )
            if isinstance(outcome, Login):
                self._news.spread([LoginRevoked(outcome.login_id)])
                logger.info("refresh token reused, login revoked", extra={"user": outcome.user_id})
                raise Unauthenticated(
                    "this refresh token was used before", code="refresh_token_reused"
                )
        except DomainError as refusal:
            self._telemetry.count(Counted.REFUSED_REFRESHES, refusal.error_code)
            raise
        return outcome

    def _refresh(self, stores: Stores, token: str) -> SignedIn | Login:
        """New tokens, or the login if it was revoked because of reuse. The reuse is returned, not
        raised: an exception would roll the revocation back."""
        now = self._clock.now()
        login = stores.logins.lock_by_digest(family_digest(token), digest(token))
        account = None if login is None else stores.accounts.by_user_id(login.user_id)
        if login is None or account is None:
            raise Unauthenticated("sign in again", code="refresh_token_invalid")
        check_usable(account, deleted_code="refresh_token_invalid")
        if login.revoked_at is not None or login.expires_at <= now:
            raise Unauthenticated("sign in again", code="refresh_token_invalid")
        signed_in = self._token_service.refresh(stores, account, login, token)
        if signed_in is None:
            stores.logins.revoke(login.login_id, now)
        return signed_in or login
