"""Messages between nodes as bytes."""

import pytest

from adapters.wire.message_format import LineMessageFormat
from application.cluster.event_range import EventRange, is_user_topic, user_topic
from application.cluster.membership_messages import (
    NODES,
    PRESENCE,
    Heartbeat,
    Join,
    Leave,
    MembershipMessage,
    PresenceChange,
    PresenceSnapshot,
    SyncRequest,
)
from application.cluster.messages import (
    ACCOUNTS,
    GAMES,
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
from application.frames.legacy_game_event import LegacyGameEvent
from application.ports.storage.journal import JournalEntry
from domain.account import Account, AccountStatus, Role
from domain.broadcaster import Message

FORMAT = LineMessageFormat()

ENTRIES = [
    JournalEntry(9, "user_action", b'{"a": "b c"}'),
    JournalEntry(10, "game_event", b"{}"),
    JournalEntry(11, "x", '{"n":"é"}'.encode()),
]

MEMBERSHIP: list[tuple[str, MembershipMessage]] = [
    (NODES, Join("a")),
    (NODES, Heartbeat("a", 3, 17, watching=True)),
    (NODES, Heartbeat("a", 0, 0, watching=False)),
    (NODES, Leave("a")),
    (NODES, SyncRequest(None)),
    (NODES, SyncRequest("a")),
    (PRESENCE, PresenceChange("a", 4, 7, joined=True)),
    (PRESENCE, PresenceChange("a", 5, 7, joined=False)),
    (PRESENCE, PresenceSnapshot("a", 5, 2, frozenset({7, 10, 8}))),
    (PRESENCE, PresenceSnapshot("a", 0, 0, frozenset())),
]


def there_and_back(message: Message) -> Message:
    return FORMAT.unpack(message.topic, FORMAT.pack(message))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_entries_come_back(count: int) -> None:
    """Numbers, types and envelopes are equal after the round trip, spaces included."""
    events = there_and_back(EventRange(7, ENTRIES[:count]))
    assert isinstance(events, EventRange)
    assert (events.user_id, events.entries) == (7, ENTRIES[:count])


def test_entries_go_to_their_user() -> None:
    """The topic is the user's; the payload has a line of numbers and a line per entry."""
    message = EventRange(7, ENTRIES[:2])
    assert message.topic == user_topic(7) == "user.7"
    assert FORMAT.pack(message) == b'7 9\nuser_action {"a": "b c"}\ngame_event {}'


@pytest.mark.parametrize("role", [None, *Role])
def test_changed_accounts_come_back(role: Role | None) -> None:
    """With and without a role; a later version may add words."""
    message = AccountChanged(2**53 - 1, 12, role)
    assert there_and_back(message) == message
    assert FORMAT.unpack(ACCOUNTS, FORMAT.pack(message) + b" more") == message


@pytest.mark.parametrize("status", AccountStatus)
def test_message_about_an_account_tells_whether_its_logins_go_on(status: AccountStatus) -> None:
    """They do while it is active."""
    account = Account(
        user_id=7, site_id="ada", password_hash="", role=Role.ADMIN, status=status, version=3
    )
    role = Role.ADMIN if status is AccountStatus.ACTIVE else None
    assert AccountChanged.of(account) == AccountChanged(7, 3, role)


def test_games_come_back() -> None:
    """Games of several users are equal after the round trip, spaces included."""
    games = [
        LegacyGameEvent(7, 3, "slot", b'{"type": "game_event"}'),
        LegacyGameEvent(8, 1, "rps", b"{}"),
    ]
    message = GamesPlayed(games)
    assert message.topic == GAMES
    assert there_and_back(message) == message


OPEN = [
    OpenSession("0198-a", "session", "catching_up", 17),
    OpenSession("0198-b", "monitor", "live", 0),
]


@pytest.mark.parametrize(
    "message",
    [
        SessionsQuestion("a/1", "a", 7, close=True),
        SessionsQuestion("a/2", "a", 7, close=False),
        SessionsAnswer("a/1", "b", OPEN),
        SessionsAnswer("a/1", "b", []),
    ],
    ids=str,
)
def test_questions_and_answers_about_sessions_come_back(message: Message) -> None:
    """They are equal after the round trip, on the topic of their own."""
    assert message.topic == SESSIONS
    assert there_and_back(message) == message


def test_revoked_login_comes_back() -> None:
    """The message has the login id."""
    message = LoginRevoked("abc-123")
    assert message.topic == REVOKED
    assert there_and_back(message) == message


def test_notice_comes_back() -> None:
    """The frame may contain spaces."""
    message = NoticeSent("an-id", b'{"message": "a b"}')
    assert there_and_back(message) == message


def test_a_count_of_sockets_comes_back() -> None:
    """With the node that tells it."""
    message = UserSocketCount("a", 7, 13)
    assert message.topic == SOCKETS
    assert there_and_back(message) == message


@pytest.mark.parametrize(("topic", "message"), MEMBERSHIP)
def test_membership_messages_come_back(topic: str, message: MembershipMessage) -> None:
    """Each message has its topic and is equal after the round trip."""
    assert message.topic == topic
    assert there_and_back(message) == message


def test_a_heartbeat_of_the_first_version_is_read() -> None:
    """It does not say whether its node has monitors, so `watching` is true."""
    assert FORMAT.unpack(NODES, b"beat a 3 17") == Heartbeat("a", 3, 17, watching=True)


@pytest.mark.parametrize(
    "payload", [b"", b"beat", b"beat a 1", b"beat a x 1", b"shout a", b"\xff", b"join a 1 2 3"]
)
def test_no_other_membership_message_is_read(payload: bytes) -> None:
    """Messages of other versions and invalid ones raise ValueError."""
    with pytest.raises(ValueError, match=r"membership message|decode|int"):
        FORMAT.unpack(NODES, payload)


@pytest.mark.parametrize("payload", [b"", b"7", b"7 9", b"x 9\na {}", b"7 9 1\na {}"])
def test_no_other_event_range_is_read(payload: bytes) -> None:
    """A range without an entry is refused."""
    with pytest.raises(ValueError, match=r"entries|int|unpack"):
        FORMAT.unpack("user.7", payload)


def test_an_unknown_topic_is_refused() -> None:
    """A newer node may publish topics that this one does not know."""
    with pytest.raises(ValueError, match="unknown topic"):
        FORMAT.unpack("weather", b"sunny")


@pytest.mark.parametrize(
    ("topic", "expected"), [(user_topic(1), True), (GAMES, False), (REVOKED, False)]
)
def test_user_topics_are_told_from_others(topic: str, expected: bool) -> None:
    assert is_user_topic(topic) is expected
