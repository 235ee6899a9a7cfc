"""Is this node fit for work?"""

from attrs import frozen

from application.ports.unit_of_work import StorageUnavailable, UnitOfWork
from application.realtime.drain import Drain


@frozen(kw_only=True)
class Health:
    """`status` is `ready`, `draining` or `unavailable`; `reasons` say what is wrong."""

    status: str
    reasons: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        return self.status == "ready"


@frozen
class CheckHealth:
    """A node is ready while it can read the journal and has not been told to stop."""

    _unit_of_work: UnitOfWork
    _drain: Drain

    async def execute(self) -> Health:
        if self._drain.begun:
            return Health(status="draining", reasons=("shutdown",))
        try:
            await self._unit_of_work.read(lambda stores: stores.journal.epoch())
        except StorageUnavailable:
            return Health(status="unavailable", reasons=("database",))
        return Health(status="ready")
