"""The Tokens port: access tokens."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import frozen

from domain.account import Role


@frozen(kw_only=True)
class Caller:
    """The authenticated caller: the claims of a valid token. `login_id` is its login; `version` is
    that of the account when the token was issued."""

    user_id: int
    login_id: str
    role: Role
    version: int = 1
    expires_at: datetime


class Tokens(ABC):
    """Issues and verifies access tokens. Does not know of revocations."""

    @abstractmethod
    def issue(self, caller: Caller, issued_at: datetime) -> str:
        """Issue a signed token with exactly these claims."""

    @abstractmethod
    def verify(self, token: str) -> Caller:
        """The caller of the token. Unauthenticated if it is malformed or not signed by us
        (`token_invalid`), or expired (`token_expired`)."""

    @abstractmethod
    def public_keys(self) -> Sequence[Mapping[str, str]]:
        """The public keys, as JWKs (RFC 7517), with which others can verify our tokens; none where
        the keys are secrets."""
