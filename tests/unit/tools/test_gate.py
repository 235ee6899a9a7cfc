"""Planted changes of the contract: those that break are refused with an example that breaks."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.contract import SCHEMAS
from tests.unit.tools.contract import EVENT, contract, edited, touched
from tests.unit.tools.planted import (
    ANSWERS,
    CHANNELS,
    COMMAND,
    COMPONENTS,
    DEFS,
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

RELEASED = contract()
END = date.fromisoformat(RELEASED[EVENT]["x-sunset"])
TODAY = END - timedelta(days=1)

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


def report_of(
    edits: list[tuple[Any, ...]], released: dict[str, Any] = RELEASED, today: date = TODAY
) -> Report:
    """The report on the documents and the calls that are edited; the others are left out."""
    before = touched(released, edits)
    return check(before, edited(before, edits), today)


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
    if change in SENT:
        assert_breaks_as_published(edits, report.findings)


def assert_breaks_as_published(edits: list[tuple[Any, ...]], findings: list[Finding]) -> None:
    """The examples break a client that validates whole frames with the released file, as it is."""
    name = edits[0][1].partition(" > ")[0]
    current = edited({name: RELEASED[name]}, edits)
    for finding in findings:
        example = finding.example
        if isinstance(example, Instance) and not example.found.valid_under_old:
            assert is_valid(current[name], example.found.example)
            assert not is_valid(RELEASED[name], example.found.example)


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
    assert len(refused) >= 86
    assert min(len(SENT), len(TAKEN)) >= 25
    assert len(HARMLESS) >= 45
    edits = [json.dumps(change[1]) for change in [*refused, *HARMLESS]]
    assert len(set(edits)) == len(edits)


def test_a_version_may_end_on_its_day() -> None:
    """By `x-sunset` of the released document: of an event, a frame, a call or a channel."""
    event: list[tuple[Any, ...]] = [("del", EVENT), ("del", "sync.json > oneOf > PurchaseUpdateV1")]
    assert report_of(event).findings != []
    assert report_of(event, today=END) == Report()

    call = "openapi.json > paths > /api/shop/buy"
    channel = "asyncapi.json > channels > sync"
    places: dict[str, list[tuple[Any, ...]]] = {
        "frames/pong.json": [("del", "frames/pong.json")],
        f"{call} > post": [("del", call)],
        channel: [
            ("del", channel),
            *(
                ("del", f"asyncapi.json > operations > {name}")
                for name in ("sendSyncFrames", "receiveSyncPing", "receiveSyncAuth")
            ),
        ],
    }
    for place, removal in places.items():
        released = edited(RELEASED, [("set", f"{place} > x-sunset", END.isoformat())])
        for today, ended in ((TODAY, False), (END, True)):
            report = report_of(removal, released, today)
            assert (report.findings == []) is ended, place


def test_an_enumeration_is_open_from_its_first_release() -> None:
    """Clients of a closed one need not tolerate values that they do not know. In what we take, the
    mark means nothing: the listed values are taken."""
    report = report_of([("set", f"{DEFS} > PurchaseStatusV1 > x-open", True)])
    assert "data.status" in report.findings[0].place
    for finding in report.findings:
        assert_breaks(finding)

    opened = [("set", f"{COMPONENTS} > TicketEndpoint > x-open", True)]
    assert report_of(opened) == Report()
    released = edited(RELEASED, opened)
    narrower = [("drop", f"{COMPONENTS} > TicketEndpoint > enum", "legacy")]
    (finding,) = report_of(narrower, released).findings
    assert_breaks(finding)


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
        ({"type": "string", "x-open": True}, "beside an enum of strings"),
        ({"enum": [1, 2], "x-open": True}, "beside an enum of strings"),
        ({"enum": ["a"], "x-open": "yes"}, "is true or false"),
        ({"enum": ["a"], "x-open": True, "maxLength": 3}, "beside an enum of strings only"),
        ({"allOf": [{"enum": ["a"], "x-open": True}, {"type": "string"}]}, "is joined"),
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
    old = {"messages/ping.json": {"type": "string", "pattern": "^a+$"}}
    new = {"messages/ping.json": {"type": "string", "pattern": "^a{1,}$"}}
    report = check(old, new, TODAY)
    assert report.findings == []
    assert "cannot tell" in str(report.undecided[0])


def test_one_part_that_cannot_be_decided_does_not_hide_the_others() -> None:
    """Each frame and each call is compared by itself."""
    edits: list[tuple[Any, ...]] = [
        ("set", f"{ENVELOPE} > ts > pattern", "^2[0-9]+-[0-9]{2,2}"),
        ("set", "sync.json > $defs > BalanceUpdateV1Data > properties > delta", STRING),
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
    with_time = {EVENT: {**RELEASED[EVENT], "x-sunset": "2026-12-31T00:00:00Z"}}
    assert check(with_time, {}, TODAY).is_compatible()


def test_what_was_found_before_an_error_is_reported() -> None:
    """Of the same call, too."""
    edits: list[tuple[Any, ...]] = [
        ("set", f"{SPIN} > operationId", "spin"),
        ("set", f"{COMMAND} > properties > bet_amount", {"not": {}}),
    ]
    report = report_of(edits)
    assert len(report.findings) == len(report.undecided) == 1
