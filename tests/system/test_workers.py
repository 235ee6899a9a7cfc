"""`synchub serve --workers`: several processes serve one port."""

import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.support.brokers import Broker, redis_broker
from tests.support.client import TRUST, http_client, sign_up
from tests.support.eventually import eventually
from tests.support.metrics import metric
from tests.support.process import Process, run_command, serving

WORKERS = 2
DEVICES = 12
ENVIRONMENT = {"SYNCHUB_WORKERS": str(WORKERS), "SYNCHUB_REALTIME_DRAIN_S": "1"}


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with redis_broker() as running:
        yield running


@pytest_asyncio.fixture
async def server(tmp_path: Path, broker: Broker) -> AsyncIterator[Process]:
    """A server whose workers all know each other."""
    async with serving(tmp_path, **ENVIRONMENT, **broker.environment) as running:
        await until_there_are(running, WORKERS)
        yield running


async def until_there_are(server: Process, nodes: int) -> None:
    """Wait until each of this many workers knows the others."""
    async with http_client(server) as http:

        async def complete() -> bool:
            return await metric(http, "synchub_nodes") == nodes * nodes

        await eventually(complete)


def worker_pids(server: Process) -> list[int]:
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


async def test_devices_of_a_user_may_be_at_different_workers(server: Process) -> None:
    """All get each event, and `/metrics` of any worker covers all workers."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(http_client(server))
        player = await sign_up(http, server)
        devices = [await stack.enter_async_context(player.device()) for _ in range(DEVICES)]
        for device in devices:
            await device.until("initial_state")
        last = (await player.spin())["events"][-1]["seq"]
        for device in devices:
            await device.until_seq(last)

        async def at(worker: int) -> float:
            return await metric(http, "synchub_connections", kind="session", worker=str(worker))

        async def all_counted() -> bool:  # workers share their metrics once a second
            return sum([await at(number) for number in range(WORKERS)]) == DEVICES

        await eventually(all_counted)
        assert all([await at(number) for number in range(WORKERS)])


async def test_a_dead_worker_is_started_again(server: Process) -> None:
    """The other workers go on meanwhile."""
    victim = worker_pids(server)[0]
    os.kill(victim, signal.SIGKILL)

    async def replaced() -> bool:
        pids = worker_pids(server)
        return len(pids) == WORKERS and victim not in pids

    await eventually(replaced)
    async with http_client(server) as http:
        player = await sign_up(http, server)
        async with player.device() as device:
            await device.until("initial_state")
            await player.spin()
            await device.until("game_event")
    assert "a worker ended" in server.output


async def test_all_workers_drain(server: Process) -> None:
    """Clients of each worker are told when to reconnect; the port is free afterwards."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(http_client(server))
        player = await sign_up(http, server)
        devices = [await stack.enter_async_context(player.device()) for _ in range(DEVICES)]
        for device in devices:
            await device.until("initial_state")
        server.process.terminate()
        for device in devices:
            await device.until("reconnect")
            assert await device.close_code() == 3001
    assert await server.stop() == 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", server.port))


async def test_workers_end_with_their_parent(server: Process) -> None:
    """They end after their parent was killed."""
    workers = worker_pids(server)
    await server.kill()

    async def gone() -> bool:
        return not set(workers) & set(map(int, filter(str.isdigit, os.listdir("/proc"))))

    await eventually(gone)


async def test_a_port_is_not_shared_with_strangers(
    server: Process, tmp_path: Path, broker: Broker
) -> None:
    """A second deployment on the same port is refused, with several workers or with one."""
    for workers in ("1", str(WORKERS)):
        environment = {"SYNCHUB_PORT": str(server.port), "SYNCHUB_WORKERS": workers}
        status, output = await run_command(
            "serve", folder=tmp_path, **broker.environment, **environment
        )
        assert status != 0
        assert "in use" in output
    async with httpx.AsyncClient(verify=TRUST) as http:
        assert (await http.get(f"{server.url}/health/ready")).status_code == 200


async def test_memory_is_refused(tmp_path: Path) -> None:
    """The memory broadcaster is refused before anything is started or created."""
    status, output = await run_command("serve", "--workers", "2", folder=tmp_path)
    assert status == 1
    assert "SYNCHUB_WORKERS takes 1 while SYNCHUB_BROADCASTER is memory" in output
    assert not (tmp_path / "data").exists()
