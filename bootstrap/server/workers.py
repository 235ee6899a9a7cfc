"""Several processes that serve one port: `synchub serve --workers N`.

Each worker is a node of the cluster like any other, with a listening socket of its own
(SO_REUSEPORT): the kernel spreads connections over them. The parent only starts them, starts those
again that die, and tells them when to stop: by closing a pipe, so that they also stop, in good
order, when the parent is gone.
"""

import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

from attrs import define, field
from uvicorn.config import STARTUP_FAILURE

from bootstrap.container.worker import Worker
from bootstrap.server.ports import addresses, shared_listener
from bootstrap.settings.settings import Settings

logger = logging.getLogger("synchub.workers")

RESTART_AFTER_S = 1.0

_fork = multiprocessing.get_context("fork")


Serve = Callable[[Worker, list[socket.socket]], None]
"""Serve on these sockets until told to stop: the main port, then the one for management, if any."""


@define(eq=False)
class Workers:
    """Runs `serve` in so many processes."""

    settings: Settings
    serve: Serve
    _processes: dict[int, BaseProcess] = field(factory=dict)
    _signals: int = 0

    def run(self) -> int:
        """Until SIGTERM or SIGINT; returns the exit status. The second signal ends the workers at
        once."""
        stop_fd, hold_fd = os.pipe()
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, self._handle_signal)
        with tempfile.TemporaryDirectory(prefix="synchub-workers-") as folder:

            def start(number: int) -> None:
                worker = Worker(number, stop_fd, Path(folder))
                process = _fork.Process(target=_work, args=(self, worker, hold_fd))
                process.start()
                self._processes[number] = process

            for number in range(self.settings.workers):
                start(number)
            self._keep_alive(start)
            os.close(hold_fd)
            return self._end()

    def _keep_alive(self, start: Callable[[int], None]) -> None:
        """Until told to stop, or until no worker can even start."""
        due: dict[int, float] = {}
        while not self._signals:
            wait([p.sentinel for p in self._processes.values() if p.is_alive()], timeout=0.2)
            ended = {n: p.exitcode for n, p in self._processes.items() if p.exitcode is not None}
            if self._signals or (
                set(ended.values()) == {STARTUP_FAILURE} and len(ended) == len(self._processes)
            ):
                return
            for number, status in ended.items():
                if number not in due:
                    logger.error("a worker ended", extra={"worker": number, "status": status})
                    due[number] = time.monotonic() + RESTART_AFTER_S
                elif due[number] <= time.monotonic():
                    del due[number]
                    start(number)

    def _end(self) -> int:
        """Wait for all; the first of their exit statuses that is none of success."""
        impatient = False
        while running := [p for p in self._processes.values() if p.exitcode is None]:
            wait([process.sentinel for process in running], timeout=0.2)
            if self._signals > 1 and not impatient:
                impatient = True
                for process in running:
                    process.terminate()
        return next((p.exitcode for p in self._processes.values() if p.exitcode), 0)

    def _handle_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1


def _work(workers: Workers, worker: Worker, hold_fd: int) -> None:
    os.close(hold_fd)  # else the pipe would stay open when the parent is gone
    os.setsid()  # Ctrl-C is for the parent alone
    with ExitStack() as stack:
        listeners = [
            stack.enter_context(shared_listener(*address))
            for address in addresses(workers.settings)
        ]
        workers.serve(worker, listeners)
