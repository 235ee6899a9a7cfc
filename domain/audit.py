"""The audit log: what operators did or tried, as a chain of sealed entries.

The seal of an entry is an HMAC (RFC 2104) over all its fields and the seal of the entry before it.
So a change, removal, insertion or exchange of entries breaks the chain, and without the key nobody
can mend it. A chain that was cut at its end is still whole: only a head that was noted elsewhere
shows that entries are missing.
"""

import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from attrs import asdict, frozen

from domain.errors import InvalidInput

OK = "ok"
"""The outcome of what was done; every other outcome is the code of an error."""


@frozen(kw_only=True)
class AuditRecord:
    """One act, or one attempt. `actor` is `user:<id>`, `cli:<name>` or `nobody`; `parameters` is
    JSON without secrets. `count` is above 1 if the record stands for several like attempts."""

    at: datetime
    actor: str
    address: str = ""
    request_id: str = ""
    action: str
    target: str = ""
    parameters: str = ""
    outcome: str
    count: int = 1


@frozen(kw_only=True)
class AuditHead:
    """The number and the seal of the last entry; number 0 and no seal before the first one."""

    number: int = 0
    seal: str = ""

    def __str__(self) -> str:
        return f"{self.number}:{self.seal}"

    @classmethod
    def parse(cls, text: str) -> "AuditHead":
        """The head that `str` wrote; InvalidInput if it is none."""
        number, _, seal = text.strip().partition(":")
        if not number.isdecimal() or len(seal) != sha256().digest_size * 2:
            raise InvalidInput("head", "must be <number>:<seal>, as it was printed")
        return cls(number=int(number), seal=seal)


@frozen(kw_only=True)
class AuditEntry:
    """A record with its place in the chain; `key_id` names the key of the seal."""

    number: int
    record: AuditRecord
    key_id: str
    seal: str

    @property
    def head(self) -> AuditHead:
        """The head of a log that ends here."""
        return AuditHead(number=self.number, seal=self.seal)


class AuditChain:
    """Seals entries with the key of the first secret, and knows those of the earlier ones."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """`secrets` has the present one first, then earlier ones from new to old."""
        self._keys = {_key_id(secret): _key(secret) for secret in secrets}
        self._age = {key_id: age for age, key_id in enumerate(self._keys)}
        self._key_id = next(iter(self._keys))

    def entry(self, head: AuditHead, record: AuditRecord) -> AuditEntry:
        """The entry that follows this head."""
        number = head.number + 1
        seal = self._seal(head.seal, number, record, self._key_id)
        return AuditEntry(number=number, record=record, key_id=self._key_id, seal=seal)

    def flaw(self, before: AuditEntry | None, entry: AuditEntry) -> str | None:
        """What is wrong with an entry that stands behind another one, or first; None if nothing
        is."""
        head = AuditHead() if before is None else before.head
        if entry.number != head.number + 1:
            return "an entry before it is missing"
        if entry.key_id not in self._keys:
            return "its key is none of those in the settings"
        if before is not None and self._age[entry.key_id] > self._age[before.key_id]:
            return "its key is older than that of the entry before it"
        expected = self._seal(head.seal, entry.number, entry.record, entry.key_id)
        if not hmac.compare_digest(expected.encode(), entry.seal.encode()):
            return "it was changed, or the entry before it was replaced"
        return None

    def _seal(self, previous: str, number: int, record: AuditRecord, key_id: str) -> str:
        fields = {**asdict(record), "at": record.at.isoformat(timespec="milliseconds")}
        content = json.dumps([previous, number, key_id, *fields.values()])
        return hmac.digest(self._keys[key_id], content.encode(), "sha256").hex()


def _key(secret: str) -> bytes:
    """Derived, so that it is no key of anything else that has the same secret."""
    return hmac.digest(secret.encode(), b"audit chain", "sha256")


def _key_id(secret: str) -> str:
    return sha256(b"audit key id:" + secret.encode()).hexdigest()[:12]
