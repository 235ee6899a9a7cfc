"""What nodes tell each other through the Broadcaster, besides event ranges and membership."""

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen

from application.frames.legacy_game_event import LegacyGameEvent

GAMES = "games"
REVOKED = "revoked"
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
