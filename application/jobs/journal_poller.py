"""Finds what was committed but never announced.

A broker that is away, or a node that died between its commit and its message, leaves sessions and
monitors without news. So every node asks from time to time which heads have moved since it last
looked, and tells those concerned; they read what they have not seen. The cost grows with what has
happened, not with who is idle.
"""

from application.hub.hub import Hub
from application.ports.storage.journal import Head, JournaledGame
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork


class JournalPoller:
    """Each look goes on where the last one ended."""

    def __init__(self, unit_of_work: UnitOfWork, hub: Hub) -> None:
        self._unit_of_work = unit_of_work
        self._hub = hub
        self._commit_txid: int | None = None

    async def execute(self) -> None:
        """Look once. The first look only marks where to begin: connections that are made later
        read the journal themselves, so it comes before they are let in."""
        snapshot_xmin, heads, games = await self._unit_of_work.read(self._look)
        self._commit_txid = snapshot_xmin
        for head in heads:
            self._hub.notice_head(head)
        if games is not None:
            self._hub.monitor_feed.notice(games)

    def _look(self, stores: Stores) -> tuple[int, list[Head], list[JournaledGame] | None]:
        journal, commit_txid = stores.journal, self._commit_txid
        if commit_txid is None:
            return journal.snapshot_xmin(), [], None
        games = journal.games_since(commit_txid) if self._hub.monitor_feed else None
        return journal.snapshot_xmin(), journal.moved_since(commit_txid), games
