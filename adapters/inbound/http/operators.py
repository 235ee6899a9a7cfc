"""`/api/admin`: what only operators may do."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.access.guards import OPERATOR
from adapters.inbound.http.requests import SendNoticeRequest
from application.use_cases.operations.send_notice import (
    SendNotice,
    SendNoticeCommand,
    SendNoticeResult,
)


@post("/api/admin/announce", status_code=200, security=OPERATOR, tags=["Operators"])
async def post_announce(
    data: JSONBody[SendNoticeRequest], announce: NamedDependency[SendNotice]
) -> SendNoticeResult:
    """Tell everybody who is connected. Not kept for those who are not."""
    return await announce.execute(
        SendNoticeCommand(message=data.message, level=data.level, link=data.link)
    )


ADMIN_HANDLERS = [post_announce]
