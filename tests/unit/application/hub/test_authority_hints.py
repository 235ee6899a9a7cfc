"""What a message about a login or an account does: the database decides."""

from typing import TypeVar

import pytest
from dependency_injector import providers

from application.cluster.messages import AccountChanged, LoginRevoked
from application.frames.close_codes import CloseCode
from application.hub.authority_hints import MAX_WAITING
from application.hub.authority_news import News
from application.jobs.hint_reader import BATCH
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import StorageUnavailable, UnitOfWork, Work
from application.ports.telemetry import Counted
from domain.account import AccountStatus, Login
from tests.support.stage import Stage
from tests.support.stepping import finish

T = TypeVar("T")
LOGIN = "a-login"


class CountingReads(UnitOfWork):
    """Passes reads on, and fails when told to."""

    def __init__(self, database: UnitOfWork) -> None:
        self._database = database
        self.reads = 0
        self.away = False

    async def write(self, work: Work[T]) -> T:
        return await self._database.write(work)

    async def read(self, work: Work[T]) -> T:
        self.reads += 1
        if self.away:
            raise StorageUnavailable("away")
        return await self._database.read(work)


@pytest.fixture
def database(stage: Stage) -> CountingReads:
    counting = CountingReads(stage.world.database)
    stage.world.container.unit_of_work.override(providers.Object(counting))
    return counting


def read_hints(stage: Stage) -> None:
    finish(stage.world.container.hint_reader().execute())


def open_login(stage: Stage, *, revoked: bool) -> None:
    now = stage.world.clock.now()
    login = Login(
        login_id=LOGIN, user_id=stage.ada, refresh_digest="digest", rotated_at=now, expires_at=now
    )

    def work(stores: Stores) -> None:
        stores.logins.add(login)
        if revoked:
            stores.logins.revoke(LOGIN, now)

    stage.world.database.now(work)


def block(stage: Stage, user_id: int) -> None:
    def work(stores: Stores) -> None:
        stores.accounts.set_status(user_id, AccountStatus.BLOCKED)
        stores.accounts.raise_version(user_id)

    stage.world.database.now(work)


def dropped(stage: Stage, reason: str) -> int:
    return stage.world.telemetry.counts[Counted.DROPPED_MESSAGES, reason]


def test_forged_messages_end_nothing(stage: Stage) -> None:
    """Neither connections nor tokens, however high the version; they are counted."""
    open_login(stage, revoked=False)
    device = stage.opening_device(login_id=LOGIN)
    revocations = stage.world.container.revocations()
    for message in (LoginRevoked(LOGIN), AccountChanged(stage.ada, 10**12)):
        stage.world.hub.receive(message)
        assert device.closed_with() is None
        read_hints(stage)
        assert device.closed_with() is None
    assert not revocations.hold(LOGIN)
    assert not revocations.outdate(stage.world.caller(stage.ada))
    assert dropped(stage, "unconfirmed") == 2


@pytest.mark.parametrize("text", ["", "nul\x00", "x" * 10_000, "ü"])
def test_what_the_database_cannot_have_is_not_asked_for(
    stage: Stage, database: CountingReads, text: str
) -> None:
    """It could make the read of other hints fail."""
    stage.world.hub.receive(LoginRevoked(text))
    for user_id in (0, -1, 2**53, 2**80):
        stage.world.hub.receive(AccountChanged(user_id, 2))
    assert dropped(stage, "unconfirmed") == 5
    assert stage.world.container.authority_hints().take(BATCH).versions == {}
    assert database.reads == 0


def test_true_messages_end_what_the_database_says(stage: Stage) -> None:
    """The role in the message does not matter: the account is blocked."""
    device, other = stage.opening_device(), stage.opening_device(user=stage.bob)
    block(stage, stage.ada)
    stage.world.hub.receive(AccountChanged(stage.ada, 2, None))
    read_hints(stage)
    assert device.closed_with() == CloseCode.UNAUTHENTICATED
    assert other.closed_with() is None
    assert dropped(stage, "unconfirmed") == 0


def test_message_about_a_user_ends_the_logins_as_well(stage: Stage) -> None:
    """Whichever of the two messages comes first, a client whose login ended must sign in."""
    open_login(stage, revoked=True)
    stage.world.database.now(lambda stores: stores.accounts.raise_version(stage.ada))
    device, other = stage.opening_device(login_id=LOGIN), stage.opening_device()
    stage.world.hub.receive(AccountChanged(stage.ada, 2))
    read_hints(stage)
    assert device.closed_with() == CloseCode.UNAUTHENTICATED
    assert other.closed_with() == CloseCode.TOKEN_EXPIRED


def test_what_is_known_is_no_hint(stage: Stage, database: CountingReads) -> None:
    """Such as the messages that a node gets back from the broker."""
    news: list[News] = [LoginRevoked(LOGIN), AccountChanged(stage.ada, 2)]
    stage.world.container.authority_news().spread(news)
    stage.deliver_all()
    batch = stage.world.container.authority_hints().take(BATCH)
    assert (batch.versions, batch.login_ids) == ({}, set())
    assert database.reads == 0


def test_a_flood_costs_few_reads(stage: Stage, database: CountingReads) -> None:
    """Messages about one user are one hint; too many are dropped, which the poll makes good."""
    for version in range(2, 1_000):
        stage.world.hub.receive(AccountChanged(stage.ada, version))
    read_hints(stage)
    assert database.reads == 1
    device = stage.opening_device(user=stage.bob)
    for number in range(10**6, 10**6 + 2 * MAX_WAITING):
        stage.world.hub.receive(AccountChanged(number, 2))
    block(stage, stage.bob)
    stage.world.hub.receive(AccountChanged(stage.bob, 2))
    assert dropped(stage, "too_many_hints") == MAX_WAITING + 1
    for _ in range(MAX_WAITING // BATCH):
        read_hints(stage)
    assert database.reads == 1 + MAX_WAITING // BATCH
    assert device.closed_with() is None
    finish(stage.world.container.revocation_poller().execute())
    assert device.closed_with() == CloseCode.UNAUTHENTICATED


def test_poll_repairs_what_could_not_be_read(stage: Stage, database: CountingReads) -> None:
    """The hint is given up; it would only be the poll's work at another time."""
    device = stage.opening_device()
    block(stage, stage.ada)
    stage.world.hub.receive(AccountChanged(stage.ada, 2))
    database.away = True
    with pytest.raises(StorageUnavailable):
        read_hints(stage)
    database.away = False
    read_hints(stage)
    assert device.closed_with() is None
    finish(stage.world.container.revocation_poller().execute())
    assert device.closed_with() == CloseCode.UNAUTHENTICATED
