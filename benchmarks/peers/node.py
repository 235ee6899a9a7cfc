"""Servers on Node: `ws` 8 and socket.io 4.

ws: the broadcast loop of its README ("Server broadcast") over one Buffer, sent as text; without
compression, which is the default and the recommendation.

socket.io: WebSocket transport only, no HTTP polling, no compression, rooms, `io.to(room).emit`; its
adapter encodes and frames an event once per room.
"""

import json
import shutil
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.event import envelope
from benchmarks.machine import BUILD, ROOT, Process, first_line, free_port, pinned_process
from benchmarks.peer import Peer, RunningPeer, group_paths

MODULES = BUILD / "node"
INSTALL = "npm install --prefix benchmarks/.build/node ws@8 socket.io@4"


class NodePeer(Peer):
    """A program on Node."""

    program: str

    def missing(self) -> str | None:
        """Check for Node and the package."""
        if shutil.which("node") is None:
            return "Node 20 or later: apt-get install nodejs npm"
        if not (MODULES / "node_modules" / self.program).is_dir():
            return INSTALL
        return None

    def version(self) -> str:
        """Versions of the package and of Node."""
        package = MODULES / "node_modules" / self.program / "package.json"
        return (
            f"{json.loads(package.read_text())['version']}, node {first_line('node', '--version')}"
        )

    @contextmanager
    def run(self, groups: int, folder: Path) -> Iterator[RunningPeer]:
        """Run the program."""
        port, control = free_port(), free_port()
        event = folder / "event.json"
        event.write_bytes(envelope())
        program = ROOT / "peers/programs" / f"{self.program}.cjs"
        command: list[str | Path] = ["node", program, str(port), str(control), event]
        env = {"NODE_ENV": "production", "NODE_PATH": str(MODULES / "node_modules")}
        with pinned_process(command, listens=[port], env=env) as server:
            yield self._running([server], port, control, groups)

    @abstractmethod
    def _running(
        self, processes: list[Process], port: int, control: int, groups: int
    ) -> RunningPeer:
        """Protocol of the server."""


class Ws(NodePeer):
    """The `ws` library."""

    name = "ws"
    program = "ws"

    def _running(
        self, processes: list[Process], port: int, control: int, groups: int
    ) -> RunningPeer:
        return RunningPeer(
            processes=processes, ports=[port], paths=group_paths(groups), publish_port=control
        )


class SocketIo(NodePeer):
    """The socket.io library."""

    name = "socket.io"
    program = "socket.io"

    def _running(
        self, processes: list[Process], port: int, control: int, groups: int
    ) -> RunningPeer:
        return RunningPeer(
            processes=processes,
            ports=[port],
            paths=group_paths(groups, "/socket.io/?EIO=4&transport=websocket&group=g"),
            publish_port=control,
            hellos=["40"],
            hello_after=1,
            ready_frames=2,
            ping="2",
            pong="3",
        )
