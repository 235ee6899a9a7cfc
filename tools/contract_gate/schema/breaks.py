"""Whether a schema may take the place of another: for what we send, and for what we take."""

import json
from functools import lru_cache
from typing import Any

from attrs import frozen

from tools.contract_gate.schema.comparing.differences import Difference, differences
from tools.contract_gate.schema.comparing.removed import removed
from tools.contract_gate.schema.errors import Undecidable
from tools.contract_gate.schema.examples.sampling import sample
from tools.contract_gate.schema.reading.parsing import parse
from tools.contract_gate.schema.reading.rewriting import Schema, opened, strict, tolerant
from tools.contract_gate.schema.validity import is_valid, same


def example_of(schema: Schema) -> Any:
    """A value that is valid, with no field that the schema does not declare."""
    closed = strict(schema)
    value = sample(parse(closed))
    if not is_valid(closed, value):
        raise Undecidable("the validator does not agree about an example")
    return value


@frozen
class Break:
    """An incompatible difference. `example` is valid under one of the two schemas only."""

    place: tuple[str, ...]
    kind: str
    was: str
    now: str
    example: Any
    valid_under_old: bool
    old: Schema
    new: Schema

    def is_real(self) -> bool:
        """Whether a validator agrees."""
        valid = is_valid(self.old, self.example), is_valid(self.new, self.example)
        return valid == (self.valid_under_old, not self.valid_under_old)


def breaks_of_sent(old: Schema, new: Schema) -> list[Break]:
    """What clients that validate by `old`, or read its fields, cannot use of what we send now.

    Clients tolerate fields that they do not know, and values of open enumerations. We send what the
    schema declares; of an open enumeration that is any text, because values may follow.
    """
    if same(old, new):
        _check_readable(json.dumps(opened(tolerant(new))))
        return []
    sent, read = strict(tolerant(new)), opened(tolerant(old))
    found = [
        Break(each.place, each.kind, each.limit, each.admitted, each.example, False, read, sent)
        for each in differences(parse(sent), parse(read))
    ]
    known = {each.place for each in found}
    declared, current = strict(old), strict(new)
    lost = [each for each in removed(parse(declared), parse(current)) if each.place not in known]
    return _verified([*found, *(_old_only(each, declared, current) for each in lost)])


def breaks_of_taken(old: Schema, new: Schema) -> list[Break]:
    """What clients that send by `old` can no longer send, or what is ignored from now on."""
    written, understood = strict(old), strict(new)
    if same(written, understood):
        _check_readable(json.dumps(understood))
        return []
    found = differences(parse(written), parse(understood))
    return _verified([_old_only(each, written, understood) for each in found])


@lru_cache(maxsize=1024)
def _check_readable(schema: str) -> None:
    """Unsupported if it says something unknown. Most parts of a contract are as they were, and many
    parts, such as problems, are in many places."""
    parse(json.loads(schema))


def _old_only(each: Difference, old: Schema, new: Schema) -> Break:
    return Break(each.place, each.kind, each.admitted, each.limit, each.example, True, old, new)


def _verified(found: list[Break]) -> list[Break]:
    for each in found:
        if not each.is_real():
            place = ".".join(each.place)
            raise Undecidable(f"the validator does not agree about the example for {place}")
    return found
