"""Pages that sessions request, read from the database."""

import pytest
from attrs import evolve

from application.frames.position import Position
from application.sync.recovery import Page, PageRequest
from domain.errors import NotFound
from tests.support.stage import Stage
from tests.unit.application.sync.test_session import set_trimmed_through


def read(stage: Stage, request: PageRequest) -> Page:
    return stage.world.database.now(request.read)


@pytest.fixture
def request_(stage: Stage) -> PageRequest:
    """Ada's whole journal of five events."""
    stage.act(5)
    return PageRequest(
        user_id=stage.ada,
        after=Position("test-epoch", 0),
        max_bytes=2**20,
        state_reader=stage.world.container.state_reader(),
    )


@pytest.mark.parametrize("after", [0, 3, 5])
def test_entries_follow_the_position(stage: Stage, request_: PageRequest, after: int) -> None:
    """All entries after the position are returned, without the state."""
    page = read(stage, evolve(request_, after=Position("test-epoch", after)))
    assert [entry.seq for entry in page.entries] == list(range(after + 1, 6))
    assert (page.epoch, page.head, page.restart, page.state) == ("test-epoch", 5, False, None)


def test_without_a_position_there_is_the_state(stage: Stage, request_: PageRequest) -> None:
    """It is the state at the head, without a reason."""
    page = read(stage, evolve(request_, after=None))
    assert (page.head, page.restart, page.reason, page.entries) == (5, True, None, ())
    assert page.state is not None
    assert page.state.profile.nickname == "ada"


def test_state_is_read_only_on_demand(stage: Stage, request_: PageRequest) -> None:
    """The legacy format does not use it."""
    page = read(stage, evolve(request_, after=None, state_reader=None))
    assert (page.restart, page.state) == (True, None)


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        pytest.param(Position("other", 3), "new_epoch", id="another epoch"),
        pytest.param(Position("other", 9), "new_epoch", id="another epoch, and no such number"),
        pytest.param(Position("test-epoch", 6), "from_future", id="just beyond the head"),
        pytest.param(Position("test-epoch", 5), None, id="at the head"),
        pytest.param(Position("test-epoch", 2), None, id="at the last trimmed one"),
        pytest.param(Position("test-epoch", 1), "trimmed", id="just before the last trimmed one"),
    ],
)
def test_why_a_position_cannot_be_continued(
    stage: Stage, request_: PageRequest, after: Position, reason: str | None
) -> None:
    set_trimmed_through(stage, 2)
    page = read(stage, evolve(request_, after=after))
    assert page.reason == reason
    assert page.restart is (reason is not None)
    assert (page.state is None) is (reason is None)


def test_page_is_as_large_as_asked_for(stage: Stage, request_: PageRequest) -> None:
    """The size counts bytes of envelopes; at least one entry is returned."""
    size = len(stage.world.journal(stage.ada)[0])
    pages = [read(stage, evolve(request_, max_bytes=room)) for room in (1, 2 * size, 3 * size - 1)]
    assert [len(page.entries) for page in pages] == [1, 2, 2]
    assert {page.head for page in pages} == {5}


def test_unknown_user_is_refused(stage: Stage, request_: PageRequest) -> None:
    with pytest.raises(NotFound) as refusal:
        read(stage, evolve(request_, user_id=10**6))
    assert refusal.value.error_code == "unknown_user"
