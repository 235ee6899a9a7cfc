"""The error responses in the OpenAPI document.

What a route can be refused with follows from its access, its body and its parameters; codes of the
domain are declared at the handler: `responses=refusals("insufficient_gold")`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from attrs import frozen
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, PathParameter, QueryParameter
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from adapters.inbound.access.guards import Access, declared_access, declared_realtime
from adapters.inbound.errors.error_table import ERROR_CODES, Concern, codes_about

PARAMETERS = (HeaderParameter, PathParameter, QueryParameter)

Responses = Mapping[int, ResponseSpec]


@frozen
class InvalidField:
    """A field of the request, and what is wrong with it."""

    field: str
    message: str


@frozen
class ProblemDetails:
    """Why a request was refused (RFC 9457). `code` is stable; `errors` lists the invalid fields.
    Other members may follow."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[InvalidField] | None = None


def refusals(*codes: str) -> dict[int, ResponseSpec]:
    """The responses to errors with these codes, for `responses=` of a handler."""
    meanings: dict[int, list[str]] = {}
    for entry in ERROR_CODES:
        if entry.code in codes:
            meanings.setdefault(entry.row.status, []).append(f"`{entry.code}`: {entry.meaning}")
    return {
        status: ResponseSpec(
            ProblemDetails,
            generate_examples=False,
            description="\n\n".join(lines),
            media_type="application/problem+json",
        )
        for status, lines in meanings.items()
    }


class ErrorResponses(ReceiveRoutePlugin):
    """Adds to each route the refusals that follow from its declarations."""

    def receive_route(self, route: BaseRoute) -> None:
        """Called by Litestar for each route."""
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                declared = handler.responses or {}
                handler.responses = _merged(declared, refusals(*codes_about(*_concerns(handler))))


def _concerns(handler: HTTPRouteHandler) -> Iterable[Concern]:
    yield Concern.ANY
    access = declared_access(handler)
    parameters = handler.parsed_fn_signature.parameters
    if access in (Access.PLAYER, Access.OPERATOR):
        yield from (Concern.SIGNED_IN, Concern.STORED)
    if access is Access.OPERATOR:
        yield Concern.OPERATOR
    if declared_realtime(handler) is not None:
        yield Concern.REALTIME
    if "data" in parameters:
        yield from (Concern.BODY, Concern.STORED)
    if any(isinstance(one.kwarg_definition, PARAMETERS) for one in parameters.values()):
        yield Concern.PARAMETERS
    if "idempotency_key" in parameters:
        yield Concern.IDEMPOTENCY


def _merged(one: Responses, other: Responses) -> Responses:
    """Responses of both; where both have one of a status, its meanings are joined."""
    merged = dict(one)
    for status, spec in other.items():
        if status in merged:
            lines = f"{merged[status].description}\n\n{spec.description}".split("\n\n")
            merged[status] = replace(spec, description="\n\n".join(dict.fromkeys(lines)))
        else:
            merged[status] = spec
    return merged
