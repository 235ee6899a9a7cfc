"""Journal poll: find events that were committed but not delivered.

If the broker is down, or a node dies between commit and publish, sessions and monitors miss events.
So every node periodically queries which heads have moved since its last poll, and notifies the
sessions and monitors concerned, which catch up from the journal. The cost depends on the number of
events since the last poll, not on the number of idle users. `adapters.outbound.sql.commit_order`
explains why a poll misses nothing.
"""

import logging

from attrs import frozen

from application.hub.hub import Hub
from application.ports.storage.journal import Head, JournaledGame
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork

logger = logging.getLogger("synchub.poll")


@frozen
class _Found:
    snapshot_xmin: int
    heads: list[Head]
    games: list[JournaledGame] | None


class JournalPoller:
    """Polls the journal; each poll starts at the snapshot of the previous one."""

    def __init__(self, unit_of_work: UnitOfWork, hub: Hub) -> None:
        self._unit_of_work = unit_of_work
        self._hub = hub
        self._since: int | None = None

    async def execute(self) -> None:
        """Poll once. The first poll only records its snapshot, so run it before connections are
        accepted: connections opened later read the journal from their own position."""
        found = await self._unit_of_work.read(self._poll)
        self._since = found.snapshot_xmin
        for head in found.heads:
            self._hub.head_moved(head)
        if found.games is not None:
            self._hub.monitor_feed.found(found.games)
        logger.debug("polled", extra={"heads": len(found.heads), "xmin": found.snapshot_xmin})

    def _poll(self, stores: Stores) -> _Found:
        journal, since = stores.journal, self._since
        if since is None:
            return _Found(journal.snapshot_xmin(), [], None)
        games = journal.games_since(since) if self._hub.monitor_feed else None
        return _Found(journal.snapshot_xmin(), journal.moved_since(since), games)
