"""Get fresh tokens for a refresh token."""

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
    refresh_token: ShortText = field(repr=False)


@frozen
class RefreshLogin:
    """Go on with a login.

    - A refresh token is good once. If a used one comes back within half a minute, its answer was
      lost on the way and it works again; later, somebody has copied it, and the login is revoked
      on all nodes.
    """

    _unit_of_work: UnitOfWork
    _token_service: TokenService
    _clock: Clock
    _broadcaster: Broadcaster

    async def execute(self, command: RefreshCommand) -> SignedIn:
        """Rotate the refresh token; Unauthenticated if it is not good (any more)."""
        outcome = await self._unit_of_work.write(
            lambda stores: self._refresh(stores, digest(command.refresh_token))
        )
        if isinstance(outcome, Login):
            self._broadcaster.publish(LoginRevoked(outcome.login_id))
            logger.info("a used refresh token came back", extra={"user": outcome.user_id})
            raise Unauthenticated("this refresh token was used before", code="refresh_token_reused")
        return outcome

    def _refresh(self, stores: Stores, token_digest: str) -> SignedIn | Login:
        """Fresh tokens, or the login that was revoked because its token was reused."""
        now = self._clock.now()
        login = stores.logins.lock_by_digest(token_digest)
        if login is None or login.revoked_at is not None or login.expires_at <= now:
            raise Unauthenticated("sign in again", code="refresh_token_invalid")
        if login.previous_digest == token_digest and now - login.rotated_at > RETRY_GRACE:
            stores.logins.revoke(login.login_id, now)
            return login
        account = stores.accounts.by_user_id(login.user_id)
        assert account is not None, "logins refer to accounts"
        return self._token_service.prolong(stores, account, login)
