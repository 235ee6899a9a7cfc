"""Tells all nodes what has just been committed."""

from collections.abc import Sequence

from attrs import frozen

from application.cluster.messages import pack_entries, pack_games
from application.ports.codec import Codec
from application.ports.storage.journal import JournalEntry
from domain.broadcaster import Broadcaster


@frozen
class EventPublisher:
    """Called after the commit, so it must not fail; what the broker loses, sessions find."""

    _broadcaster: Broadcaster
    _codec: Codec

    def publish(self, user_id: int, entries: Sequence[JournalEntry]) -> None:
        """Send a user's new entries to its devices, and its games to the monitors."""
        if not entries:
            return
        self._broadcaster.publish(pack_entries(user_id, entries))
        if games := [game for entry in entries if (game := self._codec.legacy(entry))]:
            self._broadcaster.publish(pack_games(games))
