"""Signed messages: what a stranger at the broker cannot forge, change, move or repeat."""

from collections.abc import Sequence

import pytest
from attrs import define

from adapters.wire.message_format import LineMessageFormat
from adapters.wire.signed_message_format import LIFE_S, SignedMessageFormat
from application.cluster.event_range import EventRange
from application.cluster.membership_messages import Heartbeat
from application.cluster.messages import REVOKED, LoginRevoked, NoticeSent
from application.ports.storage.journal import JournalEntry
from domain.broadcaster import Message

OURS, OLD, THEIRS = b"o" * 32, b"p" * 32, b"t" * 32
START = 1_700_000_000.0

MESSAGES: Sequence[Message] = [
    EventRange(7, [JournalEntry(1, "user_action", b'{"seq":1}')]),
    LoginRevoked("login-1"),
    NoticeSent("notice-1", b'{"type":"announcement"}'),
    Heartbeat("node-1", 3, 4, True),
]


@define
class Clock:
    """A node's clock."""

    now: float = START

    def __call__(self) -> float:
        return self.now


def signed(*secrets: bytes, clock: Clock | None = None) -> SignedMessageFormat:
    return SignedMessageFormat(LineMessageFormat(), secrets, clock or Clock())


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_nodes_with_one_secret_understand_each_other(message: Message) -> None:
    """Whatever the message."""
    read = signed(OURS).unpack(message.topic, signed(OURS).pack(message))
    plain = LineMessageFormat()
    assert plain.pack(read) == plain.pack(message)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_forged_message_is_refused(message: Message) -> None:
    """Signed with another secret, or not at all."""
    for forger in (signed(THEIRS), LineMessageFormat()):
        with pytest.raises(ValueError, match="not signed with our secret"):
            signed(OURS).unpack(message.topic, forger.pack(message))


def test_no_bit_can_be_changed() -> None:
    """Time, signature and payload are all covered."""
    packed = signed(OURS).pack(LoginRevoked("login-1"))
    for index in range(len(packed)):
        changed = bytearray(packed)
        changed[index] ^= 1
        with pytest.raises(ValueError, match="not signed"):
            signed(OURS).unpack(REVOKED, bytes(changed))


@pytest.mark.parametrize("length", [0, 1, 8, 23, 24])
def test_short_messages_are_refused(length: int) -> None:
    """Shorter than, or no longer than, time and signature."""
    with pytest.raises(ValueError, match="not signed"):
        signed(OURS).unpack(REVOKED, b"x" * length)


def test_a_message_cannot_be_moved_to_another_topic() -> None:
    """The events of one user are no events for another one's subscribers."""
    packed = signed(OURS).pack(MESSAGES[0])
    with pytest.raises(ValueError, match="not signed"):
        signed(OURS).unpack("user.8", packed)


@pytest.mark.parametrize("age_s", [LIFE_S + 1, -LIFE_S - 1])
def test_a_recorded_message_cannot_be_sent_later(age_s: float) -> None:
    """Nor one from a clock that is far ahead."""
    clock = Clock()
    packed = signed(OURS).pack(MESSAGES[1])
    clock.now = START + age_s / 2
    assert signed(OURS, clock=clock).unpack(REVOKED, packed) == MESSAGES[1]
    clock.now = START + age_s
    with pytest.raises(ValueError, match="too old"):
        signed(OURS, clock=clock).unpack(REVOKED, packed)


def test_the_secret_is_rotated_by_the_previous_ones() -> None:
    """Nodes that have both read what either signs; the first one signs."""
    both = signed(OURS, OLD)
    assert both.unpack(REVOKED, signed(OLD).pack(MESSAGES[1])) == MESSAGES[1]
    assert signed(OURS).unpack(REVOKED, both.pack(MESSAGES[1])) == MESSAGES[1]
