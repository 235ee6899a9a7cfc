"""Health check of this node, for readiness probes."""

from typing import Annotated

from attrs import frozen

from application.hub.drain import Drain
from application.ports.storage.unit_of_work import StorageUnavailable, UnitOfWork
from domain.broadcaster import Broadcaster
from domain.constraints import Description


@frozen(kw_only=True)
class Health:
    """`status` is `ready`, `degraded`, `draining` or `unavailable`; `reasons` give the details."""

    status: Annotated[str, Description("`ready`, `degraded`, `draining` or `unavailable`.")]
    reasons: Annotated[tuple[str, ...], Description("What is wrong.")] = ()

    @property
    def ready(self) -> bool:
        """Whether load balancers should send requests. A degraded node serves all, with delays."""
        return self.status in ("ready", "degraded")


@frozen
class CheckHealth:
    """Check whether this node can serve.

    - `ready`: the journal is readable and the node is not shutting down.
    - `degraded`: the broker does not deliver; the journal poll finds the events of other nodes.
    - `draining`: the node is shutting down.
    - `unavailable`: the database cannot be used.
    """

    _unit_of_work: UnitOfWork
    _broadcaster: Broadcaster
    _drain: Drain

    async def execute(self) -> Health:
        """Read from the database and return the state of the node. Never raises for an outage."""
        if self._drain.begun:
            return Health(status="draining", reasons=("shutdown",))
        try:
            await self._unit_of_work.read(lambda stores: stores.journal.epoch())
        except StorageUnavailable as error:
            return Health(status="unavailable", reasons=(f"database: {error}",))
        if failure := self._broadcaster.failure():
            return Health(status="degraded", reasons=(f"broadcaster: {failure}",))
        return Health(status="ready")
