"""Journal poll: find what was committed but never delivered.

A broker that is away, or a node that died between its commit and its message, leaves sessions and
monitors without events. So every node asks from time to time which heads have moved since the last
poll, and tells the connections concerned; they read what they have not seen. The cost grows with
what has happened, not with how many are idle. `adapters.outbound.sql.commit_order` explains how a
poll misses nothing.
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
    """Each poll goes on where the last one ended."""

    def __init__(self, unit_of_work: UnitOfWork, hub: Hub) -> None:
        self._unit_of_work = unit_of_work
        self._hub = hub
        self._since: int | None = None

    async def execute(self) -> None:
        """Poll once. The first poll only notes where to begin: connections that are made later read
        the journal themselves, so it runs before they are let in."""
        found = await self._unit_of_work.read(self._poll)
        self._since = found.snapshot_xmin
        for head in found.heads:
            self._hub.head_moved(head)
        if found.games is not None:
            self._hub.monitor_feed.found(found.games)
        logger.debug("polled", extra={"heads": len(found.heads), "since": found.snapshot_xmin})

    def _poll(self, stores: Stores) -> _Found:
        journal, since = stores.journal, self._since
        if since is None:
            return _Found(journal.snapshot_xmin(), [], None)
        games = journal.games_since(since) if self._hub.monitor_feed else None
        return _Found(journal.snapshot_xmin(), journal.moved_since(since), games)
