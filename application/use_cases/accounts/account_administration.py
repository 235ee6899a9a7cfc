"""What operators do to accounts: the rules and steps that all of these use cases share."""

import logging
from collections.abc import Callable
from typing import Annotated

from attrs import evolve, frozen

from application.cluster.messages import AccountChanged, LoginRevoked
from application.hub.authority_news import AuthorityNews
from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.tokens import Caller
from domain.account import Account, AccountStatus, Role
from domain.constraints import Description, UserId
from domain.errors import Conflict, Forbidden, NotFound

logger = logging.getLogger("synchub.operators")

Change = Callable[[Account], Account]


@frozen(kw_only=True)
class AccountCommand:
    """The user whose account the call is about."""

    user_id: UserId


@frozen(kw_only=True)
class AdministeredAccount:
    """An account after the call. `version` grows with each change."""

    user_id: Annotated[int, Description("The id of the user.")]
    role: Annotated[Role, Description("The role of the account.")]
    status: Annotated[AccountStatus, Description("Whether the account can be used.")]
    version: Annotated[int, Description("Grows with each change of the account.")]
    success: Annotated[bool, Description("Always true.")] = True


@frozen
class AccountAdministration:
    """Changes role or status of an account, and tells all nodes.

    - The caller must be an operator now, in this transaction, whatever the token says.
    - The last operator keeps role and account, so that somebody can still administer the product.
    - A deleted account cannot be changed any more.
    - Access tokens from before the change are not valid any more. The logins of an account that was
      blocked or deleted end; those of one with a new role go on with new tokens.
    - A call that changes nothing succeeds and ends nothing.
    """

    _unit_of_work: UnitOfWork
    _clock: Clock
    _news: AuthorityNews

    async def execute(self, operator: Caller, user_id: int, change: Change) -> AdministeredAccount:
        """Apply `change` to the account. Forbidden (`admin_only`), NotFound (`unknown_user`), or
        Conflict (`account_deleted`, `last_operator`)."""
        account, ended = await self._unit_of_work.write(
            lambda stores: self._change(stores, operator, user_id, change)
        )
        if ended is not None:
            self._news.spread([*map(LoginRevoked, ended), AccountChanged.of(account)])
            facts = {"operator": operator.user_id, "user": user_id}
            state = {"role": account.role.value, "status": account.status.value}
            logger.info("an operator changed an account", extra={**facts, **state})
        return AdministeredAccount(
            user_id=user_id, role=account.role, status=account.status, version=account.version
        )

    def _change(
        self, stores: Stores, operator: Caller, user_id: int, change: Change
    ) -> tuple[Account, list[str] | None]:
        """The account as it is now, and the logins that ended; None if nothing changed."""
        operators = stores.accounts.lock_operators()
        if operator.user_id not in operators:
            raise Forbidden("only for operators", code="admin_only")
        account = stores.accounts.lock(user_id)
        if account is None:
            raise NotFound("there is no such user", code="unknown_user")
        if account.status is AccountStatus.DELETED:
            raise Conflict("this account was deleted", code="account_deleted")
        changed = change(account)
        if changed == account:
            return account, None
        active = changed.status is AccountStatus.ACTIVE
        if operators == [user_id] and not (active and changed.role is Role.ADMIN):
            raise Conflict("somebody must remain an operator", code="last_operator")
        stores.accounts.set_credentials(
            user_id, password_hash=changed.password_hash, role=changed.role
        )
        stores.accounts.set_status(user_id, changed.status)
        ended = [] if active else stores.logins.revoke_all(user_id, self._clock.now())
        return evolve(changed, version=stores.accounts.raise_version(user_id)), ended
