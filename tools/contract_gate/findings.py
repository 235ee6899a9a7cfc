"""What the gate reports: a sentence, advice, and an example that breaks."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen

from tools.contract_gate.schema.breaks import Break
from tools.contract_gate.schema.errors import GateError


def as_json(value: Any) -> str:
    """One line of JSON."""
    return json.dumps(value, ensure_ascii=False)


@frozen
class Instance:
    """A value that one of two schemas admits; `written` shows it."""

    found: Break
    written: Callable[[Any], str] = as_json

    def is_real(self) -> bool:
        """Whether a validator agrees."""
        return self.found.is_real()

    def shown(self) -> str:
        """The example with a heading."""
        valid, invalid = "the released contract", "the current one"
        if not self.found.valid_under_old:
            valid, invalid = "the current contract", "the released one"
        return f"Valid under {valid}, refused by {invalid}:\n{self.written(self.found.example)}"


@frozen
class Member:
    """Something that the released document lists and the current one does not."""

    text: str
    member: Any
    old: frozenset[Any]
    new: frozenset[Any]

    def is_real(self) -> bool:
        """Whether it is in the one and not in the other."""
        return self.member in self.old and self.member not in self.new

    def shown(self) -> str:
        """The example with a heading."""
        return f"In the released contract, and not in the current one:\n{self.text}"


@frozen
class Finding:
    """One incompatible change."""

    document: str
    place: str
    change: str
    remedy: str
    example: Instance | Member

    def sentence(self) -> str:
        """Where, what, and what to do instead."""
        return f"{self.document}: {self.place} {self.change}. {self.remedy}"

    def __str__(self) -> str:
        shown = self.example.shown().replace("\n", "\n    ")
        return f"{self.sentence()}\n    {shown}"


@frozen
class Undecided:
    """A part of the contract that could not be compared, and why. It does not pass."""

    document: str
    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.document}: {self.place}: {self.reason}"


Outcome = Finding | Undecided


def attempt(document: str, place: str, compare: Callable[[], Iterable[Outcome]]) -> list[Outcome]:
    """The outcomes of a comparison; one part that cannot be compared does not hide the others."""
    outcomes: list[Outcome] = []
    try:
        outcomes.extend(compare())  # keeps what comes before an error
    except GateError as error:
        outcomes.append(Undecided(document, place, str(error)))
    return outcomes


def in_words(place: tuple[str, ...]) -> str:
    """A place in a document: `data.reels[]`; `*` stands for any name."""
    return ".".join(place).replace(".[]", "[]") or "the document"


def change_of(found: Break, sent: bool) -> str:
    """The predicate of the sentence about a break."""
    if found.kind == "missing":
        return "can be missing now" if sent else "is required now"
    if found.kind == "unknown":
        return f"was removed (it was: {found.was})"
    return f"was {found.was}; now it is {found.now}"
