"""How soon the end of authority reaches the open sockets and REST calls of three nodes.

    python -m benchmarks.revocation [--rounds 200] [--rounds-without-broker 40]

Three nodes on PostgreSQL and Redis (Valkey). In each round, a user has a socket at every node, and
makes REST calls at every node, one after the other. Then an operator, at the first node, blocks the
user, signs the user out everywhere, or demotes the user, who is an operator with a monitor at every
node. The latency is the time from sending that request until the last of the three sockets is
closed, with the code that it must have, and until the last of the three nodes has refused a REST
call. All of it is measured with the broker, and again after the broker was killed.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from attrs import evolve, frozen

from application.ports.storage.stores import Stores
from benchmarks.brokers import percentiles
from bootstrap.container import Container, build_container
from bootstrap.server.lifecycle import database_open
from bootstrap.settings.settings import Settings
from domain.account import AccountStatus, Role
from tests.support.brokers import Broker, redis_broker
from tests.support.client import MONITOR, SYNC, Client, Device, sign_up
from tests.support.node_processes import NodeProcesses, node_processes
from tests.support.servers import postgres_server

NODES = 3
WARM_UP = 3
CALL_PAUSE_S = 0.002

Act = Callable[[Client, Client], Awaitable[object]]
"""What ends the authority of a user; the first client is the operator."""


@frozen
class Case:
    """One way to lose authority, and how sockets have to end."""

    name: str
    path: str
    role: Role
    act: Act
    close_code: int


async def _block(operator: Client, user: Client) -> object:
    return await operator.ok("POST", "/api/admin/users/block", {"user_id": user.user_id})


async def _demote(operator: Client, user: Client) -> object:
    body = {"user_id": user.user_id, "role": "player"}
    return await operator.ok("POST", "/api/admin/users/role", body)


async def _sign_out(_: Client, user: Client) -> object:
    return await user.ok("POST", "/api/auth/logout", {"everywhere": True})


CASES = (
    Case("block: user's sockets", SYNC, Role.PLAYER, _block, 4401),
    Case("sign-out: user's sockets", SYNC, Role.PLAYER, _sign_out, 4401),
    Case("demotion: monitors", MONITOR, Role.ADMIN, _demote, 4403),
)


@frozen
class Cluster:
    """Three nodes, an operator who stays one, and a user; both are at the first node."""

    nodes: NodeProcesses
    database: Container
    operator: Client
    user: Client

    async def latencies_ms(self, case: Case) -> tuple[float, float]:
        """To the last closed socket, and to the last refused REST call."""
        user = await self._signed_in(case.role)
        async with AsyncExitStack() as stack:
            clients = [self.nodes.at(index, user) for index in range(NODES)]
            devices = [await stack.enter_async_context(one.device(case.path)) for one in clients]
            for device in devices:
                await device.next()
            began = perf_counter()
            closed = asyncio.gather(*(_closed(device, case.close_code) for device in devices))
            refused = asyncio.gather(*map(_refused, clients))
            await case.act(self.operator, user)
            ends = await asyncio.gather(closed, refused)
        socket_s, call_s = (max(times) - began for times in ends)
        return socket_s * 1000, call_s * 1000

    async def _signed_in(self, role: Role) -> Client:
        """The user, active and with this role, on a new login: without hashing a password."""
        user_id = self.user.user_id

        def sign_in(stores: Stores) -> str:
            stores.accounts.set_status(user_id, AccountStatus.ACTIVE)
            stores.accounts.set_role(user_id, role)
            account = stores.accounts.by_user_id(user_id)
            assert account is not None
            token: str = self.database.token_service().open(stores, account).access_token
            return token

        token = await self.database.unit_of_work().write(sign_in)
        return evolve(self.user, access_token=token)


async def _closed(device: Device, expected: int) -> float:
    code = await device.close_code()
    assert code == expected, f"closed with {code}, not {expected}"
    return perf_counter()


async def _refused(client: Client) -> float:
    while True:
        answer = await client.call("GET", "/api/auth/me")
        if answer.status_code == 401:
            return perf_counter()
        await asyncio.sleep(CALL_PAUSE_S)


def main() -> None:
    """Measure with the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--rounds-without-broker", type=int, default=40)
    options = parser.parse_args()
    asyncio.run(measure(options.rounds, options.rounds_without_broker))


async def measure(rounds: int, rounds_without_broker: int) -> None:
    """Print percentiles for each case, with and without the broker."""
    with redis_broker() as broker:
        async with cluster(broker) as running:
            print(f"latency over {NODES} nodes, ms         socket p50     p99   call p50     p99")
            await _print_all(running, "redis", rounds)
            broker.controls.kill()
            await _print_all(running, "no broker", rounds_without_broker)


async def _print_all(running: Cluster, label: str, rounds: int) -> None:
    for case in CASES:
        for _ in range(WARM_UP):
            await running.latencies_ms(case)
        measured = [await running.latencies_ms(case) for _ in range(rounds)]
        sockets, calls = (percentiles([*values]) for values in zip(*measured, strict=True))
        name = f"{case.name}, {label}"
        print(f"{name:36} {sockets[0]:9.1f} {sockets[1]:7.1f} {calls[0]:10.1f} {calls[1]:7.1f}")


@asynccontextmanager
async def cluster(broker: Broker) -> AsyncIterator[Cluster]:
    """Run the nodes."""
    with postgres_server() as postgres, TemporaryDirectory() as folder:
        url = (await postgres.new_database()).set(drivername="postgresql")
        database_url = url.render_as_string(hide_password=False)
        environment = {"SYNCHUB_DATABASE_URL": database_url, **broker.environment}
        database = build_container(Settings(database_url=database_url))
        async with (
            node_processes(Path(folder), NODES, **environment) as nodes,
            database_open(database),
        ):
            operator = await nodes.operator()
            user = await sign_up(nodes.https[0], nodes.nodes[0])
            yield Cluster(nodes, database, operator, user)


if __name__ == "__main__":
    main()
