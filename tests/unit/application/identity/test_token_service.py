"""Tokens, logins and revocations."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from application.identity.authenticator import require_admin, require_operator
from application.identity.refresh_tokens import digest, family_digest
from application.identity.token_service import SignedIn, TokenLifetimes, TokenService
from application.ports.storage.stores import Stores
from application.ports.telemetry import Counted
from application.ports.tokens import Caller
from domain.account import Account, AccountStatus, Login, Role
from domain.errors import Forbidden, Unauthenticated
from tests.support.stepping import FakeClock, finish
from tests.support.world import World

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
"""Tokens are checked against the real time, so these tests sign in long before it."""

LIFETIMES = TokenLifetimes(
    access=timedelta(days=36_500), refresh=timedelta(days=40_000), login=timedelta(days=50_000)
)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(LONG_AGO)


@pytest.fixture
def token_service(world: World, clock: FakeClock) -> TokenService:
    return TokenService(world.container.tokens(), clock, world.container.ids(), LIFETIMES)


@pytest.fixture
def account(world: World) -> Account:
    """An operator with a player."""
    user_id = world.add_player("ada")
    return Account(user_id=user_id, site_id="ada", password_hash="", role=Role.ADMIN)


def open_login(world: World, token_service: TokenService, account: Account) -> SignedIn:
    return finish(world.database.write(lambda stores: token_service.open(stores, account)))


def login_of(world: World, token: str) -> Login:
    login = world.database.now(
        lambda stores: stores.logins.lock_by_digest(family_digest(token), digest(token))
    )
    assert login is not None
    return login


def caller(role: Role = Role.PLAYER, life: timedelta = LIFETIMES.access) -> Caller:
    return Caller(user_id=7, login_id="login", role=role, expires_at=LONG_AGO + life)


def test_valid_token_tells_its_caller(world: World) -> None:
    """User, login, role and expiry are those issued."""
    token = world.container.tokens().issue(caller(Role.ADMIN), LONG_AGO)
    assert world.container.authenticator().authenticate(token) == caller(Role.ADMIN)


@pytest.mark.parametrize("token", [None, ""], ids=["none", "empty"])
def test_missing_token_is_named_so(world: World, token: str | None) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        world.container.authenticator().authenticate(token)
    assert refusal.value.error_code == "token_missing"


def test_nonsense_is_no_token(world: World) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        world.container.authenticator().authenticate("nonsense")
    assert refusal.value.error_code == "token_invalid"


def test_expired_token_is_refused(world: World) -> None:
    token = world.container.tokens().issue(caller(life=timedelta(hours=1)), LONG_AGO)
    with pytest.raises(Unauthenticated) as refusal:
        world.container.authenticator().authenticate(token)
    assert refusal.value.error_code == "token_expired"


def test_token_of_an_ended_login_is_refused(world: World) -> None:
    """It is refused before it expires; other logins stay valid. The refusal is counted."""
    revocations, authenticator = world.container.revocations(), world.container.authenticator()
    token = world.container.tokens().issue(caller(), LONG_AGO)
    revocations.add("another login")
    assert authenticator.authenticate(token) == caller()
    revocations.add("login")
    with pytest.raises(Unauthenticated) as refusal:
        authenticator.authenticate(token)
    assert refusal.value.error_code == "token_revoked"
    assert world.telemetry.counts[Counted.REFUSED_TOKENS, "token_revoked"] == 1


def test_token_from_before_a_change_of_the_account_is_refused(world: World) -> None:
    """Its version is lower; tokens of other users, and of the present version, stay valid."""
    revocations, authenticator = world.container.revocations(), world.container.authenticator()
    token = world.container.tokens().issue(caller(), LONG_AGO)
    revocations.raise_version(8, 2)
    revocations.raise_version(7, 1)
    assert authenticator.authenticate(token) == caller()
    revocations.raise_version(7, 2)
    with pytest.raises(Unauthenticated) as refusal:
        authenticator.authenticate(token)
    assert refusal.value.error_code == "token_outdated"
    renewed = world.container.tokens().issue(evolve(caller(), version=2), LONG_AGO)
    assert authenticator.authenticate(renewed).version == 2


def test_operators_pass_where_players_do_not() -> None:
    require_admin(caller(Role.ADMIN))
    with pytest.raises(Forbidden) as refusal:
        require_admin(caller(Role.PLAYER))
    assert refusal.value.error_code == "admin_only"


@pytest.mark.parametrize(
    ("role", "status", "operator"),
    [
        (Role.ADMIN, AccountStatus.ACTIVE, True),
        (Role.ADMIN, AccountStatus.BLOCKED, False),
        (Role.PLAYER, AccountStatus.ACTIVE, False),
    ],
)
def test_role_is_read_from_the_database(
    world: World, role: Role, status: AccountStatus, operator: bool
) -> None:
    """What the token says does not count."""
    user_id = world.add_player("ada")
    asking = evolve(caller(Role.ADMIN), user_id=user_id)

    def change(stores: Stores) -> None:
        stores.accounts.set_role(user_id, role)
        stores.accounts.set_status(user_id, status)

    world.database.now(change)
    if operator:
        world.database.now(lambda stores: require_operator(stores, asking))
    else:
        with pytest.raises(Forbidden) as refusal:
            world.database.now(lambda stores: require_operator(stores, asking))
        assert refusal.value.error_code == "admin_only"


def test_signing_in_shows_user_and_tokens(
    world: World, token_service: TokenService, account: Account
) -> None:
    """The answer has what a front end needs at first."""
    signed_in = open_login(world, token_service, account)
    user = signed_in.user
    assert (user.id, user.site_id, user.role) == (account.user_id, "ada", Role.ADMIN)
    assert (user.nickname, user.gold, user.exp, user.level) == ("ada", 1_000, 0, 1)
    assert (user.tier, user.total_spent) == ("bronze", 0)
    assert (signed_in.token_type, signed_in.expires_in) == ("bearer", 36_500 * 86_400)


def test_access_token_names_its_login(
    world: World, token_service: TokenService, account: Account
) -> None:
    """Ending the login ends the token."""
    signed_in = open_login(world, token_service, account)
    found = world.container.tokens().verify(signed_in.access_token)
    assert found == Caller(
        user_id=account.user_id,
        login_id=login_of(world, signed_in.refresh_token).login_id,
        role=Role.ADMIN,
        expires_at=LONG_AGO + LIFETIMES.access,
    )


def test_new_login_is_stored(world: World, token_service: TokenService, account: Account) -> None:
    """It has a digest of the refresh token, and an expiry."""
    signed_in = open_login(world, token_service, account)
    login = login_of(world, signed_in.refresh_token)
    assert login == Login(
        login_id=login.login_id,
        user_id=account.user_id,
        family_digest=family_digest(signed_in.refresh_token),
        refresh_digest=digest(signed_in.refresh_token),
        rotated_at=LONG_AGO,
        expires_at=LONG_AGO + LIFETIMES.refresh,
        ends_at=LONG_AGO + LIFETIMES.login,
    )


def test_each_device_has_a_login_of_its_own(
    world: World, token_service: TokenService, account: Account
) -> None:
    first, second = (
        open_login(world, token_service, account),
        open_login(world, token_service, account),
    )
    logins = [login_of(world, signed_in.refresh_token) for signed_in in (first, second)]
    assert logins[0].login_id != logins[1].login_id


def test_prolonged_login_stays_the_same(
    world: World, token_service: TokenService, account: Account, clock: FakeClock
) -> None:
    """It has a later expiry and another refresh token; the previous digest is kept."""
    first = open_login(world, token_service, account)
    login = login_of(world, first.refresh_token)
    clock.advance(60)
    again = finish(
        world.database.write(
            lambda stores: token_service.refresh(stores, account, login, first.refresh_token)
        )
    )
    assert again is not None
    prolonged = login_of(world, again.refresh_token)
    assert prolonged == evolve(
        login,
        refresh_digest=digest(again.refresh_token),
        previous_digest=digest(first.refresh_token),
        successor_salt=prolonged.successor_salt,
        rotated_at=LONG_AGO + timedelta(seconds=60),
        expires_at=LONG_AGO + timedelta(seconds=60) + LIFETIMES.refresh,
    )
    renewed = world.container.tokens().verify(again.access_token)
    assert renewed.login_id == login.login_id
    assert renewed.expires_at == LONG_AGO + timedelta(seconds=60) + LIFETIMES.access


@pytest.mark.parametrize("change", ["password", "blocked", "deleted"])
def test_account_that_changed_during_the_sign_in_opens_no_login(
    world: World, token_service: TokenService, account: Account, change: str
) -> None:
    """The password was verified against what the account was before."""
    user_id = account.user_id

    def work(stores: Stores) -> None:
        if change != "password":
            stores.accounts.set_status(user_id, AccountStatus(change))
        stores.accounts.raise_version(user_id)

    world.database.now(work)
    with pytest.raises(Unauthenticated) as refusal:
        open_login(world, token_service, account)
    assert refusal.value.error_code == "invalid_credentials"


def test_nobody_signs_in_without_an_account(
    world: World, token_service: TokenService, account: Account
) -> None:
    """No login is stored."""
    nobody = Account(user_id=account.user_id + 1, site_id="x", password_hash="")
    with pytest.raises(Unauthenticated):
        open_login(world, token_service, nobody)
    since_ever = datetime(1970, 1, 1, tzinfo=UTC)
    ended = finish(
        world.database.write(lambda stores: stores.logins.revoke_all(nobody.user_id, since_ever))
    )
    assert ended == []
