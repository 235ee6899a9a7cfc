"""AccountStore and LoginStore."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from adapters.outbound.sql.tables import accounts
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import Work
from domain.account import Account, AccountStatus, Login, Role
from domain.errors import Conflict, NotFound
from tests.support.storage import NOW, Storage, add_account

MILLISECOND = timedelta(milliseconds=1)


async def test_an_account_reads_as_it_was_added(storage: Storage) -> None:
    """The account is found by its id and by its name."""

    def work(stores: Stores) -> int:
        return stores.accounts.add(
            site_id="Grace.Hopper+1@navy",
            password_hash="$argon2id$...",
            role=Role.ADMIN,
            invite_code="inv-1",
            phone_number="+49 30 1234567",
            created_at=NOW,
        )

    user_id = await storage.write(work)
    account = Account(
        user_id=user_id,
        site_id="Grace.Hopper+1@navy",
        password_hash="$argon2id$...",
        role=Role.ADMIN,
    )
    assert await storage.read(lambda stores: stores.accounts.by_user_id(user_id)) == account
    assert await storage.read(lambda s: s.accounts.by_site_id("Grace.Hopper+1@navy")) == account
    [row] = await storage.rows(accounts.select().where(accounts.c.user_id == user_id))
    assert (row.invite_code, row.phone_number) == ("inv-1", "+49 30 1234567")
    assert row.created_at == NOW.timestamp() * 1000


@pytest.mark.parametrize("name", ["kurt", "KURT", "kUrT"])
async def test_an_account_is_found_whatever_the_case_of_its_name(
    storage: Storage, name: str
) -> None:
    """The lookup ignores case, and the name is returned as it was chosen."""
    await storage.write(lambda stores: _ensure(stores, "Kurt"))
    found = await storage.read(lambda stores: stores.accounts.by_site_id(name))
    assert found is not None
    assert found.site_id == "Kurt"


def _ensure(stores: Stores, site_id: str) -> None:
    if stores.accounts.by_site_id(site_id) is None:
        add_account(stores, site_id)


async def test_an_unknown_account_is_none(storage: Storage) -> None:
    """Lookups by an unknown id and an unknown name return None."""
    assert await storage.read(lambda stores: stores.accounts.by_user_id(2**40)) is None
    assert await storage.read(lambda stores: stores.accounts.by_site_id("nobody")) is None


async def test_many_accounts_and_ended_logins_are_read_at_once(storage: Storage) -> None:
    """More than one statement takes; logins by their ids and by their users, if recent."""

    def add(stores: Stores) -> list[int]:
        users = [add_account(stores, f"many-{number}") for number in range(120)]
        for user_id in users:
            for device in ("phone", "laptop"):
                login_id = f"{device}-{user_id}"
                login = Login(
                    login_id=login_id,
                    user_id=user_id,
                    refresh_digest=f"digest-{login_id}",
                    rotated_at=NOW,
                    expires_at=NOW + timedelta(days=1),
                )
                stores.logins.add(login)
            stores.logins.revoke(f"phone-{user_id}", NOW)
        return users

    users = await storage.write(add)
    read = await storage.read(lambda stores: stores.accounts.by_user_ids([*users, 2**40]))
    assert sorted(account.user_id for account in read) == sorted(users)
    assert await storage.read(lambda stores: stores.accounts.by_user_ids([])) == []
    asked = [f"{device}-{user_id}" for user_id in users[:60] for device in ("phone", "laptop")]

    async def ended(moment: datetime) -> set[str]:
        found = await storage.read(
            lambda stores: stores.logins.revoked_among([*asked, "unknown"], users[60:], moment)
        )
        assert len(found) == len(set(found))
        return set(found)

    assert await ended(NOW) == {f"phone-{user_id}" for user_id in users}
    assert await ended(NOW + MILLISECOND) == set()


@pytest.mark.parametrize("again", ["Emmy", "emmy", "EMMY"])
async def test_a_name_is_taken_in_any_case(storage: Storage, again: str) -> None:
    """A name that differs only in case is refused."""
    await storage.write(lambda stores: _ensure(stores, "Emmy"))
    with pytest.raises(Conflict) as refused:
        await storage.write(lambda stores: add_account(stores, again))
    assert refused.value.error_code == "site_id_taken"


def adding(site_id: str) -> Work[int]:
    return lambda stores: add_account(stores, site_id)


def finding_account(site_id: str) -> Work[Account | None]:
    return lambda stores: stores.accounts.by_site_id(site_id)


async def test_one_of_two_gets_a_name_that_both_want(storage: Storage) -> None:
    """Of concurrent sign-ups with one name, one succeeds and the others are refused."""
    for n in range(10):
        outcomes = await asyncio.gather(
            *(storage.write(adding(name)) for name in (f"Twin{n}", f"tWIN{n}", f"twin{n}")),
            return_exceptions=True,
        )
        [winner] = [outcome for outcome in outcomes if isinstance(outcome, int)]
        losers = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
        assert [loser.error_code for loser in losers] == ["site_id_taken"] * 2
        found = await storage.read(finding_account(f"twin{n}"))
        assert found is not None
        assert found.user_id == winner


async def test_ids_of_accounts_are_never_used_again(storage: Storage) -> None:
    """A new account has a larger id, also after a rollback."""
    first = await storage.new_account()
    with pytest.raises(Conflict):
        await storage.write(lambda stores: [add_account(stores, "same") for _ in range(2)])
    assert await storage.new_account() > first


async def test_credentials_change(storage: Storage) -> None:
    """`set_credentials` changes one account only."""
    user_id, other_id = await storage.new_account(), await storage.new_account()
    await storage.write(
        lambda stores: stores.accounts.set_credentials(
            user_id, password_hash="new", role=Role.ADMIN
        )
    )
    changed = await storage.read(lambda stores: stores.accounts.by_user_id(user_id))
    other = await storage.read(lambda stores: stores.accounts.by_user_id(other_id))
    assert changed is not None
    assert other is not None
    assert (changed.password_hash, changed.role) == ("new", Role.ADMIN)
    assert (other.password_hash, other.role) == ("hash", Role.PLAYER)


async def test_role_status_and_version_change(storage: Storage) -> None:
    """Those of one account only; a new account is active and of version 1."""
    user_id, other_id = await storage.new_account(), await storage.new_account()

    def work(stores: Stores) -> int:
        stores.accounts.set_role(user_id, Role.ADMIN)
        stores.accounts.set_status(user_id, AccountStatus.BLOCKED)
        return stores.accounts.raise_version(user_id)

    began = datetime.now(UTC) - MILLISECOND
    assert await storage.write(work) == 2
    changed = await storage.write(lambda stores: stores.accounts.lock(user_id))
    other = await storage.write(lambda stores: stores.accounts.lock(other_id))
    assert changed is not None
    assert other is not None
    assert changed.changed_at is not None
    assert began <= changed.changed_at <= datetime.now(UTC)
    assert (changed.role, changed.status, changed.version) == (Role.ADMIN, "blocked", 2)
    assert (other.role, other.status, other.version) == (Role.PLAYER, "active", 1)
    assert other.changed_at is None
    assert await storage.write(lambda stores: stores.accounts.lock(2**40)) is None


async def test_each_raise_of_a_version_counts(storage: Storage) -> None:
    """Concurrent ones get different versions; an unknown user has none."""
    user_id = await storage.new_account()
    raises = [storage.write(lambda stores: stores.accounts.raise_version(user_id)) for _ in "abc"]
    assert sorted(await asyncio.gather(*raises)) == [2, 3, 4]
    with pytest.raises(NotFound):
        await storage.write(lambda stores: stores.accounts.raise_version(2**40))


async def test_changes_since_a_moment(storage: Storage) -> None:
    """Changed accounts are found as they are now, and those that never changed are not."""
    user_id, _ = await storage.new_account(), await storage.new_account()
    began = datetime.now(UTC) - MILLISECOND
    for _ in range(2):
        await storage.write(lambda stores: stores.accounts.raise_version(user_id))
    [changed] = await storage.read(lambda stores: stores.accounts.changed_since(began))
    assert (changed.user_id, changed.version) == (user_id, 3)
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert await storage.read(lambda stores: stores.accounts.changed_since(later)) == []


async def test_operators_are_active_and_have_the_role(storage: Storage) -> None:
    """Blocked operators and players are not among them."""
    player, admin, blocked = [await storage.new_account() for _ in range(3)]

    def work(stores: Stores) -> list[int]:
        stores.accounts.set_role(admin, Role.ADMIN)
        stores.accounts.set_role(blocked, Role.ADMIN)
        stores.accounts.set_status(blocked, AccountStatus.BLOCKED)
        return stores.accounts.lock_operators()

    operators = await storage.write(work)
    assert admin in operators
    assert not {player, blocked} & set(operators)


async def test_two_operators_cannot_demote_each_other(storage: Storage) -> None:
    """Whoever comes second finds that the role is gone."""
    ids = [await storage.new_account() for _ in range(2)]

    def appoint(stores: Stores) -> None:
        for user_id in ids:
            stores.accounts.set_role(user_id, Role.ADMIN)

    def demote(actor: int, target: int) -> Work[bool]:
        def work(stores: Stores) -> bool:
            if actor not in stores.accounts.lock_operators():
                return False
            stores.accounts.set_role(target, Role.PLAYER)
            return True

        return work

    for _ in range(5):
        await storage.write(appoint)
        done = await asyncio.gather(
            storage.write(demote(ids[0], ids[1])), storage.write(demote(ids[1], ids[0]))
        )
        assert sorted(done) == [False, True]


def a_login(user_id: int, name: str, **fields: Any) -> Login:
    return evolve(
        Login(
            login_id=f"{name}-{user_id}",
            user_id=user_id,
            refresh_digest=f"digest-{name}-{user_id}",
            rotated_at=NOW,
            expires_at=NOW + timedelta(days=30),
        ),
        **fields,
    )


def finding(digest: str | None, family: str = "no family") -> Work[Login | None]:
    return lambda stores: stores.logins.lock_by_digest(family, str(digest))


def saving(login: Login) -> Work[None]:
    return lambda stores: stores.logins.save(login)


def revoking(login_id: str, at: datetime) -> Work[bool]:
    return lambda stores: stores.logins.revoke(login_id, at)


async def add_logins(storage: Storage, *logins: Login) -> None:
    def work(stores: Stores) -> None:
        for login in logins:
            stores.logins.add(login)

    await storage.write(work)


async def test_a_login_reads_as_it_was_added(storage: Storage) -> None:
    """All fields are equal, times to the millisecond."""
    login = a_login(
        await storage.new_account(),
        "full",
        family_digest="family-full",
        previous_digest="before-full",
        successor_salt="salt",
        ends_at=NOW + timedelta(days=180),
        rotated_at=NOW + MILLISECOND,
        expires_at=NOW + timedelta(days=1) - MILLISECOND,
        revoked_at=NOW + 2 * MILLISECOND,
    )
    plain = a_login(login.user_id, "plain")
    await add_logins(storage, login, plain)
    assert await storage.write(finding(login.refresh_digest)) == login
    assert await storage.write(finding(plain.refresh_digest)) == plain


async def test_a_rotated_login_is_found_by_its_present_and_its_previous_digest(
    storage: Storage,
) -> None:
    """Digests older than the previous one are not found."""
    first = a_login(await storage.new_account(), "rotated")
    second = evolve(
        first, refresh_digest="second", previous_digest=first.refresh_digest, rotated_at=NOW
    )
    third = evolve(
        second, refresh_digest="third", previous_digest="second", rotated_at=NOW + MILLISECOND
    )
    await add_logins(storage, first)
    for login in (second, third):
        await storage.write(saving(login))
    assert await storage.write(finding("third")) == third
    assert await storage.write(finding("second")) == third
    assert await storage.write(finding(first.refresh_digest)) is None
    assert await storage.write(finding("never seen")) is None


async def test_a_login_is_found_by_its_family(storage: Storage) -> None:
    """Whatever token of the family is presented."""
    family = a_login(await storage.new_account(), "family", family_digest="family-of-it")
    other = a_login(family.user_id, "other", family_digest="another family")
    await add_logins(storage, family, other)
    assert await storage.write(finding("an old token", "family-of-it")) == family
    assert await storage.write(finding("an old token", "unheard of")) is None


async def test_expired_logins_are_deleted_in_steps(storage: Storage) -> None:
    """The oldest first, and no more than asked for."""
    user_id = await storage.new_account()
    long_ago = NOW - timedelta(days=1000)
    logins = [
        a_login(user_id, f"expired{n}", expires_at=long_ago + timedelta(days=n)) for n in range(3)
    ]
    await add_logins(storage, *reversed(logins))
    before = long_ago + timedelta(days=2)

    def deleting(limit: int) -> Work[int]:
        return lambda stores: stores.logins.delete_expired(before, limit)

    async def kept() -> list[bool]:
        return [await storage.write(finding(login.refresh_digest)) is not None for login in logins]

    assert await storage.write(deleting(1)) == 1
    assert await kept() == [False, True, True]
    assert await storage.write(deleting(5)) == 1
    assert await kept() == [False, False, True]
    assert await storage.write(deleting(5)) == 0


async def test_a_refresh_token_is_used_once(storage: Storage) -> None:
    """Of concurrent rotations of a login, one finds it under its present digest."""
    login = a_login(await storage.new_account(), "wanted")
    await add_logins(storage, login)

    def rotate(n: int) -> Work[bool]:
        def work(stores: Stores) -> bool:
            found = stores.logins.lock_by_digest("no family", login.refresh_digest)
            if found is None or found.refresh_digest != login.refresh_digest:
                return False
            used = found.refresh_digest
            stores.logins.save(evolve(found, refresh_digest=f"new{n}", previous_digest=used))
            return True

        return work

    outcomes = await asyncio.gather(*(storage.write(rotate(n)) for n in range(10)))
    assert outcomes.count(True) == 1


async def test_the_first_revocation_counts(storage: Storage) -> None:
    """A second revocation changes nothing, and an unknown login is no error."""
    login = a_login(await storage.new_account(), "revoked")
    await add_logins(storage, login)
    for moment, first in ((NOW, True), (NOW + timedelta(hours=1), False)):
        assert await storage.write(revoking(login.login_id, moment)) is first
        assert await storage.write(revoking("unknown", moment)) is False
    found = await storage.write(finding(login.refresh_digest))
    assert found == evolve(login, revoked_at=NOW)


async def test_all_logins_of_a_user_are_revoked(storage: Storage) -> None:
    """`revoke_all` returns the logins that were active; other users' logins stay."""
    user_id, other_id = await storage.new_account(), await storage.new_account()
    one, two = a_login(user_id, "one"), a_login(user_id, "two")
    before = a_login(user_id, "before", revoked_at=NOW)
    foreign = a_login(other_id, "foreign")
    await add_logins(storage, one, two, before, foreign)
    later = NOW + timedelta(hours=1)
    revoked = await storage.write(lambda stores: stores.logins.revoke_all(user_id, later))
    assert sorted(revoked) == sorted([one.login_id, two.login_id])
    assert await storage.write(lambda stores: stores.logins.revoke_all(user_id, later)) == []
    assert await storage.write(finding(one.refresh_digest)) == evolve(one, revoked_at=later)
    assert await storage.write(finding(before.refresh_digest)) == before
    assert await storage.write(finding(foreign.refresh_digest)) == foreign


async def test_all_logins_but_one_are_revoked(storage: Storage) -> None:
    """The excepted login stays as it is."""
    user_id = await storage.new_account()
    kept, other = a_login(user_id, "kept"), a_login(user_id, "other")
    await add_logins(storage, kept, other)
    revoked = await storage.write(
        lambda stores: stores.logins.revoke_all(user_id, NOW, except_login=kept.login_id)
    )
    assert revoked == [other.login_id]
    assert await storage.write(finding(kept.refresh_digest)) == kept


async def test_a_password_hash_is_replaced_once(storage: Storage) -> None:
    """Only the hash that the caller has seen is replaced."""
    user_id = await storage.new_account()

    def replace(stores: Stores) -> list[bool]:
        account = stores.accounts.lock(user_id)
        assert account is not None
        old = account.password_hash
        return [
            stores.accounts.replace_password_hash(user_id, old=old, new="new"),
            stores.accounts.replace_password_hash(user_id, old=old, new="newer"),
        ]

    assert await storage.write(replace) == [True, False]
    found = await storage.read(lambda stores: stores.accounts.by_user_id(user_id))
    assert found is not None
    assert found.password_hash == "new"
    assert await storage.write(lambda stores: stores.accounts.lock(2**40)) is None


async def test_revocations_since_a_moment(storage: Storage) -> None:
    """Revocations at that very millisecond are included."""
    moment = NOW + timedelta(days=100)
    logins = [
        a_login(await storage.new_account(), name, revoked_at=at)
        for name, at in (
            ("early", moment - MILLISECOND),
            ("then", moment),
            ("late", moment + MILLISECOND),
            ("never", None),
        )
    ]
    await add_logins(storage, *logins)
    since = await storage.read(lambda stores: stores.logins.revoked_since(moment))
    assert sorted(since) == sorted(login.login_id for login in logins[1:3])
