"""Find users by site id or by id."""

from collections.abc import Sequence
from typing import Annotated

from attrs import frozen

from application.identity.token_service import SignedInUser, signed_in_user
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from domain.constraints import Description
from domain.errors import InvalidInput


@frozen
class UsersFound:
    """At most one at present."""

    users: Annotated[Sequence[SignedInUser], Description("The users; empty if there is none.")]


@frozen
class FindUsers:
    """Look an account up. Only for operators.

    - By the whole site id, ignoring case, or by the user id; exactly one of them is given.
    """

    _unit_of_work: UnitOfWork

    async def execute(self, site_id: str | None, user_id: int | None) -> UsersFound:
        """Return whom there is. InvalidInput unless exactly one of the two is given."""
        if (site_id is None) == (user_id is None):
            raise InvalidInput("site_id", "give either site_id or user_id")

        def read(stores: Stores) -> UsersFound:
            if user_id is not None:
                account = stores.accounts.by_user_id(user_id)
            else:
                account = stores.accounts.by_site_id(site_id or "")
            return UsersFound([] if account is None else [signed_in_user(stores, account)])

        return await self._unit_of_work.read(read)
