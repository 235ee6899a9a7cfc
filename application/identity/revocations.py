"""What ended before its access tokens did: logins, and earlier versions of accounts.

Access tokens are self-contained JWTs, so a signature check alone would accept them until they
expire. Every node therefore keeps in memory which logins were revoked and which accounts changed.
It learns them from the database: soon after a broadcast message has hinted at them
(`application.jobs.hint_reader`), or by the revocation poll (`application.jobs.revocation_poller`).
"""

from attrs import define, field

from application.ports.clock import Clock
from application.ports.tokens import Caller


@define
class _Known:
    login_ids: set[str] = field(factory=set)
    versions: dict[int, int] = field(factory=dict)


class Revocations:
    """The revoked logins and the new versions of accounts that this node knows of.

    Memory is bounded: what was learned is forgotten when the tokens that it concerns have expired,
    between `keep_s` and twice as long after it was learned. `keep_s` is the life of an access
    token, plus what clocks may differ.
    """

    def __init__(self, clock: Clock, keep_s: float) -> None:
        self._clock = clock
        self._keep_s = keep_s
        self._recent, self._before = _Known(), _Known()
        self._forget_at = clock.monotonic() + keep_s

    def add(self, login_id: str) -> None:
        """Record a revoked login."""
        self._recent.login_ids.add(login_id)

    def hold(self, login_id: str) -> bool:
        """Whether this login is revoked, as far as this node knows."""
        return login_id in self._recent.login_ids or login_id in self._before.login_ids

    def raise_version(self, user_id: int, version: int) -> bool:
        """Record that an account has this version now, or a later one; whether that is news."""
        news = self.lack(user_id, version)
        if news:
            self._recent.versions[user_id] = version
        return news

    def lack(self, user_id: int, version: int) -> bool:
        """Whether it would be news that an account has this version."""
        return version > self._version(user_id)

    def outdate(self, caller: Caller) -> bool:
        """Whether the account has changed since the caller's token was issued, as far as this node
        knows."""
        return caller.version < self._version(caller.user_id)

    def forget_expired(self) -> None:
        """Forget what no unexpired token needs any more. Call it periodically."""
        now = self._clock.monotonic()
        if now >= self._forget_at:
            self._recent, self._before = _Known(), self._recent
            self._forget_at = now + self._keep_s

    def __len__(self) -> int:
        """How many logins and accounts are remembered."""
        known = (self._recent, self._before)
        return sum(len(part.login_ids) + len(part.versions) for part in known)

    def _version(self, user_id: int) -> int:
        recent = self._recent.versions.get(user_id)
        return recent if recent is not None else self._before.versions.get(user_id, 0)
