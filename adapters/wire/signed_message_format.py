"""A MessageFormat that signs messages, so that a stranger at the broker can forge and repeat none.

A signed message is 8 bytes with the time in milliseconds (big-endian), the first 16 bytes of the
HMAC-SHA256 of time, topic and payload, and the payload of the inner format. The key is derived from
a secret that all nodes share. The time limits the use of a recorded message; the topic keeps it
from being sent to other subscribers. What is not signed by us is malformed for the receiver, who
drops and counts it.
"""

import time
from collections.abc import Callable, Sequence
from hmac import compare_digest, digest

from application.ports.message_format import MessageFormat
from domain.broadcaster import Message

LIFE_S = 60
"""Age at which a message is refused, as is one from as far in the future: more than clocks of nodes
differ and brokers delay. Events of refused messages are found by the journal poll."""

_TIME = 8
_TAG = 16
_PURPOSE = b"synchub broker messages v1"


class SignedMessageFormat(MessageFormat):
    """See the module docstring. Signs with the first secret, accepts any of them."""

    def __init__(
        self,
        inner: MessageFormat,
        secrets: Sequence[bytes],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._inner = inner
        self._keys = [digest(secret, _PURPOSE, "sha256") for secret in secrets]
        self._now = now

    def pack(self, message: Message) -> bytes:
        sent_at = int(self._now() * 1000).to_bytes(_TIME, "big")
        payload = self._inner.pack(message)
        return b"".join((sent_at, _tag(self._keys[0], sent_at, message.topic, payload), payload))

    def unpack(self, topic: str, payload: bytes) -> Message:
        sent_at, tag = payload[:_TIME], payload[_TIME : _TIME + _TAG]
        content = payload[_TIME + _TAG :]
        if not any(compare_digest(tag, _tag(key, sent_at, topic, content)) for key in self._keys):
            raise ValueError("not signed with our secret")
        if abs(self._now() - int.from_bytes(sent_at, "big") / 1000) > LIFE_S:
            raise ValueError("too old, or clocks differ")
        return self._inner.unpack(topic, content)


def _tag(key: bytes, sent_at: bytes, topic: str, payload: bytes) -> bytes:
    # The lengths of time and tag are fixed, and no topic has a zero byte: fields cannot shift.
    return digest(key, b"%b%b\0%b" % (sent_at, topic.encode(), payload), "sha256")[:_TAG]
