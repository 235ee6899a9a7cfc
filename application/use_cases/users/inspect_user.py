"""Show an operator what there is of one user: account, logins, open connections."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from attrs import frozen

from application.cluster.session_messages import OpenSession
from application.hub.session_directory import SessionDirectory, SessionsFound
from application.identity.token_service import SignedInUser, signed_in_user
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from domain.account import AccountStatus, Login
from domain.constraints import Description
from domain.errors import NotFound

MAX_LOGINS = 100


@frozen(kw_only=True)
class LoginFacts:
    """A login without its digests. `last_used_at` is when its tokens were issued last."""

    login_id: Annotated[str, Description("The id of the login.")]
    last_used_at: Annotated[datetime, Description("When tokens were issued for it the last time.")]
    expires_at: Annotated[datetime, Description("When it ends, unless it is refreshed.")]
    revoked_at: Annotated[datetime | None, Description("When it was ended; null if it was not.")]


@frozen(kw_only=True)
class ConnectionFacts:
    """An open connection. `position` is the last `seq` that was written to it."""

    node: Annotated[str, Description("The id of the node that it is connected to.")]
    connection_id: Annotated[str, Description("The id of the connection (UUIDv7).")]
    kind: Annotated[str, Description("What is connected, such as `session` or `monitor`.")]
    mode: Annotated[str, Description("Its mode, such as `live` or `catching_up`.")]
    position: Annotated[int, Description("The last `seq` that was written to it.")]
    since: Annotated[datetime, Description("When it was opened.")]


@frozen(kw_only=True)
class Connections:
    """Connections on all nodes: all of them if `answered` equals `nodes`."""

    connections: Annotated[
        Sequence[ConnectionFacts], Description("The connections, in the order of their begin.")
    ]
    nodes: Annotated[int, Description("The number of nodes that were asked.")]
    answered: Annotated[int, Description("The number of nodes that answered in time.")]


@frozen(kw_only=True)
class UserOverview(Connections):
    """`logins` are the latest, in the order of their last use."""

    user: Annotated[SignedInUser, Description("The account and its player.")]
    status: Annotated[AccountStatus, Description("Whether the account can be used.")]
    logins: Annotated[
        Sequence[LoginFacts], Description("The latest 100 logins, in the order of their last use.")
    ]


@frozen
class InspectUser:
    """The account, the profile, the logins and the connections of a user. Only for operators.

    - Each node is asked for the user's connections. A node that does not answer within a second is
      left out, and the numbers tell.
    """

    _unit_of_work: UnitOfWork
    _directory: SessionDirectory

    async def execute(self, user_id: int) -> UserOverview:
        """Read. NotFound (`unknown_user`) if there is no such account."""

        def read(stores: Stores) -> tuple[SignedInUser, AccountStatus, list[Login]]:
            account = stores.accounts.by_user_id(user_id)
            if account is None:
                raise NotFound("no such user", code="unknown_user")
            logins = stores.logins.of_user(user_id, MAX_LOGINS)
            return signed_in_user(stores, account), account.status, logins

        user, status, logins = await self._unit_of_work.read(read)
        found = await self._directory.find(user_id)
        return UserOverview(
            user=user,
            status=status,
            logins=[
                LoginFacts(
                    login_id=login.login_id,
                    last_used_at=login.rotated_at,
                    expires_at=login.expires_at,
                    revoked_at=login.revoked_at,
                )
                for login in logins
            ],
            connections=connection_facts(found),
            nodes=found.nodes,
            answered=found.answered,
        )


def connection_facts(found: SessionsFound) -> list[ConnectionFacts]:
    """In the order of their begin."""
    facts = [
        _facts(node, session) for node, sessions in found.by_node.items() for session in sessions
    ]
    return sorted(facts, key=lambda fact: fact.since)


def _facts(node: str, session: OpenSession) -> ConnectionFacts:
    milliseconds = UUID(session.connection_id).int >> 80  # of a UUIDv7, RFC 9562, section 5.7
    return ConnectionFacts(
        node=node,
        connection_id=session.connection_id,
        kind=session.kind,
        mode=session.mode,
        position=session.position,
        since=datetime.fromtimestamp(milliseconds / 1000, UTC),
    )
