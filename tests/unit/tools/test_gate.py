"""Planted changes of the contract: those that break are refused with an example that breaks."""

import json
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.contract import SCHEMAS
from tests.unit.tools.contract import EVENT, contract, edited
from tests.unit.tools.planted import (
    ANSWERS,
    CHANNELS,
    COMMAND,
    ENVELOPE,
    HARMLESS,
    ROUNDS,
    SENT,
    SPIN,
    STRING,
    TAKEN,
    Change,
)
from tools.contract_gate.documents import read_documents
from tools.contract_gate.findings import Finding, Instance
from tools.contract_gate.gate import Report, check

TODAY = date(2030, 1, 1)
RELEASED = contract()

each_refused = pytest.mark.parametrize(
    "change",
    [
        pytest.param(change, id=f"{table}: {change[0]}")
        for table, changes in (
            ("sent", SENT),
            ("taken", TAKEN),
            ("answers", ANSWERS),
            ("channels", CHANNELS),
        )
        for change in changes
    ],
)


def report_of(edits: list[tuple[Any, ...]], released: dict[str, Any] = RELEASED) -> Report:
    """The report on the documents that are edited; the others are left out."""
    names = {edit[1].partition(" > ")[0] for edit in edits} or set(released)
    before = {name: released[name] for name in names if name in released}
    return check(before, edited(before, edits), TODAY)


def is_valid(schema: Any, value: object) -> bool:
    """By another validator than the gate's."""
    checker = Draft202012Validator.FORMAT_CHECKER
    return bool(Draft202012Validator(schema, format_checker=checker).is_valid(value))


def assert_breaks(finding: Finding) -> None:
    """The example breaks, by another validator, too."""
    example = finding.example
    assert example.is_real()
    if isinstance(example, Instance):
        found = example.found
        assert is_valid(found.old, found.example) is found.valid_under_old
        assert is_valid(found.new, found.example) is not found.valid_under_old


@each_refused
def test_a_change_that_breaks_is_refused(change: Change) -> None:
    """Every finding has an example that breaks; one says where and what."""
    _, edits, expected = change
    report = report_of(edits)
    assert report.undecided == []
    assert not report.is_compatible()
    for finding in report.findings:
        assert_breaks(finding)
    assert any(expected in finding.sentence() for finding in report.findings), [
        finding.sentence() for finding in report.findings
    ]


@pytest.mark.parametrize("change", HARMLESS, ids=[change[0] for change in HARMLESS])
def test_a_harmless_change_passes(change: Change) -> None:
    """Additions, narrower answers, wider requests."""
    report = report_of(change[1])
    assert [str(finding) for finding in report.findings] == []
    assert report.undecided == []


def test_the_published_documents_are_read() -> None:
    """All of them, and they are compatible with themselves."""
    documents = read_documents(SCHEMAS)
    assert {"sync.json", "legacy.json", "monitor.json", "openapi.json"} <= documents.keys()
    assert check({}, documents, TODAY) == Report()


def test_tables_are_complete() -> None:
    """As many changes as were promised, in both directions, each of them once."""
    refused = [*SENT, *TAKEN, *ANSWERS, *CHANNELS]
    assert len(refused) >= 40
    assert min(len(SENT), len(TAKEN)) >= 20
    assert len(HARMLESS) >= 20
    edits = [json.dumps(change[1]) for change in [*refused, *HARMLESS]]
    assert len(set(edits)) == len(edits)


@pytest.mark.parametrize("change", SENT, ids=[change[0] for change in SENT])
def test_examples_break_the_documents_as_they_are_published(change: Change) -> None:
    """What a client gets that validates whole frames with the released file, as it is."""
    _, edits, _ = change
    name = edits[0][1].partition(" > ")[0]
    frames = [
        finding.example.found
        for finding in report_of(edits).findings
        if isinstance(finding.example, Instance) and not finding.example.found.valid_under_old
    ]
    current = edited(RELEASED, edits)
    for found in frames:
        assert is_valid(current[name], found.example)
        assert not is_valid(RELEASED[name], found.example)


@pytest.mark.parametrize(("end", "ended"), [("2029-12-31", True), ("2030-01-02", False)])
def test_a_version_may_end_on_its_day(end: str, ended: bool) -> None:
    """By `x-sunset` of the released document: of an event, a frame, a call or a channel."""
    places: dict[str, list[tuple[Any, ...]]] = {
        EVENT: [("del", EVENT)],
        "sync.json > oneOf > purchase_update": [("del", "sync.json > oneOf > purchase_update")],
        "openapi.json > paths > /api/shop/buy > post": [
            ("del", "openapi.json > paths > /api/shop/buy")
        ],
        "asyncapi.json > channels > sync": [
            ("del", "asyncapi.json > channels > sync"),
            ("set", "asyncapi.json > operations", {}),
        ],
    }
    for place, removal in places.items():
        released = edited(RELEASED, [("set", f"{place} > x-sunset", end)])
        report = report_of(removal, released)
        # The close codes go with their channel, but they have no end of their own.
        findings = [one for one in report.findings if "close code" not in one.place]
        assert (findings == []) is ended, place


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "object", "patternProperties": {}}, "the keyword patternProperties"),
        ({"type": "string", "format": "postcode"}, "the format postcode"),
        ({"type": "money"}, "no type money"),
        ({"$ref": "other.json"}, "out of the document"),
        ({"$ref": "#/$defs/missing"}, "leads nowhere"),
        ({"properties": {"a": {"$ref": "#"}}, "type": "object"}, "out of the document"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "two branches of a oneOf"),
        ({"allOf": [{"pattern": "a"}, {"pattern": "b"}]}, "different pattern"),
        ({"properties": {}, "allOf": [{"properties": {"a": {}}}]}, "properties are joined"),
    ],
)
def test_what_the_gate_does_not_know_is_an_error(schema: Any, problem: str) -> None:
    """It does not pass because it was not understood, even in a new document."""
    for released in ({}, {"sync.json": {"type": "string"}}):
        report = check(released, {"sync.json": schema}, TODAY)
        assert not report.is_compatible()
        assert problem in str(report.undecided[0])


def test_definitions_that_contain_themselves_are_an_error() -> None:
    """They have no end when they are written out."""
    tree = {"$ref": "#/$defs/Tree", "$defs": {"Tree": {"items": {"$ref": "#/$defs/Tree"}}}}
    assert "contains itself" in check({}, {"sync.json": tree}, TODAY).undecided[0].reason


def test_a_document_of_unknown_direction_is_an_error() -> None:
    """Unless it says its direction."""
    assert "x-direction" in check({}, {"else.json": {}}, TODAY).undecided[0].reason
    narrower = {"maxLength": 3, "type": "string"}
    for direction, compatible in (("sent", True), ("taken", False)):
        old = {"x-direction": direction, "type": "string"}
        new = {**narrower, "x-direction": direction}
        assert check({"else.json": old}, {"else.json": new}, TODAY).is_compatible() is compatible


def test_what_cannot_be_decided_does_not_pass() -> None:
    """Two patterns of which one may lie within the other, and no example."""
    old = {"client.json": {"type": "string", "pattern": "^a+$"}}
    new = {"client.json": {"type": "string", "pattern": "^a{1,}$"}}
    report = check(old, new, TODAY)
    assert report.findings == []
    assert "cannot tell" in str(report.undecided[0])


def test_one_part_that_cannot_be_decided_does_not_hide_the_others() -> None:
    """Each frame and each call is compared by itself."""
    edits: list[tuple[Any, ...]] = [
        ("set", f"{ENVELOPE} > ts > pattern", "^2[0-9]+-[0-9]{2,2}"),
        ("set", "sync.json > $defs > BalanceUpdate > properties > delta", STRING),
        ("set", f"{ROUNDS} > parameters > 0 > schema", {"not": {}}),
        ("set", f"{SPIN} > operationId", "spin"),
    ]
    released = edited(RELEASED, [("set", f"{ENVELOPE} > ts > pattern", "^2[0-9]{1,}-[0-9][0-9]")])
    report = report_of(edits, released)
    places = [one.place for one in report.undecided]
    assert places == ["GET /api/fairness/rounds", "purchase_update version 1"]
    assert [one.place for one in report.findings] == [
        "POST /api/games/slot/spin",
        "balance_update version 1: data.delta",
    ]


def frame(kind: str, **fields: Any) -> dict[str, Any]:
    """The schema of a frame of this type."""
    properties = {"type": {"const": kind}, **fields}
    return {"type": "object", "properties": properties, "required": ["type", *fields]}


def test_unions_of_frames_may_be_nested() -> None:
    """New types are compatible at any depth; what stands beside a union is not forgotten."""
    old = {"oneOf": [{"oneOf": [frame("a", x=STRING), frame("b")]}, frame("c")]}
    new = {"oneOf": [{"oneOf": [frame("a", x=STRING), frame("b"), frame("d")]}, frame("c")]}
    assert check({"sync.json": old}, {"sync.json": new}, TODAY) == Report()
    gone = {"oneOf": [{"oneOf": [frame("a", x=STRING)]}, frame("c")]}
    findings = check({"sync.json": old}, {"sync.json": gone}, TODAY).findings
    assert [finding.place for finding in findings] == ["b"]

    beside = {"required": ["y"], "oneOf": [frame("a"), frame("b")]}
    without = {"oneOf": [frame("a"), frame("b")]}
    assert not check({"sync.json": beside}, {"sync.json": without}, TODAY).is_compatible()


def test_an_end_that_is_no_date_is_an_error() -> None:
    """It would end nothing, or everything."""
    released = {EVENT: {**RELEASED[EVENT], "x-sunset": "next year"}}
    assert "x-sunset" in check(released, {}, TODAY).undecided[0].reason
    with_time = {EVENT: {**RELEASED[EVENT], "x-sunset": "2029-12-31T00:00:00Z"}}
    assert check(with_time, {}, TODAY).is_compatible()


def test_what_was_found_before_an_error_is_reported() -> None:
    """Of the same call, too."""
    edits: list[tuple[Any, ...]] = [
        ("set", f"{SPIN} > operationId", "spin"),
        ("set", f"{COMMAND} > properties > bet_amount", {"not": {}}),
    ]
    report = report_of(edits)
    assert len(report.findings) == len(report.undecided) == 1
