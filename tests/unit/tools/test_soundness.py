"""Random pairs of schemas: the gate never passes what breaks, and never claims what does not."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, assume, event, given, note, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema_rs import canonicalize
from jsonschema_rs.canonical import Containment

from tests.unit.tools.random_schemas import Schema, pairs, values_of
from tools.contract_gate.schema.breaks import Break, breaks_of_sent, breaks_of_taken
from tools.contract_gate.schema.errors import Undecidable, Unsupported
from tools.contract_gate.schema.reading.rewriting import Schema as Part
from tools.contract_gate.schema.reading.rewriting import opened, strict, tolerant


def is_valid(schema: Part, value: object) -> bool:
    """By another validator than the gate's."""
    checker = Draft202012Validator.FORMAT_CHECKER
    return bool(Draft202012Validator(schema, format_checker=checker).is_valid(value))


def found(direction: str, old: Schema, new: Schema) -> tuple[list[Break], Part, Part]:
    """The breaks; what is written; what is read."""
    try:
        if direction == "sent":
            # More values of open enumerations may follow, and are tolerated.
            return breaks_of_sent(old, new), strict(tolerant(new)), opened(tolerant(old))
        return breaks_of_taken(old, new), strict(old), strict(new)
    except (Undecidable, Unsupported) as error:
        # It does not pass either; `test_few_pairs_are_undecided` limits how often.
        event(type(error).__name__)
        assume(False)
        raise


@pytest.mark.parametrize("direction", ["sent", "taken"])
@given(pair=pairs(), data=st.data())
@settings(suppress_health_check=list(HealthCheck), deadline=None)
def test_gate_is_sound(direction: str, pair: tuple[Schema, Schema], data: st.DataObject) -> None:
    """Compatible: no value that is written is refused by who reads. Incompatible: the examples
    are, by another validator."""
    old, new = pair
    breaks, written, read = found(direction, old, new)
    for each in breaks:
        event(each.kind)
        note(f"{each}")
        assert is_valid(each.old, each.example) is each.valid_under_old
        assert is_valid(each.new, each.example) is not each.valid_under_old
    if not breaks:
        event("compatible")
        # The library's own proof, which knows nothing of our comparison.
        reader, writer = (canonicalize(each, validate_formats=True) for each in (read, written))
        assert reader.covers(writer) is not Containment.NO
        value = data.draw(values_of(written))
        assert is_valid(read, value) or not is_valid(written, value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"enum": [1]}, {"enum": [True]}),
        ({"enum": [False, True]}, {"enum": [0, 1]}),
        ({"const": [1]}, {"const": [True]}),
        ({"const": {"a": 0}}, {"const": {"a": False}}),
        ({"const": 1}, {"allOf": [{"const": [1]}, {"const": [True]}]}),
    ],
)
def test_numbers_are_no_booleans(old: Schema, new: Schema) -> None:
    """They are equal in Python, and not in JSON. 1 and 1.0 are the same."""
    for compare in (breaks_of_sent, breaks_of_taken):
        for pair in ((old, new), (new, old)):
            try:
                assert compare(*pair) != []
            except Unsupported:
                assert "allOf" in new
    assert breaks_of_taken({"enum": [1, 2.0]}, {"enum": [1.0, 2]}) == []


def test_few_pairs_are_undecided() -> None:
    """The gate would be sound if it never decided."""
    outcomes: Counter[str] = Counter()

    @given(pair=pairs())
    @settings(suppress_health_check=list(HealthCheck), deadline=None, database=None)
    def compare(pair: tuple[Schema, Schema]) -> None:
        for compared in (breaks_of_sent, breaks_of_taken):
            try:
                outcomes["breaks" if compared(*pair) else "compatible"] += 1
            except (Undecidable, Unsupported):
                outcomes["undecided"] += 1

    compare()
    assert outcomes["undecided"] < outcomes.total() / 5
    assert min(outcomes["breaks"], outcomes["compatible"]) > outcomes.total() / 20
