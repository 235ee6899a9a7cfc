"""The MessageFormat: messages between nodes as lines of text.

The first words of a line are ids, numbers and names, separated by spaces. They are followed by an
encoded envelope or frame, if any, which the receiving node writes to its sockets unchanged: nothing
is decoded and encoded again for fan-out. Envelopes contain no line breaks (`Codec`).

The words of membership messages (`hello`, `beat`, `bye`, `census`, `roster`) are part of the format
and stay as they are, because nodes of two versions run together during a deploy.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from attrs import astuple

from application.cluster.event_range import EventRange, is_user_topic, user_topic
from application.cluster.membership_messages import (
    NODES,
    PRESENCE,
    Heartbeat,
    Join,
    Leave,
    PresenceChange,
    PresenceSnapshot,
    SyncRequest,
)
from application.cluster.messages import (
    ACCOUNTS,
    GAMES,
    NOTICES,
    REVOKED,
    SOCKETS,
    AccountChanged,
    GamesPlayed,
    LoginRevoked,
    NoticeSent,
    UserSocketCount,
)
from application.cluster.session_messages import (
    SESSIONS,
    OpenSession,
    SessionsAnswer,
    SessionsQuestion,
)
from application.frames.control_frames import Notice
from application.frames.legacy_game_event import LegacyGameEvent
from application.ports.message_format import MessageFormat
from application.ports.storage.journal import JournalEntry
from domain.account import Role
from domain.broadcaster import Message

_ALL_NODES = "*"
_NO_ROLE = "-"


class LineMessageFormat(MessageFormat):
    """See the module docstring. One line per item."""

    def pack(self, message: Message) -> bytes:
        pack: Callable[[Any], bytes] = _PACK[type(message)]
        return pack(message)

    def unpack(self, topic: str, payload: bytes) -> Message:
        if is_user_topic(topic):
            return _unpack_events(topic, payload)
        unpack = _UNPACK.get(topic)
        if unpack is None:
            raise ValueError(f"unknown topic {topic!r}")
        return unpack(payload)


def _pack_events(events: EventRange) -> bytes:
    """First line: `<user id> <first seq>`. Then one line per entry: `<type> <envelope>`."""
    lines = [b"%d %d" % (events.user_id, events.first_seq)]
    lines += [b"%b %b" % (entry.type.encode(), entry.envelope) for entry in events.entries]
    return b"\n".join(lines)


def _unpack_events(topic: str, payload: bytes) -> EventRange:
    head, *lines = payload.split(b"\n")
    user_id, first_seq = map(int, head.split())
    if not lines or topic != user_topic(user_id):
        raise ValueError("no entries, or those of another user")
    entries = []
    for seq, line in enumerate(lines, start=first_seq):
        event_type, _, envelope = line.partition(b" ")
        if not envelope.startswith(b"{"):
            raise ValueError("an entry that is no envelope")
        entries.append(JournalEntry(seq, event_type.decode(), envelope))
    return EventRange(user_id, entries)


def _pack_games(message: GamesPlayed) -> bytes:
    """One line per game: `<user id> <seq> <game type> <frame>`."""
    return b"\n".join(
        b"%d %d %b %b" % (game.user_id, game.seq, game.game_type.encode(), game.frame)
        for game in message.games
    )


def _unpack_games(payload: bytes) -> GamesPlayed:
    games = []
    for line in payload.split(b"\n"):
        user_id, seq, game_type, frame = line.split(b" ", 3)
        games.append(LegacyGameEvent(int(user_id), int(seq), game_type.decode(), frame))
    return GamesPlayed(games)


def _pack_revoked(message: LoginRevoked) -> bytes:
    return message.login_id.encode()


def _unpack_revoked(payload: bytes) -> LoginRevoked:
    return LoginRevoked(payload.decode())


def _pack_account(message: AccountChanged) -> bytes:
    """`<user id> <version> <role or ->`."""
    return _words(message.user_id, message.version, message.role or _NO_ROLE)


def _unpack_account(payload: bytes) -> AccountChanged:
    user_id, version, role, *_ = payload.decode().split(" ")
    return AccountChanged(int(user_id), int(version), None if role == _NO_ROLE else Role(role))


def _pack_notice(message: NoticeSent) -> bytes:
    """One line: `<id> <frame>`."""
    return b"%b %b" % (message.notice_id.encode(), message.frame)


def _unpack_notice(payload: bytes) -> NoticeSent:
    notice_id, _, frame = payload.partition(b" ")
    _read_notice(frame)  # everybody will be shown it, and notices are rare
    return NoticeSent(notice_id.decode(), frame)


def _pack_sessions(message: SessionsQuestion | SessionsAnswer) -> bytes:
    """`ask <question> <asked by> <user id> <close>`, or `answer <question> <node>` and then one
    line per session: `<connection> <kind> <mode> <position>`."""
    match message:
        case SessionsQuestion(question_id, asked_by, user_id, close):
            return _words("ask", question_id, asked_by, user_id, int(close))
        case SessionsAnswer(question_id, node_id, sessions):
            lines = [_words("answer", question_id, node_id)]
            lines += [_words(*astuple(session)) for session in sessions]
            return b"\n".join(lines)


def _unpack_sessions(payload: bytes) -> Message:
    head, *lines = payload.decode().split("\n")
    match head.split(" "):
        case ["ask", question_id, asked_by, user_id, close]:
            return SessionsQuestion(question_id, asked_by, int(user_id), close != "0")
        case ["answer", question_id, node_id]:
            return SessionsAnswer(question_id, node_id, [_session(line) for line in lines])
    raise ValueError(f"not about sessions: {payload[:80]!r}")


def _session(line: str) -> OpenSession:
    connection_id, kind, mode, position = line.split(" ")
    return OpenSession(connection_id, kind, mode, int(position))


def _pack_sockets(message: UserSocketCount) -> bytes:
    """One line: `<node id> <user id> <count>`."""
    return _words(message.node_id, message.user_id, message.count)


def _unpack_sockets(payload: bytes) -> UserSocketCount:
    node_id, user_id, count = payload.decode().split(" ")
    return UserSocketCount(node_id, int(user_id), int(count))


class _Notice(msgspec.Struct, tag_field="type", tag=Notice.type):
    """What a frame of this topic must be, whatever its fields."""


_read_notice = msgspec.json.Decoder(_Notice).decode


def _pack_membership(message: Message) -> bytes:
    match message:
        case Join(node_id):
            return _words("hello", node_id)
        case Heartbeat(node_id, last_change, connections, watching):
            return _words("beat", node_id, last_change, connections, int(watching))
        case Leave(node_id):
            return _words("bye", node_id)
        case SyncRequest(node_id):
            return _words("census", node_id or _ALL_NODES)
        case PresenceChange(node_id, number, user_id, joined):
            return _words("join" if joined else "leave", node_id, number, user_id)
        case PresenceSnapshot(node_id, number, connections, user_ids):
            return _words("roster", node_id, number, connections, *sorted(user_ids))
    raise TypeError(f"not a membership message: {message!r}")


def _unpack_membership(payload: bytes) -> Message:
    match payload.decode().split(" "):
        case ["hello", node_id]:
            return Join(node_id)
        case ["beat", node_id, last_change, connections]:  # sent by nodes of the first version
            return Heartbeat(node_id, int(last_change), int(connections))
        case ["beat", node_id, last_change, connections, watching]:
            return Heartbeat(node_id, int(last_change), int(connections), watching != "0")
        case ["bye", node_id]:
            return Leave(node_id)
        case ["census", node_id]:
            return SyncRequest(None if node_id == _ALL_NODES else node_id)
        case ["join" | "leave" as what, node_id, number, user_id]:
            return PresenceChange(node_id, int(number), int(user_id), what == "join")
        case ["roster", node_id, number, connections, *user_ids]:
            users = frozenset(map(int, user_ids))
            return PresenceSnapshot(node_id, int(number), int(connections), users)
    raise ValueError(f"not a membership message: {payload[:80]!r}")


def _words(*words: str | int) -> bytes:
    return " ".join(map(str, words)).encode()


_PACK: dict[type, Callable[[Any], bytes]] = {
    EventRange: _pack_events,
    GamesPlayed: _pack_games,
    LoginRevoked: _pack_revoked,
    AccountChanged: _pack_account,
    NoticeSent: _pack_notice,
    SessionsQuestion: _pack_sessions,
    SessionsAnswer: _pack_sessions,
    UserSocketCount: _pack_sockets,
    **dict.fromkeys(
        (Join, Heartbeat, Leave, SyncRequest, PresenceChange, PresenceSnapshot), _pack_membership
    ),
}

_UNPACK: dict[str, Callable[[bytes], Message]] = {
    GAMES: _unpack_games,
    REVOKED: _unpack_revoked,
    ACCOUNTS: _unpack_account,
    NOTICES: _unpack_notice,
    SESSIONS: _unpack_sessions,
    SOCKETS: _unpack_sockets,
    NODES: _unpack_membership,
    PRESENCE: _unpack_membership,
}
