"""Access tokens."""

from abc import ABC, abstractmethod
from datetime import datetime

from attrs import frozen

from domain.account import Role


@frozen(kw_only=True)
class Caller:
    """Who a valid token speaks for. `login_id` is the sign-in it came from."""

    user_id: int
    login_id: str
    role: Role
    expires_at: datetime


class Tokens(ABC):
    @abstractmethod
    def issue(self, caller: Caller, issued_at: datetime) -> str:
        """A signed token that says just this."""

    @abstractmethod
    def verify(self, token: str) -> Caller:
        """Whom the token speaks for; Unauthenticated if it is malformed, not ours or expired."""
