"""The end of authority reaches every node: by the broker, and without it by the poll."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.brokers import redis_broker
from tests.support.client import MONITOR, PASSWORD, SYNC, Client, log_in, sign_up
from tests.support.node_processes import NodeProcesses, node_processes
from tests.support.process import run_command
from tests.support.servers import PostgresServer, postgres_server


async def administer(operator: Client, call: str, user: Client, **fields: object) -> None:
    body = {"user_id": user.user_id, **fields}
    await operator.ok("POST", f"/api/admin/users/{call}", body)


async def codes_after(nodes: NodeProcesses, act: str, user: Client, path: str) -> list[int]:
    """The close codes of the user's sockets at both nodes, after somebody acted at the first."""
    operator = await log_in(nodes.https[0], nodes.nodes[0], "operator", PASSWORD)
    async with AsyncExitStack() as stack:
        there = [nodes.at(index, user) for index in range(2)]
        devices = [await stack.enter_async_context(one.device(path)) for one in there]
        for device in devices:
            await device.next()
        if act == "create-admin":
            arguments = ("create-admin", user.site_id, "--password-stdin")
            status, output = await run_command(
                *arguments, folder=nodes.folder, stdin=PASSWORD + "\n", **nodes.environment
            )
            assert status == 0, output
        elif act == "demote":
            await administer(operator, "role", user, role="player")
        else:
            await administer(operator, act, user)
        codes = await asyncio.gather(*(device.close_code() for device in devices))
    refused = [(await one.call("GET", "/api/auth/me")).status_code for one in there]
    assert refused == [401, 401]
    return codes


@pytest.mark.parametrize(
    ("with_broker", "check_interval_s"), [(True, 60), (False, 0.3)], ids=["broker", "poll"]
)
async def test_every_node_learns_of_it(
    tmp_path: Path, with_broker: bool, check_interval_s: float
) -> None:
    """Demotion, block, and a new password from the command line, which runs beside the nodes."""
    with postgres_server() as postgres, redis_broker() as broker:
        environment = {
            "SYNCHUB_DATABASE_URL": await database_url(postgres),
            "SYNCHUB_REALTIME_CHECK_INTERVAL_S": str(check_interval_s),
            **broker.environment,
        }
        async with node_processes(tmp_path, 2, **environment) as nodes:
            operator = await nodes.operator()
            user = await sign_up(nodes.https[0], nodes.nodes[0])
            await administer(operator, "role", user, role="admin")
            user = await signed_in(nodes, user)
            if not with_broker:
                broker.controls.kill()
            assert await codes_after(nodes, "demote", user, MONITOR) == [4403, 4403]
            user = await signed_in(nodes, user)
            assert await codes_after(nodes, "create-admin", user, SYNC) == [4401, 4401]
            user = await signed_in(nodes, user)
            assert await codes_after(nodes, "block", user, SYNC) == [4401, 4401]


async def signed_in(nodes: NodeProcesses, user: Client) -> Client:
    return await log_in(nodes.https[0], nodes.nodes[0], user.site_id, PASSWORD)


async def database_url(postgres: PostgresServer) -> str:
    url = (await postgres.new_database()).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)
