"""Litestar's ChannelsPlugin: the fan-out that our own framework brings.

Settings: the memory backend without history; WebSocket handlers made by the plugin; no limit of the
backlog, its default (with one it drops events); uvicorn on uvloop, httptools and the `websockets`
sans-I/O protocol, its fastest, without compression, which costs much and would gain nothing on
small frames.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from benchmarks.event import envelope
from benchmarks.machine import free_port, process
from benchmarks.peer import Peer, Running, group_paths


class LitestarChannels(Peer):
    name = "Litestar channels"

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return f"{version('litestar')}, uvicorn {version('uvicorn')}"

    @contextmanager
    def run(self, groups: int, folder: Path) -> Iterator[Running]:
        port, control = free_port(), free_port()
        event = folder / "event.json"
        event.write_bytes(envelope())
        program = "benchmarks.peers.programs.litestar_channels"
        command: list[str | Path] = [sys.executable, "-m", program, str(port), str(control), event]
        with process(command, listens=[port]) as server:
            yield Running(
                processes=[server],
                ports=[port],
                paths=group_paths(groups),
                publish_port=control,
            )
