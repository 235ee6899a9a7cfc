"""What nodes tell each other through the Broadcaster: topics and payloads.

A payload is a head line of numbers and then one encoded frame a line: ready bytes, which the
receiving nodes pass on as they are.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from application.frames.legacy_game_event import LegacyGameEvent
from application.ports.storage.journal import JournalEntry
from domain.broadcaster import Message

GAMES = "games"
"""Every user's game events in the flat dialect, for monitors."""

REVOKED = "revoked"
"""Ids of logins that ended before their time."""

NOTICES = "announcements"
"""What operators tell everybody."""

_USER = "user."


def user_topic(user_id: int) -> str:
    """All events of one user."""
    return f"{_USER}{user_id}"


def is_user_topic(topic: str) -> bool:
    return topic.startswith(_USER)


def pack_entries(user_id: int, entries: Sequence[JournalEntry]) -> Message:
    """Consecutive entries of one user: `<user id> <first seq>`, then `<type> <envelope>` each."""
    lines = [b"%d %d" % (user_id, entries[0].seq)]
    lines += [b"%b %b" % (entry.type.encode(), entry.envelope) for entry in entries]
    return Message(user_topic(user_id), b"\n".join(lines))


def unpack_entries(payload: bytes) -> tuple[int, list[JournalEntry]]:
    head, *lines = payload.split(b"\n")
    user_id, first_seq = map(int, head.split())
    entries = []
    for seq, line in enumerate(lines, start=first_seq):
        event_type, _, envelope = line.partition(b" ")
        entries.append(JournalEntry(seq, event_type.decode(), envelope))
    return user_id, entries


def pack_games(games: Iterable[LegacyGameEvent]) -> Message:
    """`<user id> <seq> <game type> <flat frame>` a line."""
    lines = (
        b"%d %d %b %b" % (game.user_id, game.seq, game.game_type.encode(), game.frame)
        for game in games
    )
    return Message(GAMES, b"\n".join(lines))


def unpack_games(payload: bytes) -> list[LegacyGameEvent]:
    games = []
    for line in payload.split(b"\n"):
        user_id, seq, game_type, frame = line.split(b" ", 3)
        games.append(LegacyGameEvent(int(user_id), int(seq), game_type.decode(), frame))
    return games


def pack_revoked(login_id: str) -> Message:
    return Message(REVOKED, login_id.encode())


def unpack_revoked(payload: bytes) -> str:
    return payload.decode()


def pack_notice(notice_id: UUID, frame: bytes) -> Message:
    """`<id> <frame>`"""
    return Message(NOTICES, b"%b %b" % (str(notice_id).encode(), frame))


def unpack_notice(payload: bytes) -> tuple[str, bytes]:
    notice_id, _, frame = payload.partition(b" ")
    return notice_id.decode(), frame
