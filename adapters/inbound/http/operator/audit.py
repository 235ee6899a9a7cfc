"""`/api/admin/audit`: the audit log."""

from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from adapters.inbound.access.guards import OPERATOR
from application.use_cases.audit.read_audit_log import (
    MAX_ENTRIES,
    EntriesShown,
    ReadAuditLog,
)

After = Annotated[
    int | None,
    QueryParameter(ge=0, le=2**53 - 1, description="Only entries with a greater number."),
]
Limit = Annotated[
    int, QueryParameter(ge=1, le=MAX_ENTRIES, description="The most entries of the answer.")
]


@get("/", operation_id="readAuditLog")
async def get_audit(
    read_audit_log: NamedDependency[ReadAuditLog],
    after: After = None,
    limit: Limit = 50,
) -> EntriesShown:
    """The entries that follow the number `after`; without it, the latest ones."""
    return await read_audit_log.execute(after, limit)


audit_router = Router(
    "/api/admin/audit", route_handlers=[get_audit], tags=["Operators"], **OPERATOR
)
