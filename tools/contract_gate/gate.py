"""The comparison of all documents with those of a release."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from attrs import field, frozen

from tools.contract_gate.asyncapi import compare_asyncapi
from tools.contract_gate.documents import Documents, Kind, kind_of
from tools.contract_gate.findings import Finding, Member, Outcome, Undecided, as_json, attempt
from tools.contract_gate.frames import branches_of, compare_sent, compare_taken
from tools.contract_gate.openapi.compare import compare_openapi
from tools.contract_gate.schema.breaks import example_of
from tools.contract_gate.schema.errors import GateError
from tools.contract_gate.schema.reading.rewriting import inlined
from tools.contract_gate.sunset import has_ended


@frozen
class Report:
    """What was found. `undecided` says what the gate could not compare, and why."""

    findings: list[Finding] = field(factory=list)
    undecided: list[Undecided] = field(factory=list)

    def is_compatible(self) -> bool:
        """Whether everything was compared, and nothing breaks."""
        return not self.findings and not self.undecided


def check(released: Documents, current: Documents, today: date) -> Report:
    """Compare each released document with the current one; further ones are compatible."""
    report = Report()
    for name in sorted({*released, *current}):
        compare = partial(_compared, name, released, current, today)
        for outcome in attempt(name, "the document", compare):
            if isinstance(outcome, Finding):
                report.findings.append(outcome)
            else:
                report.undecided.append(outcome)
    return report


def _compared(name: str, released: Documents, current: Documents, today: date) -> Iterator[Outcome]:
    if name not in released:
        # It must be readable by the time of the next release.
        yield from _with_kind(name, current[name], current[name], today)
    elif name in current:
        yield from _with_kind(name, released[name], current[name], today)
    elif not has_ended(released[name], today):
        text = _example(name, released[name])
        example = Member(text, name, frozenset(released), frozenset(current))
        yield Finding(name, "the document", "was removed", _keep(name, released[name]), example)


def _with_kind(name: str, old: Any, new: Any, today: date) -> list[Outcome]:
    kind = kind_of(name, old)
    if kind is not kind_of(name, new):
        raise GateError(f"it described {kind.value} in the release, and no longer does")
    match kind:
        case Kind.OPENAPI:
            return compare_openapi(name, old, new, today)
        case Kind.ASYNCAPI:
            return compare_asyncapi(name, old, new, today)
        case Kind.SENT:
            return compare_sent(name, branches_of(old), branches_of(new), today)
        case Kind.TAKEN:
            return [*compare_taken(name, old, new)]


def _example(name: str, document: Any) -> str:
    if kind_of(name, document) in {Kind.SENT, Kind.TAKEN}:
        return as_json(example_of(inlined(document, document)))
    return name


def _keep(name: str, document: Any) -> str:
    if kind_of(name, document) is Kind.SENT:
        return "Keep it, with x-sunset: the date from which on it may be removed."
    return "Keep it: what it describes is used by clients."
