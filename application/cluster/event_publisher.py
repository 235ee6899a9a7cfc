"""Publishes what has just been committed.

A message is only built if somebody can be watching: monitors are rare, and the legacy form of a
game event is made for them alone.
"""

from collections.abc import Sequence

from attrs import frozen

from application.cluster.event_range import EventRange
from application.cluster.membership import Membership
from application.cluster.messages import GamesPlayed
from application.ports.codec import Codec
from application.ports.storage.journal import JournalEntry
from domain.broadcaster import Broadcaster


@frozen
class EventPublisher:
    """Called after the commit, so it must not fail; sessions find in the journal what gets lost."""

    _broadcaster: Broadcaster
    _codec: Codec
    _membership: Membership

    def publish(self, user_id: int, entries: Sequence[JournalEntry]) -> None:
        """Send a user's new entries to the user's devices, and the games to the monitors."""
        if not entries:
            return
        self._broadcaster.publish(EventRange(user_id, entries))
        if self._membership.is_watched():
            games = [game for entry in entries if (game := self._codec.legacy(entry))]
            if games:
                self._broadcaster.publish(GamesPlayed(games))
