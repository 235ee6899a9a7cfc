"""Records for the audit log, and what a node's log holds."""

from collections.abc import Sequence
from typing import Any

from application.ports.storage.unit_of_work import UnitOfWork
from domain.audit import OK, AuditEntry, AuditRecord
from tests.support.node import Node
from tests.support.storage import NOW

SECRET = "the secret of the audit log, 32 bytes"


def a_record(number: int = 1, **changed: Any) -> AuditRecord:
    """The record of some act."""
    values: dict[str, Any] = {
        "at": NOW,
        "actor": f"user:{number}",
        "address": "192.0.2.1",
        "request_id": f"r-{number}",
        "action": "POST /api/admin/announce",
        "target": f"user_id={number}",
        "parameters": '{"message": "hello"}',
        "outcome": OK,
        **changed,
    }
    return AuditRecord(**values)


async def entries_of(node: Node, after: int = 0) -> Sequence[AuditEntry]:
    """The entries of a node's log, those that wait and are counted included."""
    await node.container.audit_queue().close()
    unit_of_work: UnitOfWork = node.container.unit_of_work()
    return await unit_of_work.read(lambda stores: stores.audit.page(after, 10_000))
