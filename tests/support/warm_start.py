"""Processes of the product that need not import it, because they are forked from one that has:
importing takes most of the time of a command, and most of the time in which a node starts.

Otherwise they are like those of `python -m bootstrap`: the same module is run as `__main__`, with
a folder, an environment, arguments, streams and signals of its own.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

from attrs import define, field

PRODUCT = Path(__file__).parents[2]


@define(eq=False)
class WarmProcess:
    """As far as the tests need it, an `asyncio.subprocess.Process`."""

    pid: int
    returncode: int | None = None
    _end: asyncio.Task[None] = field(init=False)

    def watch(self, report: asyncio.StreamReader, transport: asyncio.BaseTransport) -> None:
        """Learn of its end from the rest of the report."""
        self._end = asyncio.create_task(self._learn(report, transport))

    async def _learn(self, report: asyncio.StreamReader, transport: asyncio.BaseTransport) -> None:
        line = await report.readline()
        transport.close()
        assert line, "the process that waits for it has ended"
        self.returncode = int(line)

    async def wait(self) -> int:
        await asyncio.shield(self._end)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


async def warm_start(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    stdin: IO[bytes] | None = None,
    output: IO[bytes],
) -> WarmProcess:
    """Start `synchub ARGUMENTS`; without `stdin`, there is nothing to read."""
    request = {
        "arguments": [*arguments],
        "folder": str(folder),
        "environment": {**environment},
    }
    read, write = os.pipe()
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        streams = [stdin.fileno() if stdin else nothing, output.fileno(), output.fileno()]
        socket.send_fds(_server(), [json.dumps(request).encode()], [*streams, write])
    finally:
        os.close(write)
        os.close(nothing)
    report = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(report), os.fdopen(read, "rb", 0)
    )
    process = WarmProcess(int(await report.readline()))
    process.watch(report, transport)
    return process


@cache
def _server() -> socket.socket:
    """Of all tests of this process; it ends when this process does, because its socket does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        theirs.set_inheritable(True)
        os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "tests.support.warm_server", str(theirs.fileno())],
            {**os.environ, "PYTHONPATH": str(PRODUCT)},
        )
    return ours
