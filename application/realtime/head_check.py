"""Finds what was committed but never announced.

A broker that is away, or a node that died between its commit and its message, leaves sessions and
monitors without news. So every node asks from time to time which heads have moved since it last
looked, and tells those concerned; they read what they have not seen. The cost grows with what has
happened, not with who is idle.
"""

from application.ports.stores import Stores
from application.ports.stores.journal import GameEntry, Head
from application.ports.unit_of_work import UnitOfWork
from application.realtime.hub import Hub


class HeadCheck:
    """Each look goes on where the last one ended."""

    def __init__(self, unit_of_work: UnitOfWork, hub: Hub) -> None:
        self._unit_of_work = unit_of_work
        self._hub = hub
        self._mark: int | None = None

    async def execute(self) -> None:
        """Look once. The first look only marks where to begin: connections that are made later
        read the journal themselves, so it comes before they are let in."""
        horizon, heads, games = await self._unit_of_work.read(self._look)
        self._mark = horizon
        for head in heads:
            self._hub.notice_head(head)
        if games is not None:
            self._hub.monitors.notice(games)

    def _look(self, stores: Stores) -> tuple[int, list[Head], list[GameEntry] | None]:
        journal, mark = stores.journal, self._mark
        if mark is None:
            return journal.horizon(), [], None
        games = journal.games_since(mark) if self._hub.monitors else None
        return journal.horizon(), journal.moved_since(mark), games
