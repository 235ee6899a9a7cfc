"""A server's process that a test can break."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

from attrs import define, field

from tests.support.node import free_port

START_S = 20.0


@define(eq=False)
class FragileServer(ABC):
    """A server that keeps its port when it is started again."""

    port: int = field(factory=free_port, kw_only=True)
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @abstractmethod
    def command_line(self) -> Sequence[str]:
        """What starts it."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it can be used."""

    def start(self) -> None:
        """Start, also after `kill`; returns when it answers."""
        self._process = subprocess.Popen(
            self.command_line(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_S
        while not self.answers():
            assert self._process.poll() is None, "the server ended while starting"
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.02)

    def kill(self) -> None:
        """Send SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Send SIGSTOP: connections stay open, and nothing is answered until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)
