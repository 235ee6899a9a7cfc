"""Hints that logins ended or accounts changed, until the database was asked about them.

Without a broker secret, whoever can publish at the broker can say anything. So a message about a
login or an account is a hint only: the node reads what the database says, and applies that
(`application.jobs.hint_reader`). What is known already is no hint, and several about one user or
login are one. A flood of forged hints fills the queue, and then hints are dropped: the revocation
poll finds what they were about.
"""

import asyncio
import re

from attrs import define, field, frozen

from application.cluster.messages import AccountChanged, LoginRevoked
from application.identity.revocations import Revocations
from application.ports.telemetry import Counted, Telemetry

MAX_WAITING = 1_000
"""Users and logins that wait to be read; what comes then is dropped."""

MAX_USER_ID = 2**53 - 1

_LOGIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Ids of logins in the database. Those of an external issuer are not there."""


@frozen
class HintBatch:
    """What to read: users with the versions that they are said to have, and logins."""

    versions: dict[int, int]
    login_ids: set[str]


@define(eq=False)
class AuthorityHints:
    """One per node; see the module."""

    _revocations: Revocations
    _telemetry: Telemetry
    _versions: dict[int, int] = field(factory=dict)
    _login_ids: dict[str, None] = field(factory=dict)
    _waiting: asyncio.Event = field(factory=asyncio.Event)

    def add(self, hint: LoginRevoked | AccountChanged) -> None:
        """Have it read soon, unless this node knows it already."""
        match hint:
            case LoginRevoked(login_id):
                if not self._revocations.hold(login_id):
                    self._add_login(login_id)
            case AccountChanged(user_id, version):
                if self._revocations.lack(user_id, version):
                    self._add_user(user_id, version)

    def _add_login(self, login_id: str) -> None:
        if _LOGIN_ID.fullmatch(login_id) is None:
            self._telemetry.count(Counted.DROPPED_MESSAGES, "unconfirmed")
        elif self._has_room() or login_id in self._login_ids:
            self._login_ids[login_id] = None
            self._waiting.set()

    def _add_user(self, user_id: int, version: int) -> None:
        if not 0 < user_id <= MAX_USER_ID:
            self._telemetry.count(Counted.DROPPED_MESSAGES, "unconfirmed")
        elif user_id in self._versions:
            self._versions[user_id] = max(version, self._versions[user_id])
        elif self._has_room():
            self._versions[user_id] = version
            self._waiting.set()

    def _has_room(self) -> bool:
        room = len(self._versions) + len(self._login_ids) < MAX_WAITING
        if not room:
            self._telemetry.count(Counted.DROPPED_MESSAGES, "too_many_hints")
        return room

    async def wait(self) -> None:
        """Return when there is something to read."""
        await self._waiting.wait()

    def take(self, most: int) -> HintBatch:
        """At most so many users, and so many logins; the oldest first."""
        users, logins = list(self._versions)[:most], list(self._login_ids)[:most]
        batch = HintBatch({user: self._versions.pop(user) for user in users}, set(logins))
        for login_id in logins:
            del self._login_ids[login_id]
        if not self._versions and not self._login_ids:
            self._waiting.clear()
        return batch
