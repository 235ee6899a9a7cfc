"""The port for management over real processes: one, and several workers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_urlsafe

import httpx

from tests.support.brokers import redis_broker
from tests.support.client import TRUST, http_client, sign_up
from tests.support.eventually import eventually
from tests.support.metrics import metric
from tests.support.node import free_port
from tests.support.process import Process, run_command, serving

PROD = {"SYNCHUB_ENV": "prod", "SYNCHUB_JWT_SECRET": token_urlsafe(32)}
WORKERS = 2


@asynccontextmanager
async def management_client(server: Process) -> AsyncIterator[httpx.AsyncClient]:
    """A new connection for each request, so that each may reach another worker."""
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(
        base_url=server.management_url, limits=limits, verify=TRUST
    ) as http:
        yield http


async def test_production_divides_its_ports(tmp_path: Path) -> None:
    """The main port tells the status only; the other one has metrics, and ends with the node."""
    async with serving(tmp_path, **PROD) as server:
        async with http_client(server) as main, management_client(server) as management:
            assert (await main.get("/health/ready")).json() == {"status": "ready"}
            for path in ("/metrics", "/schema"):
                assert (await main.get(path)).status_code == 404
                assert (await management.get(path)).status_code == 200
            answer = await management.get("/health/ready")
            assert answer.json() == {"status": "ready", "reasons": []}
            player = await sign_up(main, server)
            await player.spin()
        assert await server.stop() == 0
        for url in (server.url, server.management_url):
            assert url.removeprefix("http://") in server.output  # listening there


async def test_all_workers_share_the_port(tmp_path: Path) -> None:
    """Every scrape shows all of them, whichever answers."""
    with redis_broker() as broker:
        environment = {**broker.environment, "SYNCHUB_WORKERS": str(WORKERS)}
        async with (
            serving(tmp_path, SYNCHUB_MANAGEMENT_SERVE="separate", **environment) as server,
            management_client(server) as management,
        ):

            async def complete() -> bool:
                return await metric(management, "synchub_nodes") == WORKERS * WORKERS

            await eventually(complete)
            for _ in range(10):
                assert await complete()
                assert (await management.get("/health/ready")).status_code == 200
            async with http_client(server) as main:
                assert (await main.get("/metrics")).status_code == 404


async def test_a_taken_port_ends_the_start(tmp_path: Path) -> None:
    """With the address, with one process or several."""
    with redis_broker() as broker:
        async with serving(tmp_path, SYNCHUB_MANAGEMENT_SERVE="separate") as server:
            port = server.management_url.rpartition(":")[2]
            for workers in ("1", "2"):
                status, output = await run_command(
                    "serve",
                    folder=tmp_path,
                    SYNCHUB_PORT=str(free_port()),
                    SYNCHUB_MANAGEMENT_SERVE="separate",
                    SYNCHUB_MANAGEMENT_PORT=port,
                    SYNCHUB_WORKERS=workers,
                    **broker.environment,
                )
                assert status == 1, output
                assert f"127.0.0.1:{port}" in output
                assert "in use" in output
