"""`/api/admin`: what only operators may do."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.http.caller import OPERATOR
from adapters.inbound.http.requests import AnnounceRequest
from application.use_cases.announce import Announce, AnnounceCommand, AnnounceResult


@post("/api/admin/announce", status_code=200, security=OPERATOR, tags=["Operators"])
async def post_announce(
    data: JSONBody[AnnounceRequest], announce: NamedDependency[Announce]
) -> AnnounceResult:
    """Tell everybody who is connected. Not kept for those who are not."""
    return await announce.execute(
        AnnounceCommand(message=data.message, level=data.level, link=data.link)
    )


ADMIN_HANDLERS = [post_announce]
