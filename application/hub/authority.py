"""Who may stay connected: closes what was opened with a token that is not valid any more."""

from collections.abc import Callable, Iterator

from attrs import frozen

from application.cluster.messages import AccountChanged
from application.connections.client_connection import ClientConnection
from application.frames.close_codes import CloseCode
from application.identity.revocations import Revocations
from application.monitoring.monitor_session import MonitorSession
from domain.account import Role


@frozen
class Authority:
    """Applies ended logins and changed accounts to the connections of this node.

    The close code tells a client what to do next: 4401 sign in, 4403 stay away, 3005 refresh the
    token and return.
    """

    _revocations: Revocations
    _connections: Callable[[], Iterator[ClientConnection]]

    def refuse(self, connection: ClientConnection) -> bool:
        """Close a new connection if its token ended while it was being opened; whether it did."""
        caller = connection.peer.caller
        if self._revocations.hold(caller.login_id):
            connection.close(CloseCode.UNAUTHENTICATED, "signed out")
        elif self._revocations.outdate(caller):
            connection.close(CloseCode.TOKEN_EXPIRED, "the account has changed")
        return connection.closed

    def end_login(self, login_id: str) -> None:
        """Accept no token of this login any more, and close what was opened with one."""
        self._revocations.add(login_id)
        for connection in list(self._connections()):
            if connection.peer.caller.login_id == login_id:
                connection.close(CloseCode.UNAUTHENTICATED, "signed out")

    def change_account(self, change: AccountChanged) -> None:
        """Accept no earlier token of this user any more, and close what was opened with one."""
        if not self._revocations.raise_version(change.user_id, change.version):
            return
        for connection in list(self._connections()):
            caller = connection.peer.caller
            if caller.user_id == change.user_id and caller.version < change.version:
                _close(connection, change.role)


def _close(connection: ClientConnection, role: Role | None) -> None:
    """`role` is the account's now, or None if its logins ended."""
    if role is None:
        connection.close(CloseCode.UNAUTHENTICATED, "signed out")
    elif isinstance(connection, MonitorSession) and role is not Role.ADMIN:
        connection.close(CloseCode.FORBIDDEN, "not an operator any more")
    else:
        connection.close(CloseCode.TOKEN_EXPIRED, "the account has changed")
