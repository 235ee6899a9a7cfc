"""Logins that ended before their access tokens did."""

from collections.abc import Iterable


class Revocations:
    """This node's knowledge of revoked logins. Ids are kept: there are few, and they are small;
    a restart forgets those whose tokens have expired."""

    def __init__(self) -> None:
        self._login_ids: set[str] = set()

    def add(self, login_id: str) -> None:
        self._login_ids.add(login_id)

    def hold(self, login_id: str) -> bool:
        return login_id in self._login_ids

    def unknown(self, login_ids: Iterable[str]) -> list[str]:
        """Those of the ids that are news to this node."""
        return [login_id for login_id in login_ids if login_id not in self._login_ids]
