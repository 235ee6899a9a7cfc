"""Two OpenAPI documents: which calls of deployed clients no longer work."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any

from tools.contract_gate.findings import (
    Finding,
    Instance,
    Member,
    Outcome,
    attempt,
    change_of,
    in_words,
)
from tools.contract_gate.openapi.messages import answer_text, request_text
from tools.contract_gate.openapi.operations import Answer, Operation, operations
from tools.contract_gate.schema.breaks import breaks_of_sent, breaks_of_taken, example_of
from tools.contract_gate.schema.reading.rewriting import Schema
from tools.contract_gate.sunset import has_ended

KEEP_CALL = "Keep the call, with x-sunset, and add a new one beside it."
KEEP_REQUEST = "Keep taking what clients send today; add an optional field or a new call."
KEEP_ANSWER = "Keep it as it was, and add a new field, or a new call that answers otherwise."
KEEP_ERROR = "Clients decide by it what to do: keep it, and add another one for new cases."
KEEP_ACCESS = "Keep accepting the credentials that clients have; add the new ones as alternatives."

_FORM = ("type", "scheme", "in", "name")
"""What a client must know of a security scheme; the format of bearer tokens is a hint."""


def compare_openapi(name: str, old: Any, new: Any, today: date) -> list[Outcome]:
    """New calls, optional parameters, statuses, codes and media types are compatible."""
    before, after = operations(old), operations(new)
    outcomes: list[Outcome] = []
    for key, operation in before.items():
        if key in after:
            compare = partial(_compare, name, operation, after[key])
            outcomes += attempt(name, operation.name(), compare)
        elif not has_ended(operation.described, today):
            text = _plain_request(operation)
            example = Member(text, key, frozenset(before), frozenset(after))
            outcomes.append(Finding(name, operation.name(), "was removed", KEEP_CALL, example))
    return outcomes


def _compare(name: str, old: Operation, new: Operation) -> Iterator[Finding]:
    yield from _id(name, old, new)
    yield from _security(name, old, new)
    for each in breaks_of_taken(old.request(), new.request()):
        place = f"{old.name()}: {_request_place(each.place)}"
        example = Instance(each, partial(request_text, old))
        yield Finding(name, place, change_of(each, sent=False), KEEP_REQUEST, example)
    yield from _answers(name, old, new)
    for status in old.responses():
        yield from _codes(name, status, old, new)


def _request_place(place: tuple[str, ...]) -> str:
    """The parameter or the field of the body."""
    if place[0] == "body":
        return f"the body ({place[1]}) " + in_words(place[2:]) if len(place) > 1 else "the body"
    if len(place) == 1:
        return f"the {place[0]}"
    return f"the {place[0]} parameter {in_words(place[1:])}"


def _plain_request(operation: Operation) -> str:
    return request_text(operation, example_of(operation.request()))


def _id(name: str, old: Operation, new: Operation) -> Iterator[Finding]:
    before, after = old.operation_id(), new.operation_id()
    if before is not None and before != after:
        text = f"{before}(…)  # sends\n{_plain_request(old)}"
        example = Member(text, before, frozenset({before}), frozenset({after}))
        change = f"has the operation id {after}; it was {before}"
        remedy = "Clients are generated with this name: keep it."
        yield Finding(name, old.name(), change, remedy, example)


def _security(name: str, old: Operation, new: Operation) -> Iterator[Finding]:
    """Each way in must still be one: no further scheme or scope, and the same form."""
    before, after = _ways_in(old), _ways_in(new)
    kept = frozenset(way for way in before if any(other <= way for other in after))
    for way in before:
        if way not in kept:
            schemes = ", ".join(sorted({part[0] for part in way})) or "no credentials"
            text = f"{_plain_request(old)}\n(with {schemes})"
            example = Member(text, way, frozenset(before), kept)
            change = f"can no longer be called with {schemes} as before"
            yield Finding(name, old.name(), change, KEEP_ACCESS, example)


def _ways_in(operation: Operation) -> list[frozenset[tuple[str, ...]]]:
    """Each alternative as the set of what a client must have."""
    described = operation.document.get("components", {}).get("securitySchemes", {})
    ways = []
    for alternative in operation.security():
        parts: set[tuple[str, ...]] = set()
        for scheme, scopes in alternative.items():
            form = tuple(str(described.get(scheme, {}).get(key)) for key in _FORM)
            parts.add((scheme, *form))
            parts.update((scheme, *form, scope) for scope in scopes)
        ways.append(frozenset(parts))
    return ways


def _answers(name: str, old: Operation, new: Operation) -> Iterator[Finding]:
    before, after = old.answers(), new.answers()
    for answer, schema in before.items():
        status, media_type = answer
        if answer not in after:
            yield _answer_removed(name, old, answer, schema, frozenset(after))
            continue
        for each in breaks_of_sent(schema, after[answer]):
            what = {"header": "header", "content": "field"}[each.place[0]]
            place = f"{old.name()}: status {status} {media_type}, {what} "
            example = Instance(each, partial(answer_text, old, answer))
            place += in_words(each.place[1:])
            yield Finding(name, place, change_of(each, sent=True), KEEP_ANSWER, example)


def _answer_removed(
    name: str, old: Operation, answer: Answer, schema: Schema, current: Iterable[Answer]
) -> Finding:
    status, media_type = answer
    gone = f"status {status}"
    if any(each[0] == status for each in current):
        gone += f" as {media_type}" if media_type else " without a body"
    text = answer_text(old, answer, example_of(schema))
    example = Member(text, answer, frozenset(old.answers()), frozenset(current))
    return Finding(name, f"{old.name()}: {gone}", "was removed", KEEP_ERROR, example)


def _codes(name: str, status: str, old: Operation, new: Operation) -> Iterator[Finding]:
    before, after = old.codes(status), new.codes(status)
    if status not in new.responses():
        return
    for code in sorted(before - after):
        elsewhere = [each for each in new.responses() if code in new.codes(each)]
        moved = f"has status {elsewhere[0]} now" if elsewhere else "was removed"
        text = f'{old.name()} answers\nHTTP/1.1 {status}\n\n{{"code": "{code}", …}}'
        example = Member(text, code, before, after)
        yield Finding(
            name, f"{old.name()}: status {status}, code {code}", moved, KEEP_ERROR, example
        )
