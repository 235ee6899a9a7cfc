"""What all monitors of a node are shown. One place deduplicates for all of them.

A game can reach a node by the broker, perhaps twice, and by the journal poll. It is shown once.
What was shown must be remembered for as long as a poll may still return it. A game that a poll
returns again was returned by the poll before, or has been shown since. So the games of the last two
polls are always kept, and many more, for messages that a broker repeats late.
"""

from collections.abc import Iterable, Iterator, Sequence

from application.frames.control_frames import ControlFrame
from application.frames.frame import Frame
from application.frames.legacy_game_event import LegacyGameEvent
from application.monitoring.monitor_item import MonitorItem
from application.monitoring.monitor_session import MonitorSession
from application.ports.codec import Codec
from application.ports.storage.journal import JournaledGame
from application.ports.telemetry import Counted, Telemetry

Key = tuple[int, int]

REMEMBERED = 10_000
"""Games that are remembered at least, once there were so many."""


class MonitorFeed:
    """Iterates over the monitors of the node."""

    def __init__(self, codec: Codec, telemetry: Telemetry) -> None:
        self._codec = codec
        self._telemetry = telemetry
        self._monitors: list[MonitorSession] = []
        self._shown: set[Key] = set()
        self._shown_before: set[Key] = set()

    def __iter__(self) -> Iterator[MonitorSession]:
        return iter(self._monitors)

    def __len__(self) -> int:
        return len(self._monitors)

    def add(self, monitor: MonitorSession) -> None:
        """Show this monitor what happens from now on."""
        self._monitors.append(monitor)

    def remove(self, monitor: MonitorSession) -> None:
        """Show this monitor nothing more."""
        self._monitors.remove(monitor)

    def receive(self, games: Iterable[LegacyGameEvent]) -> None:
        """Show games that the broker delivered."""
        self._show([MonitorItem.of(game) for game in games if self._is_new(game.key)])

    def found(self, games: Sequence[JournaledGame]) -> None:
        """Show what of the result of a journal poll was not delivered."""
        missing = [game for game in games if self._is_new(game.key)]
        if missing:
            self._telemetry.count(Counted.REPAIRS, "monitor", len(missing))
        self._show(
            [MonitorItem.of(self._codec.legacy_game(g.entry), g.commit_txid) for g in missing]
        )
        self._shown.update(game.key for game in games)
        if len(self._shown) > REMEMBERED:
            self._shown_before, self._shown = self._shown, set()

    def show(self, user_id: int, control: ControlFrame) -> None:
        """Show something else about a user, such as a join."""
        if self._monitors:
            frame = Frame(self._codec.control(control))
            self._show([MonitorItem(frame=frame, user_id=user_id)])

    def _is_new(self, key: Key) -> bool:
        return key not in self._shown and key not in self._shown_before

    def _show(self, items: Sequence[MonitorItem]) -> None:
        self._shown.update(item.key for item in items if item.key is not None)
        if items:
            for monitor in self._monitors:
                monitor.deliver(items)
