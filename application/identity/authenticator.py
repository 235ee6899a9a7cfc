"""Who is calling?"""

from attrs import frozen

from application.identity.revocations import Revocations
from application.ports.tokens import Caller, Tokens
from domain.account import Role
from domain.errors import Forbidden, Unauthenticated


@frozen
class Authenticator:
    """Turns an access token into a caller."""

    _tokens: Tokens
    _revocations: Revocations

    def authenticate(self, token: str | None) -> Caller:
        """The caller; Unauthenticated without a valid token of a login that still holds."""
        if not token:
            raise Unauthenticated("an access token is needed", code="token_missing")
        caller = self._tokens.verify(token)
        if self._revocations.hold(caller.login_id):
            raise Unauthenticated("signed out", code="token_revoked")
        return caller


def require_admin(caller: Caller) -> None:
    """Forbidden for everybody but operators."""
    if caller.role is not Role.ADMIN:
        raise Forbidden("only for operators", code="admin_only")
