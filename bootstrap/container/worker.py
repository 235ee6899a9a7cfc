"""Which of several processes a container is made for."""

from pathlib import Path

from attrs import frozen


@frozen
class Worker:
    """What tells a worker from the others. `stop_fd` can be read when it shall stop; the workers
    show each other their metrics in `folder`."""

    number: int
    stop_fd: int
    folder: Path
