"""What monitors show, and which of it one operator wants to see."""

from collections.abc import Sequence

from attrs import frozen

from application.frames.frame import Frame
from application.frames.legacy_game_event import LegacyGameEvent


@frozen(kw_only=True)
class MonitorItem:
    """One thing to show about a user. For a game, `key` is the user and the number in that user's
    journal; `commit_txid` is set if the journal poll found it."""

    frame: Frame
    user_id: int
    game_type: str | None = None
    key: tuple[int, int] | None = None
    commit_txid: int | None = None

    @classmethod
    def of(cls, game: LegacyGameEvent, commit_txid: int | None = None) -> "MonitorItem":
        """The item that shows a game."""
        return cls(
            frame=Frame(game.frame),
            user_id=game.user_id,
            game_type=game.game_type,
            key=game.key,
            commit_txid=commit_txid,
        )


@frozen(kw_only=True)
class MonitorFilter:
    """Which users and games a monitor shows; an empty set means all of them."""

    user_ids: frozenset[int] = frozenset()
    game_types: frozenset[str] = frozenset()

    def matches(self, item: MonitorItem) -> bool:
        """Joins and leaves belong to no game, so a filter for games lets them pass."""
        if self.user_ids and item.user_id not in self.user_ids:
            return False
        return item.game_type is None or self.shows_game(item.game_type)

    def shows_game(self, game_type: str) -> bool:
        """Whether the filter lets games of this type pass."""
        return not self.game_types or game_type in self.game_types

    def select(self, items: Sequence[MonitorItem]) -> list[MonitorItem]:
        """The items that the filter lets pass."""
        return [item for item in items if self.matches(item)]
