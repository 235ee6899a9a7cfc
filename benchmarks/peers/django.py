"""Django Channels with its Redis layer.

Settings, after its documentation: the pub/sub layer of channels_redis, "optimized for group
communications", on Valkey, which runs on the load generator's core; an asynchronous consumer; no
session or authentication middleware; served by uvicorn with uvloop, httptools and the `websockets`
sans-I/O protocol without compression, which is faster than daphne. It is the only one here that
goes through a broker even on one node: it recommends its memory layer for tests only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.broker import running_redis
from benchmarks.event import envelope
from benchmarks.machine import BUILD, first_line, free_port, process
from benchmarks.peer import Peer, Running, group_paths

PYTHON = BUILD / "django/bin/python"
INSTALL = (
    "python3 -m venv benchmarks/.build/django && benchmarks/.build/django/bin/pip install "
    "django channels channels_redis hiredis 'uvicorn[standard]'"
)


class DjangoChannels(Peer):
    name = "Django Channels"
    publishing = "in its process, through Redis"

    def missing(self) -> str | None:
        if not PYTHON.exists() or not list(BUILD.glob("django/lib/*/*/channels_redis")):
            return INSTALL
        return None

    def version(self) -> str:
        asked = "from importlib.metadata import version as v; print(*map(v, {packages}), sep=', ')"
        packages = ("channels", "channels_redis", "django", "uvicorn")
        found = first_line(PYTHON, "-c", asked.format(packages=packages)).split(", ")
        return ", ".join(f"{name} {number}" for name, number in zip(packages, found, strict=True))

    @contextmanager
    def run(self, groups: int, folder: Path) -> Iterator[Running]:
        port, control = free_port(), free_port()
        event = folder / "event.json"
        event.write_bytes(envelope())
        program = "benchmarks.peers.programs.django_channels"
        with running_redis() as redis:
            command: list[str | Path] = [
                PYTHON,
                "-m",
                program,
                str(port),
                str(control),
                event,
                redis.url,
            ]
            with process(command, listens=[port]) as server:
                yield Running(
                    processes=[server],
                    brokers=[redis.process],
                    ports=[port],
                    paths=group_paths(groups),
                    publish_port=control,
                )
