"""Refresh a login: exchange a refresh token for new tokens (token rotation)."""

import logging

from attrs import field, frozen

from application.cluster.messages import LoginRevoked
from application.identity.token_service import RETRY_GRACE, SignedIn, TokenService, digest
from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from domain.account import Login
from domain.broadcaster import Broadcaster
from domain.constraints import ShortText
from domain.errors import Unauthenticated

logger = logging.getLogger("synchub.sign_in")


@frozen(kw_only=True)
class RefreshCommand:
    """The refresh token of the login."""

    refresh_token: ShortText = field(repr=False)


@frozen
class RefreshLogin:
    """Extend a login and rotate its refresh token (`application.identity.token_service`).

    - A refresh token can be used once. If it is used again within half a minute, the client lost
      the answer and retries, and the token is accepted. If it is used again later, it was copied,
      and the login is revoked on all nodes.
    """

    _unit_of_work: UnitOfWork
    _token_service: TokenService
    _clock: Clock
    _broadcaster: Broadcaster

    async def execute(self, command: RefreshCommand) -> SignedIn:
        """Issue new tokens. Unauthenticated if the refresh token is unknown, expired or revoked
        (`refresh_token_invalid`), or was used before (`refresh_token_reused`)."""
        outcome = await self._unit_of_work.write(
            lambda stores: self._refresh(stores, digest(command.refresh_token))
        )
        if isinstance(outcome, Login):
            self._broadcaster.publish(LoginRevoked(outcome.login_id))
            logger.info("refresh token reused, login revoked", extra={"user": outcome.user_id})
            raise Unauthenticated("this refresh token was used before", code="refresh_token_reused")
        return outcome

    def _refresh(self, stores: Stores, token_digest: str) -> SignedIn | Login:
        """New tokens, or the login if it was revoked because of reuse. The reuse is returned, not
        raised: an exception would roll the revocation back."""
        now = self._clock.now()
        login = stores.logins.lock_by_digest(token_digest)
        if login is None or login.revoked_at is not None or login.expires_at <= now:
            raise Unauthenticated("sign in again", code="refresh_token_invalid")
        if login.previous_digest == token_digest and now - login.rotated_at > RETRY_GRACE:
            stores.logins.revoke(login.login_id, now)
            return login
        account = stores.accounts.by_user_id(login.user_id)
        assert account is not None, "logins refer to accounts"
        return self._token_service.rotate(stores, account, login)
