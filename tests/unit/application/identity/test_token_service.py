"""Tokens, logins and revocations."""

from datetime import UTC, datetime, timedelta

import pytest

from application.identity.authenticator import Authenticator, require_admin
from application.identity.revocations import Revocations
from application.identity.token_service import (
    SignedIn,
    TokenLifetimes,
    TokenService,
    digest,
)
from application.ports.tokens import Caller
from domain.account import Account, Login, Role
from domain.errors import Forbidden, NotFound, Unauthenticated
from tests.support.stepping import FakeClock, finish
from tests.support.world import World

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
"""Tokens are checked against the real time, so these tests sign in long before it."""

LIFETIMES = TokenLifetimes(access=timedelta(days=36_500), refresh=timedelta(days=30))


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


def login_of(world: World, refresh_token: str) -> Login:
    login = world.database.now(lambda stores: stores.logins.lock_by_digest(digest(refresh_token)))
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
    """It is refused before it expires; other logins stay valid."""
    revocations = Revocations()
    authenticator = Authenticator(world.container.tokens(), revocations)
    token = world.container.tokens().issue(caller(), LONG_AGO)
    revocations.add("another login")
    assert authenticator.authenticate(token) == caller()
    revocations.add("login")
    with pytest.raises(Unauthenticated) as refusal:
        authenticator.authenticate(token)
    assert refusal.value.error_code == "token_revoked"


def test_operators_pass_where_players_do_not() -> None:
    require_admin(caller(Role.ADMIN))
    with pytest.raises(Forbidden) as refusal:
        require_admin(caller(Role.PLAYER))
    assert refusal.value.error_code == "admin_only"


def test_revocations_know_what_is_news() -> None:
    """`unknown` keeps the order of its input."""
    revocations = Revocations()
    revocations.add("b")
    assert revocations.unknown(["c", "b", "a"]) == ["c", "a"]
    assert [revocations.hold(login_id) for login_id in "ab"] == [False, True]


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
        refresh_digest=digest(signed_in.refresh_token),
        rotated_at=LONG_AGO,
        expires_at=LONG_AGO + LIFETIMES.refresh,
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
        world.database.write(lambda stores: token_service.rotate(stores, account, login))
    )
    assert again.refresh_token != first.refresh_token
    assert login_of(world, again.refresh_token) == Login(
        login_id=login.login_id,
        user_id=account.user_id,
        refresh_digest=digest(again.refresh_token),
        previous_digest=digest(first.refresh_token),
        rotated_at=LONG_AGO + timedelta(seconds=60),
        expires_at=LONG_AGO + timedelta(seconds=60) + LIFETIMES.refresh,
    )
    prolonged = world.container.tokens().verify(again.access_token)
    assert prolonged.login_id == login.login_id
    assert prolonged.expires_at == LONG_AGO + timedelta(seconds=60) + LIFETIMES.access


def test_nobody_signs_in_without_a_player(
    world: World, token_service: TokenService, account: Account
) -> None:
    """No login is stored."""
    nobody = Account(user_id=account.user_id + 1, site_id="x", password_hash="")
    with pytest.raises(NotFound):
        open_login(world, token_service, nobody)
    since_ever = datetime(1970, 1, 1, tzinfo=UTC)
    ended = finish(
        world.database.write(lambda stores: stores.logins.revoke_all(nobody.user_id, since_ever))
    )
    assert ended == []


def test_digest_tells_tokens_apart() -> None:
    """It is stable and does not contain the token."""
    assert digest("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    assert digest("a") != digest("b")
