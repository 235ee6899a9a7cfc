"""Django Channels with its Redis layer.

Settings, after its documentation: the pub/sub layer of channels_redis, "optimized for group
communications", on Valkey, which runs on the core of the load generator; an asynchronous consumer;
no session or authentication middleware; uvicorn with uvloop, httptools and the `websockets`
sans-I/O protocol without compression, which is faster than daphne. It uses a broker even on one
node, because its documentation recommends the memory layer for tests only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.event import envelope
from benchmarks.machine import BUILD, first_line, free_port, pinned_process
from benchmarks.peer import Peer, RunningPeer, group_paths
from benchmarks.redis_server import running_redis

PYTHON = BUILD / "django/bin/python"
INSTALL = (
    "python3 -m venv benchmarks/.build/django && benchmarks/.build/django/bin/pip install "
    "django channels channels_redis hiredis 'uvicorn[standard]'"
)


class DjangoChannels(Peer):
    """One node on Redis."""

    name = "Django Channels"

    def missing(self) -> str | None:
        """Check for the virtual environment."""
        if not PYTHON.exists() or not list(BUILD.glob("django/lib/*/*/channels_redis")):
            return INSTALL
        return None

    def version(self) -> str:
        """Versions of the packages in the virtual environment."""
        script = "from importlib.metadata import version as v; print(*map(v, {packages}), sep=', ')"
        packages = ("channels", "channels_redis", "django", "uvicorn")
        versions = first_line(PYTHON, "-c", script.format(packages=packages)).split(", ")
        return ", ".join(
            f"{name} {number}" for name, number in zip(packages, versions, strict=True)
        )

    @contextmanager
    def run(self, groups: int, folder: Path) -> Iterator[RunningPeer]:
        """Run the application on uvicorn, and Redis."""
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
            with pinned_process(command, listens=[port]) as server:
                yield RunningPeer(
                    processes=[server],
                    brokers=[redis.process],
                    ports=[port],
                    paths=group_paths(groups),
                    publish_port=control,
                )
