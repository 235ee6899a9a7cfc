"""Authentication of callers by access token, and the check for the admin role."""

from attrs import frozen

from application.identity.revocations import Revocations
from application.ports.tokens import Caller, Tokens
from domain.account import Role
from domain.errors import Forbidden, Unauthenticated


@frozen
class Authenticator:
    """Verifies access tokens: the signature, the expiry, and that the login is not revoked."""

    _tokens: Tokens
    _revocations: Revocations

    def authenticate(self, token: str | None) -> Caller:
        """Return the caller. Unauthenticated if the token is missing (`token_missing`), invalid or
        expired (see `Tokens.verify`), or if its login was revoked (`token_revoked`)."""
        if not token:
            raise Unauthenticated("an access token is needed", code="token_missing")
        return self.check(self._tokens.verify(token))

    def check(self, caller: Caller) -> Caller:
        """Return the caller of a token that was verified before. Unauthenticated if its login was
        revoked (`token_revoked`)."""
        if self._revocations.hold(caller.login_id):
            raise Unauthenticated("signed out", code="token_revoked")
        return caller


def require_admin(caller: Caller) -> None:
    """Forbidden (`admin_only`) unless the caller's token has the admin role."""
    if caller.role is not Role.ADMIN:
        raise Forbidden("only for operators", code="admin_only")
