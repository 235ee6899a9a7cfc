"""Is this node fit for work?"""

from attrs import frozen

from application.ports.unit_of_work import StorageUnavailable, UnitOfWork


@frozen(kw_only=True)
class Health:
    """`status` is `ready` or `unavailable`; `reasons` say what is wrong."""

    status: str
    reasons: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        return self.status == "ready"


@frozen
class CheckHealth:
    """A node is ready while it can read the journal."""

    _unit_of_work: UnitOfWork

    async def execute(self) -> Health:
        try:
            await self._unit_of_work.read(lambda stores: stores.journal.epoch())
        except StorageUnavailable:
            return Health(status="unavailable", reasons=("database",))
        return Health(status="ready")
