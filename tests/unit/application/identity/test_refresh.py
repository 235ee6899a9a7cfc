"""Refresh tokens: what an honest client and a thief can do with them."""

from datetime import timedelta

import pytest
from attrs import evolve

from application.cluster.messages import LoginRevoked
from application.identity.refresh_tokens import RETRY_GRACE, digest, family_digest
from application.ports.telemetry import Counted
from domain.account import AccountStatus, Login
from tests.support.family import Family
from tests.support.stepping import finish

GRACE_S = RETRY_GRACE.total_seconds()
LATER_S = 600.0
DAY_S = 86_400.0


@pytest.fixture
def family() -> Family:
    return Family()


def login_of(family: Family, token: str) -> Login:
    login = family.world.database.now(
        lambda stores: stores.logins.lock_by_digest(family_digest(token), digest(token))
    )
    assert login is not None
    return login


def test_thief_who_rotates_twice_is_noticed(family: Family) -> None:
    """The owner's token is then older than the previous one, and still ends the login."""
    second = family.refresh(family.first)
    family.wait(LATER_S)
    stolen = family.refresh(second)
    assert family.refusal(family.first) == "refresh_token_reused"
    assert family.refusal(stolen) == "refresh_token_invalid"


def test_two_tabs_that_refresh_at_once_stay_signed_in(family: Family) -> None:
    """Both get the same token, so the next refresh of either is no reuse."""
    one = family.refresh(family.first)
    family.wait(GRACE_S)
    two = family.refresh(family.first)
    family.wait(LATER_S)
    assert family.refresh(two) == family.refresh(one)


def test_lost_answer_is_repeated(family: Family) -> None:
    """The retry gets the token that was lost."""
    lost = family.refresh(family.first)
    family.wait(GRACE_S)
    assert family.refresh(family.first) == lost


def test_previous_token_ends_the_login_later(family: Family) -> None:
    """After the grace time it is no retry; all nodes are told, and it is counted."""
    second = family.refresh(family.first)
    login = login_of(family, second)
    family.wait(GRACE_S + 0.001)
    assert family.refusal(family.first) == "refresh_token_reused"
    assert family.world.broadcaster.under_way[-1] == LoginRevoked(login.login_id)
    assert family.refusal(second) == "refresh_token_invalid"
    counts = family.world.telemetry.counts
    assert counts[Counted.REFUSED_REFRESHES, "refresh_token_reused"] == 1
    assert counts[Counted.REFUSED_REFRESHES, "refresh_token_invalid"] == 1


def test_thief_who_stays_one_step_ahead_is_noticed(family: Family) -> None:
    """He uses each token before its owner does. Without a time limit for retries, both would get
    the same successors for ever; as it is, the owner's use tells that there are two."""
    stolen = family.first
    ahead = family.refresh(stolen)
    family.wait(LATER_S)
    assert family.refusal(stolen) == "refresh_token_reused"
    assert family.refusal(ahead) == "refresh_token_invalid"


@pytest.mark.parametrize("wait_s", [0.0, LATER_S])
def test_an_earlier_token_ends_the_login_at_once(family: Family, wait_s: float) -> None:
    """Its successor has been used, so the client that had it got the answer."""
    second = family.refresh(family.first)
    third = family.refresh(second)
    family.wait(wait_s)
    assert family.refusal(family.first) == "refresh_token_reused"
    assert family.refusal(third) == "refresh_token_invalid"


def test_made_up_token_of_the_family_ends_it(family: Family) -> None:
    """Only who has had a token can name the family."""
    assert family.refusal(f"{family.first.partition('.')[0]}.made-up") == "refresh_token_reused"
    assert family.refusal(family.first) == "refresh_token_invalid"


@pytest.mark.parametrize("token", ["unheard-of", "un.heard.of", ".", "", "login"])
def test_unknown_token_ends_nothing(family: Family, token: str) -> None:
    """It is refused as one that expired."""
    assert family.refusal(token) == "refresh_token_invalid"
    family.refresh(family.first)


def test_another_login_goes_on(family: Family) -> None:
    """Reuse ends the login of the token only."""
    other = family.sign_in()
    family.refresh(family.refresh(family.first))
    assert family.refusal(family.first) == "refresh_token_reused"
    family.refresh(other)


def test_login_ends_for_good_however_often_it_is_refreshed(family: Family) -> None:
    """The last access token ends with it, too."""
    token, days = family.first, 0
    while (renewed := family.present(token)) is not None:
        token, days = renewed, days + 20
        family.wait(20 * DAY_S)
    assert days == 180
    assert family.refusal(token) == "refresh_token_invalid"


def test_last_access_token_ends_with_the_login(family: Family) -> None:
    """It does not outlive the end of the login."""
    login = login_of(family, family.first)
    soon = family.world.clock.now() + timedelta(seconds=60)
    family.world.database.now(lambda stores: stores.logins.save(evolve(login, ends_at=soon)))
    family.refresh(family.first)
    assert login_of(family, family.first).expires_at == soon


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (AccountStatus.BLOCKED, "account_blocked"),
        (AccountStatus.DELETED, "refresh_token_invalid"),
    ],
)
def test_account_that_cannot_be_used_gets_no_tokens(
    family: Family, status: AccountStatus, code: str
) -> None:
    """A deleted account looks like one that never existed."""
    user_id = family.account.user_id
    family.world.database.now(lambda stores: stores.accounts.set_status(user_id, status))
    assert family.refusal(family.first) == code


def test_token_from_before_families_goes_on(family: Family) -> None:
    """It founds a family with its use, and is recognized as an earlier token from then on."""
    old = "a-token-without-a-family"
    login = login_of(family, family.first)
    family.world.database.now(
        lambda stores: stores.logins.save(
            evolve(login, family_digest=None, refresh_digest=digest(old), ends_at=None)
        )
    )
    second = family.refresh(old)
    assert family.refresh(old) == second
    third = family.refresh(second)
    assert login_of(family, third).ends_at == family.world.clock.now() + timedelta(days=180)
    assert family.refusal(old) == "refresh_token_reused"


def test_retry_of_a_rotation_by_the_version_before_gets_a_token(family: Family) -> None:
    """There is no salt to derive the lost token from, so it is replaced."""
    old = "a-token-without-a-family"
    login = login_of(family, family.first)
    family.world.database.now(
        lambda stores: stores.logins.save(
            evolve(login, family_digest=None, refresh_digest="lost", previous_digest=digest(old))
        )
    )
    second = family.refresh(old)
    assert family.refresh(old) == second


def test_expired_logins_are_deleted(family: Family) -> None:
    """Two days after the refresh token expired; others stay."""
    purge = family.world.container.login_purge()
    family.wait(31 * DAY_S)
    other = family.sign_in()
    assert finish(purge.execute()) == 0
    family.wait(DAY_S + 1)
    assert finish(purge.execute()) == 1
    assert finish(purge.execute()) == 0
    family.refresh(other)
