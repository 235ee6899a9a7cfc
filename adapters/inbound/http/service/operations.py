"""`/health` on every port, and `/metrics` where management is served."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from attrs import frozen
from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.inbound.access.guards import MANAGEMENT, PROBE, AccessControl
from adapters.inbound.metrics.node_metrics import NodeMetrics
from application.use_cases.operations.check_health import CheckHealth
from domain.constraints import Description


@frozen
class Alive:
    """The answer of the liveness probe."""

    status: Annotated[str, Description("Always `alive`.")] = "alive"


@frozen
class Readiness:
    """Health for everybody. The list `reasons` is added where management is served."""

    has_more_members: ClassVar[bool] = True

    status: Annotated[str, Description("`ready`, `degraded`, `draining` or `unavailable`.")]


@get("/health/live", operation_id="checkLiveness", tags=["Operations"], **PROBE)
async def get_live() -> Alive:
    """Liveness probe: the process answers."""
    return Alive()


@get(
    "/health/ready",
    operation_id="checkReadiness",
    tags=["Operations"],
    media_type=MediaType.JSON,
    responses={
        200: ResponseSpec(Readiness, generate_examples=False, description="Ready."),
        503: ResponseSpec(
            Readiness,
            generate_examples=False,
            description="Not ready; `status` says why.",
            examples=[Example(summary="A node that shuts down.", value={"status": "draining"})],
        ),
    },
    **PROBE,
)
async def get_ready(
    request: Request[Any, Any, Any],
    check_health: NamedDependency[CheckHealth],
    access_control: NamedDependency[AccessControl],
) -> Response[Any]:
    """Readiness probe: 200 if this node should get requests, else 503. The reasons are given where
    management is served."""
    health = await check_health.execute()
    shown = health if access_control.serves_management(request) else Readiness(health.status)
    return Response(shown, status_code=200 if health.ready else 503)


@get("/metrics", tags=["Operations"], include_in_schema=False, **MANAGEMENT)
async def get_metrics(metrics: NamedDependency[NodeMetrics]) -> Response[bytes]:
    """Metrics in the Prometheus text format."""
    return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)


OPERATIONS_HANDLERS: Sequence[HTTPRouteHandler] = [get_live, get_ready, get_metrics]
