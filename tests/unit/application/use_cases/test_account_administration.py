"""What operators do to accounts, and what it ends."""

from collections.abc import Callable

import pytest

from application.cluster.messages import AccountChanged, LoginRevoked
from application.identity.refresh_tokens import digest, family_digest
from application.ports.storage.stores import Stores
from application.ports.tokens import Caller
from application.use_cases.accounts.account_administration import (
    AccountCommand,
    AdministeredAccount,
)
from application.use_cases.accounts.change_role import ChangeRoleCommand
from application.use_cases.accounts.log_in import LogInCommand
from application.use_cases.operations.send_notice import SendNoticeCommand
from domain.account import Account, AccountStatus, Role
from domain.errors import Conflict, DomainError, Forbidden, NotFound
from tests.support.stepping import finish
from tests.support.world import World


class Office:
    """Two operators and a player, signed in."""

    def __init__(self) -> None:
        self.world = World()
        self.container = self.world.container
        self.boss, self.deputy, self.player = map(self.world.add_player, ("boss", "dep", "player"))
        for user_id in (self.boss, self.deputy):
            self._set_role(user_id)
        self.login_id = self._sign_in(self.player)
        self.world.broadcaster.under_way.clear()

    def change_role(self, role: Role, user_id: int, by: int | None = None) -> AdministeredAccount:
        command = ChangeRoleCommand(user_id=user_id, role=role)
        return finish(self.container.change_role().execute(self.operator(by), command))

    def block(self, user_id: int, by: int | None = None) -> AdministeredAccount:
        command = AccountCommand(user_id=user_id)
        return finish(self.container.block_account().block(self.operator(by), command))

    def unblock(self, user_id: int, by: int | None = None) -> AdministeredAccount:
        command = AccountCommand(user_id=user_id)
        return finish(self.container.block_account().unblock(self.operator(by), command))

    def delete(self, user_id: int, by: int | None = None) -> AdministeredAccount:
        command = AccountCommand(user_id=user_id)
        return finish(self.container.delete_account().execute(self.operator(by), command))

    def operator(self, user_id: int | None) -> Caller:
        """Whose token says admin, whatever the database says."""
        return self.world.caller(user_id or self.boss, Role.ADMIN)

    def account(self, user_id: int) -> Account:
        account = self.world.database.now(lambda stores: stores.accounts.by_user_id(user_id))
        assert account is not None
        return account

    def _set_role(self, user_id: int) -> None:
        self.world.database.now(lambda stores: stores.accounts.set_role(user_id, Role.ADMIN))

    def _sign_in(self, user_id: int) -> str:
        account, token_service = self.account(user_id), self.container.token_service()
        opened = self.world.database.now(lambda stores: token_service.open(stores, account))
        token = opened.refresh_token
        login = self.world.database.now(
            lambda stores: stores.logins.lock_by_digest(family_digest(token), digest(token))
        )
        assert login is not None
        return login.login_id


@pytest.fixture
def office() -> Office:
    return Office()


Call = Callable[..., AdministeredAccount]
CALLS: dict[str, Callable[[Office], Call]] = {
    "promote": lambda office: lambda user, by=None: office.change_role(Role.ADMIN, user, by),
    "demote": lambda office: lambda user, by=None: office.change_role(Role.PLAYER, user, by),
    "block": lambda office: office.block,
    "unblock": lambda office: office.unblock,
    "delete": lambda office: office.delete,
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def test_new_role_goes_on_with_new_tokens(office: Office) -> None:
    """No login ends; all nodes are told the version and the role."""
    promoted = office.change_role(Role.ADMIN, office.player)
    assert (promoted.role, promoted.status, promoted.version) == (Role.ADMIN, "active", 2)
    demoted = office.change_role(Role.PLAYER, office.player, by=office.deputy)
    assert (demoted.role, demoted.version) == (Role.PLAYER, 3)
    assert office.world.broadcaster.under_way == [
        AccountChanged(office.player, 2, Role.ADMIN),
        AccountChanged(office.player, 3, Role.PLAYER),
    ]
    assert (office.account(office.player).role, office.account(office.player).version) == (
        Role.PLAYER,
        3,
    )


@pytest.mark.parametrize("how", ["block", "delete"])
def test_end_of_an_account_ends_its_logins(office: Office, how: str) -> None:
    """All nodes are told of both."""
    CALLS[how](office)(office.player)
    assert office.world.broadcaster.under_way == [
        LoginRevoked(office.login_id),
        AccountChanged(office.player, 2, None),
    ]


def test_unblocked_account_is_as_before(office: Office) -> None:
    """Except that its user has to sign in again."""
    before = office.account(office.player)
    office.block(office.player)
    unblocked = office.unblock(office.player)
    after = office.account(office.player)
    assert (unblocked.status, unblocked.version) == (AccountStatus.ACTIVE, 3)
    assert (after.role, after.password_hash) == (before.role, before.password_hash)


def test_books_of_a_deleted_account_stay(office: Office) -> None:
    """Gold, journal and site id; the password and the role go."""
    state, journal = office.world.state(office.deputy), office.world.journal(office.deputy)
    office.delete(office.deputy)
    assert office.world.state(office.deputy) == state
    assert office.world.journal(office.deputy) == journal
    account = office.account(office.deputy)
    assert (account.site_id, account.role, account.password_hash) == ("dep", Role.PLAYER, "")
    with pytest.raises(DomainError) as refused:
        office.world.add_player("dep")
    assert refused.value.error_code == "site_id_taken"


@each_call
def test_deleted_account_cannot_be_changed(office: Office, call: Callable[[Office], Call]) -> None:
    office.delete(office.player)
    with pytest.raises(Conflict) as refused:
        call(office)(office.player)
    assert refused.value.error_code == "account_deleted"


@each_call
def test_unknown_user_is_not_found(office: Office, call: Callable[[Office], Call]) -> None:
    with pytest.raises(NotFound) as refused:
        call(office)(999)
    assert refused.value.error_code == "unknown_user"


@each_call
@pytest.mark.parametrize("how", ["demote", "block", "delete"])
def test_lost_role_counts_at_once(office: Office, call: Callable[[Office], Call], how: str) -> None:
    """Whatever the token says: the role is read in the transaction."""
    CALLS[how](office)(office.deputy)
    office.world.broadcaster.under_way.clear()
    with pytest.raises(Forbidden) as refused:
        call(office)(office.player, office.deputy)
    assert refused.value.error_code == "admin_only"
    assert office.world.broadcaster.under_way == []
    assert office.account(office.player).version == 1


def test_notice_of_a_demoted_operator_is_refused(office: Office) -> None:
    """As every call that changes something."""
    send_notice = office.container.send_notice()
    command = SendNoticeCommand(message="hello")
    finish(send_notice.execute(office.operator(office.deputy), command))
    office.change_role(Role.PLAYER, office.deputy)
    with pytest.raises(Forbidden):
        finish(send_notice.execute(office.operator(office.deputy), command))


@pytest.mark.parametrize("how", ["demote", "block", "delete"])
def test_last_operator_stays(office: Office, how: str) -> None:
    """Nobody is left without an operator; a blocked one does not count."""
    office.block(office.deputy)
    with pytest.raises(Conflict) as refused:
        CALLS[how](office)(office.boss)
    assert refused.value.error_code == "last_operator"
    office.change_role(Role.ADMIN, office.player)
    CALLS[how](office)(office.boss, office.player)


@pytest.mark.parametrize("how", ["promote", "unblock"])
def test_call_that_changes_nothing_ends_nothing(office: Office, how: str) -> None:
    """It succeeds, and can be repeated."""
    assert CALLS[how](office)(office.boss).version == 1
    assert office.world.broadcaster.under_way == []


async def test_sign_in_after_the_end() -> None:
    """A blocked user is told so with the right password only; a deleted one never was."""
    office = Office()
    password = "correct horse battery"
    password_hash = await office.container.passwords().hash(password)

    def set_passwords(stores: Stores) -> None:
        for user_id in (office.player, office.deputy):
            stores.accounts.set_credentials(user_id, password_hash=password_hash, role=Role.PLAYER)

    office.world.database.now(set_passwords)
    office.block(office.player)
    office.delete(office.deputy)

    async def refusal(site_id: str, password: str) -> str:
        command = LogInCommand(site_id=site_id, password=password)
        with pytest.raises(DomainError) as refused:
            await office.container.log_in().execute(command)
        return refused.value.error_code

    assert await refusal("player", password) == "account_blocked"
    assert await refusal("player", "wrong") == "invalid_credentials"
    assert await refusal("dep", password) == "invalid_credentials"


async def test_new_operator_from_the_command_line(office: Office) -> None:
    """All nodes are told; a blocked account is unblocked, a deleted one stays deleted."""
    create_admin = office.container.create_admin()
    office.block(office.player)
    office.world.broadcaster.under_way.clear()
    assert await create_admin.execute("player", "correct horse battery") is False
    assert office.world.broadcaster.under_way == [AccountChanged(office.player, 3, None)]
    account = office.account(office.player)
    assert (account.role, account.status) == (Role.ADMIN, AccountStatus.ACTIVE)
    office.delete(office.player)
    with pytest.raises(Conflict):
        await create_admin.execute("player", "correct horse battery")
