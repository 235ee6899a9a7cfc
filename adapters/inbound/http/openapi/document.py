"""The document: the one that Litestar generates from the handlers, and what it cannot know.

That is the schemas of our classes (`class_schemas`), an example of each request and answer, and
for each error its code, its example and its headers.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from inspect import cleandoc
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import Tag
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from adapters.inbound.http.openapi.class_schemas import ClassSchemas
from adapters.inbound.http.openapi.completing import CompletesSchemas
from adapters.inbound.http.openapi.examples import examples
from adapters.inbound.http.openapi.parts import (
    CACHE_CONTROL,
    COMPONENTS,
    ETAG,
    EVENT_STREAM,
    PROBLEM_HEADERS,
    REQUEST_ID,
)
from adapters.inbound.server.refusals import PROBLEM
from adapters.wire.schemas.frame_schemas import frame_components
from adapters.wire.schemas.open_enums import with_open_enums

Json = dict[str, Any]

JSON = "application/json"
ERROR = 400
_REFERENCE = "#/components/{kind}/{name}"

DESCRIPTION = """\
Players play, buy and edit their profile by these calls. Each change commits to the database with
its events, and all devices of the player get the events over a connection.

- Errors are `application/problem+json` (RFC 9457) with a stable `code`.
- Amounts are in whole gold, times in UTC (RFC 3339).
- A call that takes an `Idempotency-Key` can be repeated safely with the same key.
- Answers name the `events` that they caused, with which a device recognizes its own echo.
"""

TAGS = [
    Tag("Sign-in", "Accounts, logins and tokens."),
    Tag("Games", "Slot, rps, gacha and crash, and the statistics of a player."),
    Tag("Fairness", "The seeds of provably fair games, past rounds and their verification."),
    Tag("Shop", "Products and purchases."),
    Tag("Player", "The profile and the daily streak."),
    Tag("Realtime", "Tickets for sockets, the state, and events over HTTP."),
    Tag("Operators", "What operators see of users and do to them. Needs the role `admin`."),
    Tag("Operations", "Probes."),
    Tag("Deployed clients", "Calls that others have replaced."),
]


class DocumentedCalls(ReceiveRoutePlugin):
    """Takes the summary of each call from the docstring of its handler: the first sentence."""

    def receive_route(self, route: BaseRoute) -> None:
        """Called by Litestar for each route."""
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            text = cleandoc(handler.fn.__doc__ or "").replace("\n", " ")
            handler.summary = text.partition(". ")[0].rstrip(".")


def api_document(app: Litestar) -> Json:
    """The complete document of an application."""
    document = deepcopy(app.openapi_schema.to_schema())
    classes = ClassSchemas()
    for _, handler in _documented(app):
        for hint in _hints(handler):
            classes.of(hint)
    schemas = _with_frames(with_open_enums(classes.schemas))
    more: list[object] = []
    for plugin in app.plugins:
        if isinstance(plugin, CompletesSchemas):
            plugin.complete_schemas(schemas)
            more += plugin.examples()
    shown = examples(more)
    components = document["components"]
    components |= {"schemas": schemas, "examples": {}, **COMPONENTS}
    for item in document["paths"].values():
        for call in item.values():
            call.setdefault("security", [])  # Litestar leaves out that nothing is needed
            call["responses"] = dict(sorted(call["responses"].items()))
            _complete_request(call, shown)
            for status, response in call["responses"].items():
                if int(status) < ERROR:
                    _complete_answer(response, schemas, shown)
                else:
                    _complete_problem(status, response, components["examples"])
    return document


def _with_frames(classes: Mapping[str, Json]) -> Json:
    """The schemas of classes and of all frames, so that one generation of types has them all. A
    class that is in both is the same in both."""
    frames = frame_components()
    for name in classes.keys() & frames.keys():
        for keyword in ("properties", "enum"):
            ours, theirs = (
                set(schema.get(keyword, ())) for schema in (classes[name], frames[name])
            )
            if ours != theirs:
                raise TypeError(f"{name} is one thing in calls and another one in frames")
    schemas = {**classes, **frames}
    polled = schemas["CaughtUp"]["properties"]["frames"]
    polled["items"] = {"$ref": _REFERENCE.format(kind="schemas", name="SyncFrame")}
    return schemas


def _documented(app: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if handler.resolve_include_in_schema():
                yield route.path, handler


def _hints(handler: HTTPRouteHandler) -> Iterator[Any]:
    """The classes of the request and the answers of a call."""
    if handler.parsed_data_field is not None:
        yield handler.parsed_data_field.annotation
    answer = handler.parsed_fn_signature.return_type
    answers = answer.inner_types if answer.inner_types else (answer,)
    yield from (hint.annotation for hint in answers if hasattr(hint.annotation, "__attrs_attrs__"))
    for spec in (handler.responses or {}).values():
        if spec.data_container is not None:
            yield spec.data_container


def _complete_request(call: Json, shown: Mapping[str, Any]) -> None:
    parameters = call.setdefault("parameters", [])
    for parameter in parameters:
        _complete_parameter(parameter)
    parameters.append(REQUEST_ID)
    if content := call.get("requestBody", {}).get("content"):
        _show(content[JSON], shown)


def _complete_parameter(parameter: Json) -> None:
    """One that may be left out: Litestar reads `null` as absent where it is no text."""
    schema = parameter["schema"]
    match schema:
        case {"oneOf": [{"type": kind, **keywords}, {"type": "null"}]}:
            del schema["oneOf"]
            schema |= {"type": kind if kind == "string" else [kind, "null"], **keywords}
    schema.pop("description", None)
    for name in ("deprecated", "allowEmptyValue", "allowReserved"):
        if not parameter.get(name):
            parameter.pop(name, None)


def _complete_answer(response: Json, schemas: Mapping[str, Json], shown: Mapping[str, Any]) -> None:
    headers = response.setdefault("headers", {})
    headers.pop("cache-control", None)
    headers["Cache-Control"] = CACHE_CONTROL
    response["headers"] = dict(sorted(headers.items()))  # Litestar keeps them in a set
    content = response.get("content", {})
    if "text/event-stream" in content:
        response |= EVENT_STREAM
    elif JSON in content:
        name = _name(content[JSON])
        if not response["description"].startswith(("Ready", "Not ready")):
            meaning = schemas[name]["description"]
            response["description"] = f"A list. {meaning}" if _is_list(content[JSON]) else meaning
        if name == "CaughtUp":
            response["headers"]["ETag"] = ETAG
        _show(content[JSON], shown)
    else:
        response["headers"]["ETag"] = ETAG


def _complete_problem(status: str, response: Json, found: Json) -> None:
    """Examples are named by their code: those are the codes that the call is refused with. The
    schema allows others, since a later release may add some. Many calls share the examples, so
    these are components."""
    problem = response["content"].get(PROBLEM)
    if problem is None:
        return
    codes = [example["value"]["code"] for example in problem["examples"].values()]
    named = zip(codes, problem["examples"].values(), strict=True)
    examples_of_call = {}
    for code, example in named:
        name = f"{code}_{status}"
        if _name(problem) != "ProblemDetails":
            name = f"{_name(problem)}_{name}"
        found[name] = example
        examples_of_call[code] = {"$ref": _REFERENCE.format(kind="examples", name=name)}
    problem["examples"] = examples_of_call
    if headers := PROBLEM_HEADERS.get(status):
        response["headers"] = headers


def _show(media: Json, shown: Mapping[str, Any]) -> None:
    example = shown[_name(media)]
    media["example"] = [example] if _is_list(media) else example


def _is_list(media: Json) -> bool:
    return bool(media["schema"].get("type") == "array")


def _name(media: Json) -> str:
    """Of the class of the answer, or of the items of a list."""
    schema = media["schema"]
    schema = schema["items"] if _is_list(media) else schema
    return str(schema["$ref"]).rpartition("/")[2]
