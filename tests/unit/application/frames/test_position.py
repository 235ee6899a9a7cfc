"""Positions as clients hold them."""

import pytest

from application.frames.position import Position


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc:0", Position("abc", 0)),
        ("A-b_9:12", Position("A-b_9", 12)),
        ("a:007", Position("a", 7)),
        ("e" * 64 + ":" + "9" * 18, Position("e" * 64, 10**18 - 1)),
    ],
    ids=["beginning", "all kinds of letters", "leading zeros", "longest"],
)
def test_reads_a_position(text: str, expected: Position) -> None:
    """Epoch and number, of any size that a server gives out."""
    assert Position.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "abc",
        "abc:",
        ":5",
        "abc:-1",
        "abc:1.0",
        "abc:1 ",
        "abc:1\n",
        "a b:1",
        "abc:1:2",
        "abc:١",
        "é:1",
        "e" * 65 + ":1",
        "abc:" + "9" * 19,
    ],
)
def test_what_is_no_position_is_one_that_nobody_knows(text: str) -> None:
    """So that its client gets a fresh state instead of an error."""
    assert Position.parse(text) == Position("", 0)


def test_writes_what_it_reads() -> None:
    assert str(Position("abc", 5)) == "abc:5"
    assert Position.parse(str(Position("abc", 5))) == Position("abc", 5)
