"""`/api/realtime`: polling and Server-Sent Events, for networks that do not support WebSockets."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, JSONBody, QueryParameter
from litestar.response import Stream

from adapters.inbound.access.credentials import client_kind
from adapters.inbound.access.guards import PLAYER, SignedInRequest, realtime
from adapters.inbound.access.origins import foreign_origin
from adapters.inbound.errors.documented import refusals
from adapters.inbound.http.realtime.sse_sink import SseSink
from adapters.inbound.http.request.wire_response import WireResponse
from adapters.inbound.metrics.node_metrics import NodeMetrics
from application.connections.client_connection import Limits
from application.frames.accepted_events import MAX_LENGTH, PATTERN
from application.frames.position import Position
from application.hub.connection_factory import ConnectionFactory
from application.hub.drain import Drain, ShuttingDown
from application.sync.frame_formats import StandardFormats
from application.use_cases.accounts.issue_ticket import (
    IssuedTicket,
    IssueTicket,
    IssueTicketCommand,
    TicketEndpoint,
)
from application.use_cases.players.catch_up import CatchUp, CaughtUp
from application.use_cases.players.read_player import PositionedState, ReadPlayer

IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-None-Match", description="The `ETag` of an earlier answer: 304 if it still holds."
    ),
]
LastEventId = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID",
        description="The id of the last event; browsers send it. It counts more than `since`.",
    ),
]
Since = Annotated[
    str | None,
    QueryParameter(
        description="The last position of the device, `<epoch>:<seq>`. Without it, or if the "
        "journal cannot continue there, the answer begins with the state."
    ),
]

Accept = Annotated[
    str | None,
    QueryParameter(
        max_length=MAX_LENGTH,
        pattern=PATTERN,
        description="Which events, in which versions: `purchase_update.2,*`. See `sync_connected`.",
    ),
]

_RESUMING = refusals("unknown_user")
_CAUGHT_UP = ResponseSpec(CaughtUp, generate_examples=False, description="The frames.")
_NOTHING_NEW = ResponseSpec(None, description="No event since the position of `If-None-Match`.")


@post("/ticket", operation_id="issueTicket", status_code=200)
async def post_ticket(
    data: JSONBody[IssueTicketCommand],
    request: SignedInRequest,
    issue_ticket: NamedDependency[IssueTicket],
) -> IssuedTicket:
    """A ticket for one connection: browsers use it as `?ticket=` where they cannot send a header.

    It can be used once, within 30 seconds, by a page of the same origin, at the endpoint that it
    was made for.
    """
    return await issue_ticket.execute(request.user, foreign_origin(request), data)


@get("/state", operation_id="getState", responses=refusals("unknown_user"), **realtime("state"))
async def get_state(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> WireResponse[PositionedState]:
    """The content of `initial_state`, and its exact position."""
    return WireResponse(await read_player.state(request.user.user_id))


@get(
    "/events",
    operation_id="pollEvents",
    responses={**_RESUMING, 200: _CAUGHT_UP, 304: _NOTHING_NEW},
    **realtime("events"),
)
async def get_events(
    request: SignedInRequest,
    catch_up: NamedDependency[CatchUp],
    standard_formats: NamedDependency[StandardFormats],
    metrics: NamedDependency[NodeMetrics],
    since: Since = None,
    accept: Accept = None,
    if_none_match: IfNoneMatch = None,
) -> Response[Any]:
    """The events after `since` (`<epoch>:<seq>`), as frames; without `since`, the state.

    The position is also the `ETag`: 304 means that there are no new events.
    """
    position = None if since is None else Position.parse(since)
    frame_format = standard_formats.accepting(accept)
    metrics.count_ending_events(frame_format.accepted, client_kind(request))
    caught_up = await catch_up.execute(request.user.user_id, position, frame_format)
    headers = {"ETag": f'"{caught_up.position}"'}
    if if_none_match == headers["ETag"]:
        return Response(None, status_code=304, headers=headers)
    return Response(caught_up, headers=headers)


@get(
    "/stream",
    operation_id="streamEvents",
    media_type="text/event-stream",
    responses=refusals("unknown_user", "too_many_sockets"),
    **realtime(TicketEndpoint.STREAM),
)
async def get_stream(
    request: SignedInRequest,
    connection_factory: NamedDependency[ConnectionFactory],
    standard_formats: NamedDependency[StandardFormats],
    metrics: NamedDependency[NodeMetrics],
    limits: NamedDependency[Limits],
    drain: NamedDependency[Drain],
    since: Since = None,
    accept: Accept = None,
    last_event_id: LastEventId = None,
) -> Stream:
    """The frames of the socket as Server-Sent Events. `Last-Event-ID` or `since` is the position to
    resume from.

    The last event has type `close` and contains the close code that a socket would get.
    """
    if drain.begun:
        raise ShuttingDown
    text = last_event_id or since
    position = None if text is None else Position.parse(text)
    frame_format = standard_formats.accepting(accept)
    sink = SseSink(limits.buffer_bytes // 2, frame_format.heartbeat_s)
    opening = connection_factory.session(request.user, sink, frame_format, position)
    metrics.count_ending_events(frame_format.accepted, client_kind(request))

    async def events() -> AsyncIterator[bytes]:
        async with opening as session:
            sink.position_at = session.position_at
            async for chunk in sink.chunks():
                yield chunk

    return Stream(
        events(),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


realtime_router = Router(
    "/api/realtime",
    route_handlers=[post_ticket, get_state, get_events, get_stream],
    tags=["Realtime"],
    **PLAYER,
)
