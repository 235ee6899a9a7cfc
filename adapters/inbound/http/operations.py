"""`/health` and `/metrics`, for operators."""

from collections.abc import Sequence

from attrs import frozen
from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.inbound.access.guards import PUBLIC
from adapters.inbound.metrics.node_metrics import NodeMetrics
from application.use_cases.operations.check_health import CheckHealth, Health


@frozen
class Alive:
    """The answer of the liveness probe."""

    status: str = "alive"


@get("/health/live", tags=["Operations"], **PUBLIC)
async def get_live() -> Alive:
    """Liveness probe: the process answers."""
    return Alive()


@get(
    "/health/ready",
    tags=["Operations"],
    media_type=MediaType.JSON,
    responses={503: ResponseSpec(Health, description="Not ready; the fields say why.")},
    **PUBLIC,
)
async def get_ready(check_health: NamedDependency[CheckHealth]) -> Response[Health]:
    """Readiness probe: 200 if this node should get requests, else 503, with the reasons."""
    health = await check_health.execute()
    return Response(health, status_code=200 if health.ready else 503)


@get("/metrics", tags=["Operations"], include_in_schema=False, **PUBLIC)
async def get_metrics(metrics: NamedDependency[NodeMetrics]) -> Response[bytes]:
    """Metrics in the Prometheus text format."""
    return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)


OPERATIONS_HANDLERS: Sequence[HTTPRouteHandler] = [get_live, get_ready, get_metrics]
