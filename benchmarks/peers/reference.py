"""The C reference (`native/reference.c`): an upper bound set by the kernel.

`unbatched` calls `send()` once per frame, like a server without any cost of its own. `batched`
calls `send()` once per socket and burst.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from benchmarks.event import envelope
from benchmarks.machine import (
    MissingProgram,
    first_line,
    free_port,
    native_program,
    pinned_process,
)
from benchmarks.peer import Peer, RunningPeer, group_paths


class Reference(Peer):
    """One `send()` per frame."""

    name = "C, unbatched"

    def __init__(self, mode: Literal["unbatched", "batched"] = "unbatched") -> None:
        self._mode = mode

    def missing(self) -> str | None:
        """Check for the C compiler."""
        try:
            native_program("reference")
        except MissingProgram as error:
            return str(error)
        return None

    def version(self) -> str:
        """Version of the C compiler."""
        return first_line("gcc", "--version")

    @contextmanager
    def run(self, groups: int, folder: Path) -> Iterator[RunningPeer]:
        """Run the program."""
        port, control = free_port(), free_port()
        event = folder / "event.json"
        event.write_bytes(envelope())
        command: list[str | Path] = [
            native_program("reference"),
            str(port),
            str(control),
            event,
            self._mode,
        ]
        with pinned_process(command, listens=[port]) as server:
            yield RunningPeer(
                processes=[server],
                ports=[port],
                paths=group_paths(groups),
                publish_port=control,
            )


class BatchedReference(Reference):
    """One `send()` per socket and burst."""

    name = "C, batched"

    def __init__(self) -> None:
        super().__init__("batched")
