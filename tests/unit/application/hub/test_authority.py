"""Authority: which connections a changed account closes, and with which code."""

import pytest
from attrs import evolve

from application.cluster.messages import AccountChanged, LoginRevoked
from application.frames.close_codes import CloseCode
from application.identity.revocations import Revocations
from application.jobs.revocation_poller import LOOK_BACK
from application.ports.tokens import Caller
from domain.account import AccountStatus, Role
from tests.support.stage import Stage
from tests.support.stepping import FakeClock, finish


@pytest.mark.parametrize(
    ("role", "session_code", "monitor_code"),
    [
        (None, CloseCode.UNAUTHENTICATED, CloseCode.UNAUTHENTICATED),
        (Role.PLAYER, CloseCode.TOKEN_EXPIRED, CloseCode.FORBIDDEN),
        (Role.ADMIN, CloseCode.TOKEN_EXPIRED, CloseCode.TOKEN_EXPIRED),
    ],
    ids=["ended", "demoted", "promoted"],
)
def test_close_code_tells_what_to_do_next(
    stage: Stage, role: Role | None, session_code: CloseCode, monitor_code: CloseCode
) -> None:
    """Sign in, stay away, or refresh and return. Other users stay connected."""
    device, monitor = stage.opening_device(user=stage.bob), stage.opening_monitor()
    other = stage.opening_device(user=stage.ada)
    stage.world.hub.apply(AccountChanged(stage.bob, 2, role))
    assert device.closed_with() == session_code
    assert monitor.closed_with() == monitor_code
    assert other.closed_with() is None


def test_version_of_the_token_or_an_earlier_one_closes_nothing(stage: Stage) -> None:
    """The message is about tokens from before it."""
    device = stage.opening_device()
    stage.world.hub.apply(AccountChanged(stage.ada, 1, None))
    assert device.closed_with() is None


def test_events_from_before_the_change_still_arrive(stage: Stage) -> None:
    """They were committed before the account changed."""
    device = stage.device()
    stage.act()
    stage.deliver_all()
    stage.world.hub.apply(AccountChanged(stage.ada, 2, None))
    assert device.seqs() == [1]


def test_device_of_a_changed_account_is_not_admitted(stage: Stage) -> None:
    """An account that changed after the token was verified opens no connection."""
    stage.world.hub.apply(AccountChanged(stage.ada, 2, Role.PLAYER))
    device = stage.opening_device()
    assert device.closed_with() == CloseCode.TOKEN_EXPIRED
    assert stage.reads == 0


@pytest.mark.parametrize("blocked", [True, False])
def test_poll_finds_what_no_broker_delivered(stage: Stage, blocked: bool) -> None:
    """Blocked accounts and new roles, at the next poll; the second poll finds nothing new."""
    device = stage.opening_device()
    monitor = stage.opening_monitor()
    world = stage.world

    def change(user_id: int) -> None:
        if blocked:
            world.database.now(
                lambda stores: stores.accounts.set_status(user_id, AccountStatus.BLOCKED)
            )
        world.database.now(lambda stores: stores.accounts.set_role(user_id, Role.PLAYER))
        world.database.now(lambda stores: stores.accounts.raise_version(user_id))

    change(stage.ada)
    change(stage.bob)
    for _ in range(2):
        finish(world.container.revocation_poller().execute())
    ended = CloseCode.UNAUTHENTICATED
    assert device.closed_with() == (ended if blocked else CloseCode.TOKEN_EXPIRED)
    assert monitor.closed_with() == (ended if blocked else CloseCode.FORBIDDEN)


def test_monitor_needs_the_role_when_it_opens(stage: Stage) -> None:
    """Whatever the token says, and before this node has learned of the demotion."""
    stage.world.database.now(lambda stores: stores.accounts.set_role(stage.bob, Role.PLAYER))
    monitor = stage.opening_monitor()
    stage.answer()
    assert monitor.closed_with() == CloseCode.FORBIDDEN
    assert monitor.sink.frames == []


def test_restarted_node_knows_what_happened_before(stage: Stage) -> None:
    """It learns of logins and accounts before it accepts connections."""
    world = stage.world
    world.database.now(lambda stores: stores.accounts.raise_version(stage.ada))
    world.restart()
    finish(world.container.revocation_poller().learn_all())
    caller = world.caller(stage.ada)
    assert world.container.revocations().outdate(caller)
    assert not world.container.revocations().outdate(evolve(caller, version=2))


def test_message_about_a_login_wins_over_the_refresh(stage: Stage) -> None:
    """A device whose login ended must sign in, even if the account goes on."""
    device = stage.opening_device(login_id="lost phone")
    stage.world.hub.apply(LoginRevoked("lost phone"))
    stage.world.hub.apply(AccountChanged(stage.ada, 2, Role.PLAYER))
    assert device.closed_with() == CloseCode.UNAUTHENTICATED


def test_what_is_known_is_forgotten_with_the_tokens() -> None:
    """It is held for as long as a token can be valid, and not for ever."""
    clock = FakeClock()
    revocations = Revocations(clock, keep_s=100)

    def holds() -> tuple[bool, bool]:
        caller = Caller(user_id=7, login_id="a", role=Role.PLAYER, expires_at=clock.now())
        return revocations.hold("a"), revocations.outdate(caller)

    def wait(seconds: float) -> None:
        clock.advance(seconds)
        revocations.forget_expired()

    wait(99)
    revocations.add("a")
    assert revocations.raise_version(7, 2)
    wait(1)
    wait(99)
    assert holds() == (True, True)
    assert not revocations.raise_version(7, 2)
    assert revocations.raise_version(7, 3)
    wait(1)
    assert holds() == (False, True)
    wait(100)
    assert holds() == (False, False)
    assert len(revocations) == 0


def test_memory_outlives_the_access_tokens(stage: Stage) -> None:
    """Whatever the clocks of nodes differ by."""
    container = stage.world.container
    kept = container.revocations()._keep_s
    assert kept >= (container.token_lifetimes().access + LOOK_BACK).total_seconds()
