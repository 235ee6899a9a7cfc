"""One act of an operator, from its begin to its entry in the audit log.

The context of the task carries the act, so that a use case need not know of it: the first
transaction of an `AuditedUnitOfWork` within the act also writes its entry. So the two are committed
together, or neither is. An act without a transaction, or one that failed, gets its entry at its
end.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from attrs import define, frozen

from application.audit.audit_log import AuditLog
from application.audit.audit_queue import AuditQueue
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import StorageUnavailable, UnitOfWork, Work
from domain.audit import OK, AuditRecord
from domain.errors import DomainError

T = TypeVar("T")

logger = logging.getLogger("synchub.audit")

Describe = Callable[[str], AuditRecord]
"""The record of an act with this outcome."""

Authorize = Callable[[Stores], None]
"""Run in each transaction of an act, before its work."""


def _nothing(_: Stores) -> None:
    pass


_current: ContextVar["AuditedAct | None"] = ContextVar("audited_act", default=None)


@define(eq=False)
class AuditedAct:
    """`authorize` raises Forbidden if the caller may not act any more; `written` is set once the
    entry of a success is committed."""

    describe: Describe
    authorize: Authorize
    written: bool = False


@contextmanager
def audited_act(describe: Describe, authorize: Authorize = _nothing) -> Iterator[AuditedAct]:
    """Begin an act in this task. Whoever does it calls `AuditTrail.finish` at its end."""
    act = AuditedAct(describe, authorize)
    token = _current.set(act)
    try:
        yield act
    finally:
        _current.reset(token)


@frozen
class AuditTrail:
    """Completes acts."""

    _audit_log: AuditLog
    _audit_queue: AuditQueue

    async def finish(self, act: AuditedAct, outcome: str) -> None:
        """Write the entry, unless a transaction of the act has written that of its success. If the
        database is away, the entry waits in the queue; until it is written, a line in the log is
        all there is."""
        record = act.describe(outcome)
        facts = {"actor": record.actor, "action": record.action, "target": record.target}
        logger.info("an operator acted", extra={**facts, "outcome": outcome})
        if outcome == OK and act.written:
            return
        try:
            await self._audit_log.write([record])
        except StorageUnavailable:
            self._audit_queue.add(record)

    async def run(self, describe: Describe, action: Awaitable[T]) -> T:
        """An act from begin to end."""
        with audited_act(describe) as act:
            try:
                result = await action
            except DomainError as error:
                await self.finish(act, error.error_code)
                raise
            await self.finish(act, OK)
            return result

    def refused(self, act: AuditedAct, outcome: str) -> None:
        """Somebody without the right was refused."""
        self._audit_queue.add_refused(act.describe(outcome))


@frozen
class AuditedUnitOfWork(UnitOfWork):
    """For operators' use cases: transactions that first check whether the operator is still one,
    and then also write the entry of the present act."""

    _unit_of_work: UnitOfWork
    _audit_log: AuditLog

    async def write(self, work: Work[T]) -> T:
        """Outside of an act, as the unit of work below."""
        act = _current.get()
        if act is None:
            return await self._unit_of_work.write(work)
        authorized = _authorized(act, work)
        if act.written:
            return await self._unit_of_work.write(authorized)
        result = await self._audit_log.run(authorized, [act.describe(OK)])
        act.written = True
        return result

    async def read(self, work: Work[T]) -> T:
        """Outside of an act, as the unit of work below."""
        act = _current.get()
        return await self._unit_of_work.read(work if act is None else _authorized(act, work))


def _authorized(act: AuditedAct, work: Work[T]) -> Work[T]:
    def run(stores: Stores) -> T:
        act.authorize(stores)
        return work(stores)

    return run
