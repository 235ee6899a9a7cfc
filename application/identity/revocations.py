"""Revoked logins: logins that ended before their access tokens expired.

Access tokens are self-contained JWTs, so a signature check alone would accept them until they
expire. Every node therefore keeps the ids of revoked logins in memory. It learns them from
broadcast messages (fast) and from the revocation poll (reliable, see
`application.jobs.revocation_poller`).
"""

from collections.abc import Iterable


class Revocations:
    """The revoked logins that this node knows of. Ids are never removed, because they are few and
    small; after a restart, the ids whose access tokens have expired are not loaded again."""

    def __init__(self) -> None:
        self._login_ids: set[str] = set()

    def add(self, login_id: str) -> None:
        """Record a revoked login."""
        self._login_ids.add(login_id)

    def hold(self, login_id: str) -> bool:
        """Whether this login is revoked, as far as this node knows."""
        return login_id in self._login_ids

    def unknown(self, login_ids: Iterable[str]) -> list[str]:
        """The ids that this node did not know yet."""
        return [login_id for login_id in login_ids if login_id not in self._login_ids]
