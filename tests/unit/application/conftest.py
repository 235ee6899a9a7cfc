"""The stage on which the tests of the realtime core act."""

from collections.abc import Iterator

import pytest

from tests.support.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """One world with two players; every socket is closed at the end."""
    stage = Stage()
    yield stage
    stage.leave_all()
