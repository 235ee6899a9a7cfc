"""End one login of a user, or all of them."""

from collections.abc import Sequence
from typing import Annotated

from attrs import frozen

from application.cluster.messages import LoginRevoked
from application.hub.authority_news import AuthorityNews
from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from domain.constraints import Description, ShortText
from domain.errors import NotFound


@frozen(kw_only=True)
class RevokeLoginsCommand:
    """`login_id`: only this one."""

    login_id: Annotated[
        ShortText | None, Description("End only this login; null: all logins of the user.")
    ] = None


@frozen(kw_only=True)
class LoginsRevoked:
    """The logins that this call ended."""

    success: Annotated[bool, Description("Always true.")] = True
    revoked: Annotated[Sequence[str], Description("The ids of the logins that this call ended.")]


@frozen
class RevokeLogins:
    """Revoke logins of a user. Only for operators.

    - All nodes reject the access and refresh tokens of a revoked login and close its sockets.
    - The user may sign in again.
    """

    _unit_of_work: UnitOfWork
    _clock: Clock
    _news: AuthorityNews

    async def execute(self, user_id: int, command: RevokeLoginsCommand) -> LoginsRevoked:
        """Revoke. NotFound if there is no such user (`unknown_user`), or if the user has no such
        login (`unknown_login`)."""
        now = self._clock.now()

        def revoke(stores: Stores) -> Sequence[str]:
            if stores.accounts.by_user_id(user_id) is None:
                raise NotFound("no such user", code="unknown_user")
            if command.login_id is None:
                return stores.logins.revoke_all(user_id, now)
            login = stores.logins.by_id(command.login_id)
            if login is None or login.user_id != user_id:
                raise NotFound("the user has no such login", code="unknown_login")
            stores.logins.revoke(login.login_id, now)
            return [login.login_id] if login.revoked_at is None else []

        revoked = await self._unit_of_work.write(revoke)
        self._news.spread(map(LoginRevoked, revoked))
        return LoginsRevoked(revoked=revoked)
