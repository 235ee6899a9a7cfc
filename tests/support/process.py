"""The product as a process of its own, run like an operator runs it."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

import httpx
from attrs import define

from benchmarks.server import UNLIMITED
from tests.support.client import TRUST
from tests.support.node import free_port
from tests.support.warm_start import WarmProcess, warm_start


@define
class Process:
    """A running `synchub serve`; `output` is complete once it has ended. `management_url` is served
    if the settings say so."""

    process: WarmProcess
    url: str
    management_url: str
    log: Path

    @property
    def ws_url(self) -> str:
        return f"ws{self.url.removeprefix('http')}"

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8")

    async def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        if self.process.returncode is None:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 30)

    async def kill(self) -> None:
        """SIGKILL: no chance to finish anything."""
        self.process.kill()
        await self.process.wait()


async def run_command(
    *arguments: str, folder: Path, stdin: str = "", **environment: str
) -> tuple[int, str]:
    """Run `synchub ARGUMENTS` in a folder; returns its exit status and everything it printed."""
    with TemporaryFile() as given, TemporaryFile() as output:
        given.write(stdin.encode())
        given.seek(0)
        process = await warm_start(
            arguments,
            folder=folder,
            environment=_environment(environment),
            stdin=given,
            output=output,
        )
        status = await asyncio.wait_for(process.wait(), 60)
        output.seek(0)
        return status, output.read().decode()


@asynccontextmanager
async def serving(folder: Path, **environment: str) -> AsyncIterator[Process]:
    """`synchub serve` in a folder, ready when the context begins, gone when it ends."""
    environment.setdefault("SYNCHUB_PORT", str(free_port()))
    environment.setdefault("SYNCHUB_MANAGEMENT_PORT", str(free_port()))
    log = folder / f"serve-{environment['SYNCHUB_PORT']}.log"
    with log.open("ab") as output:
        process = await warm_start(
            ["serve"], folder=folder, environment=_environment(environment), output=output
        )
    server = Process(
        process,
        f"http://127.0.0.1:{environment['SYNCHUB_PORT']}",
        f"http://127.0.0.1:{environment['SYNCHUB_MANAGEMENT_PORT']}",
        log,
    )
    try:
        await _until_ready(server)
        yield server
    finally:
        await server.stop()


async def _until_ready(server: Process) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient(verify=TRUST) as http:
        while True:
            assert server.process.returncode is None, server.output
            with suppress(httpx.TransportError):
                if (await http.get(f"{server.url}/health/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.05)


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SYNCHUB_")}
    return {**clean, **UNLIMITED, **extra}
