"""The C reference (`native/reference.c`): the kernel's limit.

Two forms. `each` does one `send()` per frame: what a server reaches that costs nothing beside the
kernel. `joined` sends all that waits for a socket at once: what joining could reach.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from benchmarks.event import envelope
from benchmarks.machine import CannotRun, first_line, free_port, native, process
from benchmarks.peer import Peer, Running, group_paths


class Reference(Peer):
    name = "C, each"

    def __init__(self, mode: Literal["each", "joined"] = "each") -> None:
        self._mode = mode

    def missing(self) -> str | None:
        try:
            native("reference")
        except CannotRun as error:
            return str(error)
        return None

    def version(self) -> str:
        return first_line("gcc", "--version")

    @contextmanager
    def run(self, groups: int, folder: Path) -> Iterator[Running]:
        port, control = free_port(), free_port()
        event = folder / "event.json"
        event.write_bytes(envelope())
        command: list[str | Path] = [
            native("reference"),
            str(port),
            str(control),
            event,
            self._mode,
        ]
        with process(command, listens=[port]) as server:
            yield Running(
                processes=[server],
                ports=[port],
                paths=group_paths(groups),
                publish_port=control,
            )


class JoinedReference(Reference):
    name = "C, joined"

    def __init__(self) -> None:
        super().__init__("joined")
