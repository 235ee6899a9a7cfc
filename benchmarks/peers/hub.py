"""The product, with its default settings in production (`SYNCHUB_ENV=prod`), except that the load
of one machine is not refused, and that `?token=` is on.

SQLite; the memory broadcaster or Redis; one process, or two nodes on one database. A group is a
player with one socket per device. Valkey and the second node run on the core of the load generator.
"""

import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path

from benchmarks.machine import LOAD_CORE, SERVER_CORE, free_port, pinned_process
from benchmarks.peer import Peer, RunningPeer
from benchmarks.redis_server import running_redis
from benchmarks.server import UNLIMITED
from bootstrap.settings.choices import BroadcasterKind

SYNC = "/api/realtime/sync"


class Hub(Peer):
    """One node, or more nodes on Redis."""

    name = "ours"

    def __init__(self, broadcaster: str = "memory", nodes: int = 1) -> None:
        self._broadcaster = broadcaster
        self._nodes = nodes
        if broadcaster != "memory":
            self.name = f"ours, {broadcaster}" + (f", {nodes} nodes" if nodes > 1 else "")

    def missing(self) -> str | None:
        """Check that the product has the broadcaster."""
        if self._broadcaster not in {kind.value for kind in BroadcasterKind}:
            return f"this version of the product has no {self._broadcaster} broadcaster"
        return None

    def version(self) -> str:
        """Version of the product."""
        return version("unified-sync-hub")

    @contextmanager
    def run(self, groups: int, folder: Path) -> Iterator[RunningPeer]:
        """Run the nodes, and Redis if it is the broadcaster."""
        control, tokens = free_port(), folder / "tokens"
        ports = [free_port() for _ in range(self._nodes)]
        environment = {
            "SYNCHUB_ENV": "prod",
            "SYNCHUB_REALTIME_QUERY_TOKEN": "on",
            "SYNCHUB_JWT_SECRET": secrets.token_urlsafe(32),
            "SYNCHUB_DATABASE_URL": f"sqlite:///{folder}/bench.db",
            "SYNCHUB_BROADCASTER": self._broadcaster,
            "SYNCHUB_LOG_LEVEL": "warning",
            **UNLIMITED,
        }
        pump = [sys.executable, "-m", "benchmarks.peers.programs.hub"]
        node = [sys.executable, "-m", "bootstrap", "serve"]
        with ExitStack() as stack:
            brokers = []
            if self._broadcaster == "redis":
                redis = stack.enter_context(running_redis())
                environment["SYNCHUB_REDIS_URL"] = redis.url
                brokers.append(redis.process)
            servers = []
            for number, port in enumerate(ports):
                first = number == 0
                server = pinned_process(
                    [*pump, str(control), str(groups), tokens] if first else node,
                    core=SERVER_CORE if first else LOAD_CORE,
                    listens=[control if first else port],
                    env=environment | {"SYNCHUB_PORT": str(port)},
                )
                servers.append(stack.enter_context(server))
            yield RunningPeer(
                processes=servers,
                brokers=brokers,
                ports=ports,
                paths=[f"{SYNC}?token={token}" for token in tokens.read_text().split()],
                publish_port=control,
                ready_frames=2,
            )


def spin_requests(running: RunningPeer) -> list[bytes]:
    """One spin request per player, for the scenario `rest`."""
    body = b'{"bet_amount":1}'
    return [
        b"POST /api/games/slot/spin HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %b\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        % (path.partition("token=")[2].encode(), len(body), body)
        for path in running.paths
    ]
