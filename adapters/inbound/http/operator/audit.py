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


@get("/")
async def get_audit(
    read_audit_log: NamedDependency[ReadAuditLog],
    after: Annotated[int | None, QueryParameter(ge=0, le=2**53 - 1)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_ENTRIES)] = 50,
) -> EntriesShown:
    """The entries that follow the number `after`; without it, the latest ones."""
    return await read_audit_log.execute(after, limit)


audit_router = Router(
    "/api/admin/audit", route_handlers=[get_audit], tags=["Operators"], **OPERATOR
)
