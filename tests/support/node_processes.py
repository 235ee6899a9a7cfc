"""Several nodes of one cluster, each a process of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
from attrs import define, evolve, field

from tests.support.client import LIMITS, PASSWORD, TRUST, Client, log_in
from tests.support.node import free_port
from tests.support.process import Process, run_command, serving


@define(eq=False)
class NodeProcesses:
    """`nodes` are in the order of their ports; a killed one may be started again on its port."""

    folder: Path
    environment: Mapping[str, str]
    nodes: list[Process] = field(factory=list)
    https: list[httpx.AsyncClient] = field(factory=list)
    _stacks: list[AsyncExitStack] = field(factory=list)

    async def start(self) -> None:
        """One more node."""
        process, stack = await self._serve(free_port())
        self.nodes.append(process)
        self._stacks.append(stack)
        self.https.append(
            httpx.AsyncClient(base_url=process.url, timeout=30, limits=LIMITS, verify=TRUST)
        )

    async def start_again(self, index: int) -> None:
        """After `kill`."""
        await self._stacks[index].aclose()
        self.nodes[index], self._stacks[index] = await self._serve(self.nodes[index].port)

    async def kill(self, index: int) -> None:
        await self.nodes[index].kill()

    async def stop(self) -> None:
        for stack in self._stacks:
            await stack.aclose()
        for http in self.https:
            await http.aclose()

    def at(self, index: int, client: Client) -> Client:
        """The same user with requests to this node."""
        return evolve(client, http=self.https[index], ws_url=self.nodes[index].ws_url)

    async def operator(self) -> Client:
        """A new operator, signed in."""
        arguments = ("create-admin", "operator", "--password-stdin")
        status, output = await run_command(
            *arguments, folder=self.folder, stdin=PASSWORD + "\n", **self.environment
        )
        assert status == 0, output
        return await log_in(self.https[0], self.nodes[0], "operator", PASSWORD)

    async def _serve(self, port: int) -> tuple[Process, AsyncExitStack]:
        stack = AsyncExitStack()
        environment = {**self.environment, "SYNCHUB_PORT": str(port)}
        return await stack.enter_async_context(serving(self.folder, **environment)), stack


@asynccontextmanager
async def node_processes(
    folder: Path, count: int, **environment: str
) -> AsyncIterator[NodeProcesses]:
    """As many nodes as `count` in one environment, ended with the context."""
    processes = NodeProcesses(folder, environment)
    try:
        for _ in range(count):
            await processes.start()
        yield processes
    finally:
        await processes.stop()
