"""The audit chain: nothing can be changed, removed, inserted or exchanged unnoticed."""

from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.audit import AuditChain, AuditEntry, AuditHead
from domain.errors import InvalidInput
from tests.support.audit import SECRET, a_record

OTHER_SECRET = "another secret of the same length, ok"
texts = st.text(max_size=5)


def log_of(count: int, chain: AuditChain, head: AuditHead | None = None) -> list[AuditEntry]:
    """A log with so many entries, behind this head."""
    entries, last = [], head or AuditHead()
    for number in range(count):
        entry = chain.entry(last, a_record(number))
        entries.append(entry)
        last = entry.head
    return entries


def first_flaw(chain: AuditChain, entries: list[AuditEntry]) -> int | None:
    """The index of the first entry that the chain finds wrong."""
    befores = [None, *entries]
    for index, (before, entry) in enumerate(zip(befores, entries, strict=False)):
        if chain.flaw(before, entry):
            return index
    return None


@given(count=st.integers(0, 6))
def test_an_untouched_log_is_whole(count: int) -> None:
    """No entry has a flaw, also for a node that was started later."""
    assert first_flaw(AuditChain([SECRET]), log_of(count, AuditChain([SECRET]))) is None


FIELDS = [
    *(f"record.{field.name}" for field in attrs.fields(type(a_record()))),
    *(field.name for field in attrs.fields(AuditEntry) if field.name != "record"),
]


@given(data=st.data(), count=st.integers(1, 6), name=st.sampled_from(FIELDS))
def test_any_changed_field_is_found(data: st.DataObject, count: int, name: str) -> None:
    """Whichever field of whichever entry, it is the first one found wrong."""
    entries = log_of(count, AuditChain([SECRET]))
    index = data.draw(st.integers(0, count - 1))
    holder: Any = entries[index]
    field = name.removeprefix("record.")
    owner = holder.record if name.startswith("record.") else holder
    before = getattr(owner, field)
    drawn = data.draw(
        texts
        if isinstance(before, str)
        else st.integers(-5, 5)
        if isinstance(before, int)
        else st.datetimes(timezones=st.just(before.tzinfo)).map(
            lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
        )
    )
    assume(drawn != before)
    changed = attrs.evolve(owner, **{field: drawn})
    entries[index] = changed if owner is holder else attrs.evolve(holder, record=changed)
    assert first_flaw(AuditChain([SECRET]), entries) == index


@given(data=st.data(), count=st.integers(2, 6))
def test_a_removed_entry_is_found(data: st.DataObject, count: int) -> None:
    """The entry behind it is wrong, also if the numbers are closed up. The last one is a
    matter of the head."""
    entries = log_of(count, AuditChain([SECRET]))
    index = data.draw(st.integers(0, count - 2))
    del entries[index]
    closed_up = [attrs.evolve(e, number=n) for n, e in enumerate(entries, start=1)]
    assert first_flaw(AuditChain([SECRET]), entries) == index
    assert first_flaw(AuditChain([SECRET]), closed_up) == index


@given(data=st.data(), count=st.integers(2, 6), numbers=st.booleans())
def test_exchanged_entries_are_found(data: st.DataObject, count: int, numbers: bool) -> None:
    """Whether or not the numbers are exchanged, too."""
    entries = log_of(count, AuditChain([SECRET]))
    first = data.draw(st.integers(0, count - 2))
    second = data.draw(st.integers(first + 1, count - 1))
    one, other = entries[first], entries[second]
    if numbers:
        one = attrs.evolve(one, number=other.number)
        other = attrs.evolve(other, number=entries[first].number)
    entries[first], entries[second] = other, one
    assert first_flaw(AuditChain([SECRET]), entries) == first


@given(data=st.data(), count=st.integers(1, 6))
def test_an_inserted_entry_is_found(data: st.DataObject, count: int) -> None:
    """A copy of an entry, an entry of another key, and one at the end."""
    entries = log_of(count, AuditChain([SECRET]))
    index = data.draw(st.integers(0, count))
    before = AuditHead() if index == 0 else entries[index - 1].head
    foreign = AuditChain([OTHER_SECRET]).entry(before, a_record())
    key_id = entries[0].key_id
    copies = entries[max(0, index - 1) : index]
    for inserted in (foreign, attrs.evolve(foreign, key_id=key_id), *copies):
        tampered = [*entries[:index], inserted, *entries[index:]]
        renumbered = [attrs.evolve(e, number=n) for n, e in enumerate(tampered, start=1)]
        assert first_flaw(AuditChain([SECRET]), tampered) == index
        assert first_flaw(AuditChain([SECRET]), renumbered) == index


def test_the_secret_can_be_rotated() -> None:
    """Entries of both keys are right, but not an entry of the old key behind one of the new."""
    old, new = AuditChain([OTHER_SECRET]), AuditChain([SECRET, OTHER_SECRET])
    entries = log_of(2, old)
    entries += log_of(2, new, entries[-1].head)
    assert first_flaw(new, entries) is None
    assert first_flaw(AuditChain([SECRET]), entries) == 0
    assert first_flaw(new, [*entries, *log_of(1, old, entries[-1].head)]) == 4


def test_a_head_can_be_noted() -> None:
    """It is read as it was written."""
    head = log_of(3, AuditChain([SECRET]))[-1].head
    assert AuditHead.parse(f" {head}\n") == head


@pytest.mark.parametrize("text", ["", "3", "3:", ":", "x:" + "a" * 64, "3:abc", "-1:" + "a" * 64])
def test_what_is_no_head(text: str) -> None:
    with pytest.raises(InvalidInput):
        AuditHead.parse(text)
