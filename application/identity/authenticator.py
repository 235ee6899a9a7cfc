"""Authentication of callers by access token, and the checks for the admin role."""

from attrs import frozen

from application.identity.external_logins import ExternalLogins
from application.identity.revocations import Revocations
from application.ports.storage.stores import Stores
from application.ports.telemetry import Counted, Telemetry
from application.ports.tokens import Caller, Tokens
from domain.account import AccountStatus, Role
from domain.errors import DomainError, Forbidden, Unauthenticated


@frozen
class Authenticator:
    """Verifies access tokens: the signature, the expiry, that the login is not revoked, and that
    the account has not changed since."""

    _tokens: Tokens
    _revocations: Revocations
    _telemetry: Telemetry
    _external_logins: ExternalLogins | None = None

    @property
    def has_external_logins(self) -> bool:
        """Whether there is an external issuer; else `resolve` does nothing."""
        return self._external_logins is not None

    async def resolve(self, token: str | None) -> None:
        """Let `authenticate` know the caller of a token of the external issuer, if there is one.
        Call it first, since that may need the issuer's keys and the account. Refuses like
        `authenticate`, and with Forbidden (`account_blocked`)."""
        if token and self._external_logins is not None:
            try:
                await self._external_logins.resolve(token)
            except DomainError as refusal:
                self._telemetry.count(Counted.REFUSED_TOKENS, refusal.error_code)
                raise

    def authenticate(self, token: str | None) -> Caller:
        """Return the caller. Unauthenticated if the token is missing (`token_missing`), invalid or
        expired (see `Tokens.verify`), if its login was revoked (`token_revoked`), or if the account
        has changed since it was issued (`token_outdated`)."""
        try:
            return self._authenticate(token)
        except Unauthenticated as refusal:
            self._telemetry.count(Counted.REFUSED_TOKENS, refusal.error_code)
            raise

    def _authenticate(self, token: str | None) -> Caller:
        if not token:
            raise Unauthenticated("an access token is needed", code="token_missing")
        external = self._external_logins and self._external_logins.caller(token)
        return self.check(external or self._tokens.verify(token))

    def check(self, caller: Caller) -> Caller:
        """Return the caller of a token that was verified before. Unauthenticated if its login was
        revoked (`token_revoked`), or if the account has changed (`token_outdated`)."""
        if self._revocations.hold(caller.login_id):
            raise Unauthenticated("signed out", code="token_revoked")
        if self._revocations.outdate(caller):
            raise Unauthenticated("the account has changed: refresh", code="token_outdated")
        return caller


def require_admin(caller: Caller) -> None:
    """Forbidden (`admin_only`) unless the caller's token has the admin role."""
    if caller.role is not Role.ADMIN:
        raise Forbidden("only for operators", code="admin_only")


def require_operator(stores: Stores, caller: Caller) -> None:
    """Forbidden (`admin_only`) unless the caller is an operator now, in this transaction. For calls
    that change something: a token may be older than the loss of the role."""
    account = stores.accounts.by_user_id(caller.user_id)
    if (
        account is None
        or account.role is not Role.ADMIN
        or account.status is not AccountStatus.ACTIVE
    ):
        raise Forbidden("only for operators", code="admin_only")
