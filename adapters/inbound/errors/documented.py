"""The error responses in the OpenAPI document.

What a route can be refused with follows from its access, its body and its parameters; codes of the
domain are declared at the handler: `responses=refusals("insufficient_gold")`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from attrs import frozen
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import HeaderParameter, PathParameter, QueryParameter
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from adapters.inbound.access.guards import Access, declared_access, declared_realtime
from adapters.inbound.errors.error_table import ERROR_CODES, Concern, ErrorCode, codes_about
from adapters.inbound.server.refusals import PROBLEM
from domain.constraints import Description

INVALID = 422

PARAMETERS = (HeaderParameter, PathParameter, QueryParameter)

Responses = Mapping[int, ResponseSpec]


@frozen
class InvalidField:
    """A field of the request, and what is wrong with it."""

    field: Annotated[str, Description("The name of the field; `body` for the body as a whole.")]
    message: Annotated[str, Description("What is wrong with it.")]


@frozen
class ProblemDetails:
    """Why a request was refused (RFC 9457). `code` is stable; `errors` lists the invalid fields.
    Other members may follow."""

    has_more_members: ClassVar[bool] = True

    type: Annotated[
        str, Description("`about:blank`: the title has no more meaning than the status.")
    ]
    title: Annotated[str, Description("The kind of error, for people.")]
    status: Annotated[int, Description("The HTTP status.")]
    code: Annotated[str, Description("The stable code of the error, for programs.")]
    detail: Annotated[str, Description("What happened, for people.")]
    errors: Annotated[list[InvalidField] | None, Description("The invalid fields.")] = None


INVALID_FIELD = {"field": "bet_amount", "message": "Expected `int` <= 10000"}


def refusals(
    *codes: str, problem: type = ProblemDetails, **members: object
) -> dict[int, ResponseSpec]:
    """The responses to errors with these codes, for `responses=` of a handler. `problem` is the
    class of the problem document, and `members` are shown in its examples."""
    entries: dict[int, list[ErrorCode]] = {}
    for entry in ERROR_CODES:
        if entry.code in codes:
            entries.setdefault(entry.row.status, []).append(entry)
    return {
        status: ResponseSpec(
            problem,
            generate_examples=False,
            description="\n\n".join(f"`{entry.code}`: {entry.meaning}" for entry in same_status),
            media_type=PROBLEM,
            examples=[_example(entry, members) for entry in same_status],
        )
        for status, same_status in entries.items()
    }


def _example(entry: ErrorCode, members: Mapping[str, object]) -> Example:
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": entry.row.title,
        "status": entry.row.status,
        "code": entry.code,
        "detail": entry.meaning,
    }
    if entry.row.status == INVALID:
        document["errors"] = [INVALID_FIELD]
    return Example(summary=entry.meaning, value={**document, **members})


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
    if any(isinstance(one.kwarg_definition, PathParameter) for one in parameters.values()):
        yield Concern.PATH
    if "idempotency_key" in parameters:
        yield Concern.IDEMPOTENCY


def _merged(one: Responses, other: Responses) -> Responses:
    """Responses of both; where both have one of a status, its meanings are joined."""
    merged = dict(one)
    for status, spec in other.items():
        present = merged.get(status)
        if present is None:
            merged[status] = spec
            continue
        lines = f"{present.description}\n\n{spec.description}".split("\n\n")
        examples = {example.summary: example for example in _examples(spec, present)}
        merged[status] = replace(
            present,
            description="\n\n".join(dict.fromkeys(lines)),
            examples=list(examples.values()),
        )
    return merged


def _examples(*specs: ResponseSpec) -> Iterable[Example]:
    for spec in specs:
        yield from spec.examples or ()
