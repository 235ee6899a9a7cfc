"""Litestar's ChannelsPlugin: the fan-out of the product's own web framework.

Settings: the memory backend without history; WebSocket handlers made by the plugin; an unlimited
backlog, the default, since a limited one drops events; uvicorn with uvloop, httptools and the
`websockets` sans-I/O protocol, its fastest, without compression, which is expensive and has no
benefit for small frames.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from benchmarks.event import envelope
from benchmarks.machine import free_port, pinned_process
from benchmarks.peer import Peer, RunningPeer, group_paths


class LitestarChannels(Peer):
    """One process."""

    name = "Litestar channels"

    def missing(self) -> str | None:
        """Nothing: the product depends on Litestar."""
        return None

    def version(self) -> str:
        """Versions of Litestar and uvicorn."""
        return f"{version('litestar')}, uvicorn {version('uvicorn')}"

    @contextmanager
    def run(self, groups: int, folder: Path) -> Iterator[RunningPeer]:
        """Run the application on uvicorn."""
        port, control = free_port(), free_port()
        event = folder / "event.json"
        event.write_bytes(envelope())
        program = "benchmarks.peers.programs.litestar_channels"
        command: list[str | Path] = [sys.executable, "-m", program, str(port), str(control), event]
        with pinned_process(command, listens=[port]) as server:
            yield RunningPeer(
                processes=[server],
                ports=[port],
                paths=group_paths(groups),
                publish_port=control,
            )
