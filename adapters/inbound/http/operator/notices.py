"""`/api/admin`: calls that need the admin role."""

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.access.guards import OPERATOR, SignedInRequest
from adapters.inbound.http.request.request_context import IdempotencyKey, key_of
from application.use_cases.operations.send_notice import (
    SendNotice,
    SendNoticeCommand,
    SendNoticeResult,
)


@post("/announce", status_code=200)
async def post_announce(
    data: JSONBody[SendNoticeCommand],
    request: SignedInRequest,
    send_notice: NamedDependency[SendNotice],
    idempotency_key: IdempotencyKey = None,
) -> SendNoticeResult:
    """Show a notice to all connected clients. It is not stored for clients that connect later."""
    key = key_of(request, idempotency_key)
    return await send_notice.execute(request.user, data, key)


operators_router = Router(
    "/api/admin",
    route_handlers=[post_announce],
    tags=["Operators"],
    **OPERATOR,
)
