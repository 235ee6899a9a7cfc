"""All monitors of a node, and what is shown to them."""

from collections.abc import Iterable, Iterator, Sequence

from application.frames.control_frames import ControlFrame
from application.frames.frame import Frame
from application.frames.legacy_game_event import LegacyGameEvent
from application.monitoring.monitor_session import MonitorItem, MonitorSession
from application.ports.codec import Codec
from application.ports.storage.journal import JournaledGame, JournalEntry

Key = tuple[int, int]

REMEMBERED = 10_000
"""Games that are remembered at least, once there were so many."""


class MonitorFeed:
    """Shows each game once, whether the broker brought it (twice even) or a look at the journal
    found it.

    What was shown must be remembered for as long as a look may still return it. A game that a
    look returns again was returned by the look before, or has been shown since; so those two are
    always kept, and many more, for messages that a broker repeats late.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._monitors: list[MonitorSession] = []
        self._shown: set[Key] = set()
        self._shown_before: set[Key] = set()
        self.repairs = 0
        """How many games no broker had brought."""

    def __iter__(self) -> Iterator[MonitorSession]:
        return iter(self._monitors)

    def __len__(self) -> int:
        return len(self._monitors)

    def add(self, monitor: MonitorSession) -> None:
        self._monitors.append(monitor)

    def remove(self, monitor: MonitorSession) -> None:
        self._monitors.remove(monitor)

    def receive(self, games: Iterable[LegacyGameEvent]) -> None:
        """The broker brought games."""
        self._show([_item(game) for game in games if self._is_new(game.key)])

    def notice(self, found: Sequence[JournaledGame]) -> None:
        """A look at the journal returned these."""
        missing = [game for game in found if self._is_new(game.key)]
        self.repairs += len(missing)
        self._show(
            [
                _item(legacy_game_event(self._codec, g.entry), commit_txid=g.commit_txid)
                for g in missing
            ]
        )
        self._shown.update(game.key for game in found)
        if len(self._shown) > REMEMBERED:
            self._shown_before, self._shown = self._shown, set()

    def show(self, user_id: int, control: ControlFrame) -> None:
        """Something else to see about a user, such as a join."""
        if self._monitors:
            self._show([MonitorItem(frame=Frame(self._codec.control(control)), user_id=user_id)])

    def _is_new(self, key: Key) -> bool:
        return key not in self._shown and key not in self._shown_before

    def _show(self, items: Sequence[MonitorItem]) -> None:
        self._shown.update(item.key for item in items if item.key is not None)
        if items:
            for monitor in self._monitors:
                monitor.deliver(items)


def legacy_game_event(codec: Codec, entry: JournalEntry) -> LegacyGameEvent:
    """A journaled game event in the flat dialect."""
    flat = codec.legacy(entry)
    assert flat is not None, "the flat dialect knows every game event"
    return flat


def _item(game: LegacyGameEvent, commit_txid: int | None = None) -> MonitorItem:
    return MonitorItem(
        frame=Frame(game.frame),
        user_id=game.user_id,
        game_type=game.game_type,
        key=game.key,
        commit_txid=commit_txid,
    )
