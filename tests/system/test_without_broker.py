"""Without a broker, the journal poll delivers events with a delay."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import httpx
import pytest

from tests.support.brokers import BROKERS
from tests.support.client import Client, Device, Json, sign_up
from tests.support.metrics import metric
from tests.support.node_processes import NodeProcesses, node_processes
from tests.support.servers import PostgresServer, postgres_server

SPINS = 8
CHECK_INTERVAL_S = 0.5
NOTICED_S = 20.0
ENVIRONMENT = {"SYNCHUB_REALTIME_CHECK_INTERVAL_S": str(CHECK_INTERVAL_S)}


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.mark.parametrize("broker", BROKERS)
async def test_events_arrive_by_the_journal_poll(
    tmp_path: Path, postgres: PostgresServer, broker: str
) -> None:
    """Both nodes deliver all events, report themselves degraded with the reason, and count
    repairs."""
    url = (await postgres.new_database()).set(drivername="postgresql")
    dsn = url.render_as_string(hide_password=False)
    with BROKERS[broker]() as running:
        environment = {**ENVIRONMENT, **running.environment, "SYNCHUB_DATABASE_URL": dsn}
        async with node_processes(tmp_path, 2, **environment) as nodes:
            player = await sign_up(nodes.https[0], nodes.nodes[0])
            here, there = (nodes.at(index, player) for index in range(2))
            async with here.device() as near, there.device() as far:
                for device in (near, far):
                    await device.until("initial_state")
                with_broker = [await _spin(here, near, far) for _ in range(SPINS)]
                running.controls.kill()
                healths = [await _degraded(http) for http in nodes.https]
                without = [await _spin(here, near, far) for _ in range(SPINS)]
            for health in healths:
                assert health["reasons"][0].startswith("broadcaster: ")
            await _check_metrics(nodes)
    print(
        f"\n{broker}: at most {max(with_broker):.3f} s from answer to events at both nodes; "
        f"with the broker gone {max(without):.3f} s (check interval {CHECK_INTERVAL_S} s); "
        f"{healths[0]['reasons'][0]}"
    )


async def _spin(player: Client, *devices: Device) -> float:
    """Seconds from the answer until all devices have the last event that it names."""
    answer = await player.spin()
    began = monotonic()
    last = answer["events"][-1]["seq"]
    await asyncio.gather(*(device.until_seq(last) for device in devices))
    return monotonic() - began


async def _degraded(http: httpx.AsyncClient) -> Json:
    """Wait until the node reports itself degraded; its status stays 200."""
    async with asyncio.timeout(NOTICED_S):
        while True:
            answer = await http.get("/health/ready")
            assert answer.status_code == 200
            health: Json = answer.json()
            if health["status"] == "degraded":
                return health
            await asyncio.sleep(0.05)


async def _check_metrics(nodes: NodeProcesses) -> None:
    for http in nodes.https:
        assert await metric(http, "synchub_repairs_total") >= SPINS
        assert await metric(http, "synchub_broadcaster_up") == 0
