"""What nodes tell each other through the Broadcaster, besides event ranges and membership."""

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen

from application.frames.legacy_game_event import LegacyGameEvent
from domain.account import Account, AccountStatus, Role

GAMES = "games"
REVOKED = "revoked"
ACCOUNTS = "accounts"
NOTICES = "announcements"
SOCKETS = "sockets"


@frozen
class GamesPlayed:
    """Game events of any users, in the legacy format: the feed of the monitors."""

    topic: ClassVar[str] = GAMES

    games: Sequence[LegacyGameEvent]


@frozen
class LoginRevoked:
    """A login ended before its tokens did."""

    topic: ClassVar[str] = REVOKED

    login_id: str


@frozen
class AccountChanged:
    """Access tokens of the user for an earlier version of the account are not valid any more.

    `role`: the role of the account, if its logins go on and only need new tokens; None if they
    ended, because the account was blocked or deleted, or its password changed.
    """

    topic: ClassVar[str] = ACCOUNTS

    user_id: int
    version: int
    role: Role | None = None

    @classmethod
    def of(cls, account: Account) -> "AccountChanged":
        """For an account as it is now."""
        active = account.status is AccountStatus.ACTIVE
        return cls(account.user_id, account.version, account.role if active else None)


@frozen
class NoticeSent:
    """An operator tells everybody something; `frame` is the encoded control frame."""

    topic: ClassVar[str] = NOTICES

    notice_id: str
    frame: bytes


@frozen
class UserSocketCount:
    """How many sockets a user with many of them has on a node."""

    topic: ClassVar[str] = SOCKETS

    node_id: str
    user_id: int
    count: int
