"""The adapters that several suites run against."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.support.servers import PostgresServer, postgres_server
from tests.support.storage import Storage, direct_storage, postgres_storage, sqlite_storage


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests; whoever needs a database makes one."""
    with postgres_server() as server:
        yield server


@pytest_asyncio.fixture(scope="module", params=["direct", "sqlite", "postgres"])
async def storage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Storage]:
    """A fresh database a module, behind each kind of UnitOfWork."""
    if request.param == "direct":
        opening = direct_storage()
    elif request.param == "sqlite":
        opening = sqlite_storage(tmp_path_factory.mktemp("sqlite"))
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        opening = postgres_storage(await server.new_database())
    async with opening as opened:
        yield opened


@pytest.fixture
def overlapping(storage: Storage) -> Storage:
    """Storage where something can happen while a transaction is under way."""
    if not storage.overlaps:
        pytest.skip("its transactions are done within one call")
    return storage
