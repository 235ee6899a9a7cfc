"""Is this node fit for work?"""

from attrs import frozen

from application.hub.drain import Drain
from application.ports.storage.unit_of_work import StorageUnavailable, UnitOfWork
from domain.broadcaster import Broadcaster


@frozen(kw_only=True)
class Health:
    """`status` is `ready`, `degraded`, `draining` or `unavailable`; `reasons` say what is wrong."""

    status: str
    reasons: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether to send work here: a degraded node does all of it, if later."""
        return self.status in ("ready", "degraded")


@frozen
class CheckHealth:
    """What this node can do at the moment.

    - Ready while it can read the journal and has not been told to stop.
    - Degraded while the broker does not carry: what others commit is found by the head check.
    """

    _unit_of_work: UnitOfWork
    _broadcaster: Broadcaster
    _drain: Drain

    async def execute(self) -> Health:
        if self._drain.begun:
            return Health(status="draining", reasons=("shutdown",))
        try:
            await self._unit_of_work.read(lambda stores: stores.journal.epoch())
        except StorageUnavailable:
            return Health(status="unavailable", reasons=("database",))
        if failure := self._broadcaster.failure():
            return Health(status="degraded", reasons=(f"broadcaster: {failure}",))
        return Health(status="ready")
