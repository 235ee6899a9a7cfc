"""What nodes tell each other, there and back."""

import pytest

from application.cluster.messages import (
    GAMES,
    REVOKED,
    is_user_topic,
    pack_entries,
    pack_games,
    pack_revoked,
    unpack_entries,
    unpack_games,
    unpack_revoked,
    user_topic,
)
from application.frames.legacy_game_event import LegacyGameEvent
from application.ports.storage.journal import JournalEntry

ENTRIES = [
    JournalEntry(9, "user_action", b'{"a": "b c"}'),
    JournalEntry(10, "game_event", b"{}"),
    JournalEntry(11, "x", '{"n":"é"}'.encode()),
]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_entries_come_back(count: int) -> None:
    """With their numbers, types and the bytes of their envelopes, spaces included."""
    message = pack_entries(7, ENTRIES[:count])
    assert unpack_entries(message.payload) == (7, ENTRIES[:count])


def test_entries_go_to_their_user() -> None:
    """The payload is a line of numbers, and then one a line."""
    message = pack_entries(7, ENTRIES[:2])
    assert message.topic == user_topic(7) == "user.7"
    assert message.payload == b'7 9\nuser_action {"a": "b c"}\ngame_event {}'


def test_games_come_back() -> None:
    """Of several users, spaces included."""
    games = [
        LegacyGameEvent(7, 3, "slot", b'{"type": "game_event"}'),
        LegacyGameEvent(8, 1, "rps", b"{}"),
    ]
    message = pack_games(games)
    assert message.topic == GAMES
    assert unpack_games(message.payload) == games


def test_revoked_login_comes_back() -> None:
    """A login id is all that has to be known."""
    message = pack_revoked("abc-123")
    assert message.topic == REVOKED
    assert unpack_revoked(message.payload) == "abc-123"


@pytest.mark.parametrize(
    ("topic", "expected"), [(user_topic(1), True), (GAMES, False), (REVOKED, False)]
)
def test_user_topics_are_told_from_others(topic: str, expected: bool) -> None:
    assert is_user_topic(topic) is expected
