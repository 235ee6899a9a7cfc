"""Operators' calls over two nodes that share a database and a broker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from attrs import evolve, frozen

from bootstrap.settings.choices import BroadcasterKind
from bootstrap.settings.links import RedisSettings
from tests.support.audit import entries_of
from tests.support.client import Client, http_client, sign_up, sign_up_admin
from tests.support.eventually import eventually
from tests.support.node import Node, node_settings, running_node
from tests.support.redis_servers import VALKEY, shared_redis


@frozen
class TwoNodes:
    """`players` is one player at each node; the operator is at the first."""

    nodes: list[Node]
    players: list[Client]
    operator: Client


@pytest_asyncio.fixture(scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TwoNodes]:
    redis = RedisSettings(url=shared_redis(VALKEY).url, prefix="operators-cluster.")
    folder = tmp_path_factory.mktemp("two")
    async with AsyncExitStack() as stack:
        nodes, https = [], []
        for _ in range(2):
            settings = node_settings(folder, broadcaster=BroadcasterKind.REDIS, redis=redis)
            nodes.append(await stack.enter_async_context(running_node(settings)))
            https.append(await stack.enter_async_context(http_client(nodes[-1])))
        player = await sign_up(https[0], nodes[0])
        players = [player, evolve(player, http=https[1], ws_url=nodes[1].ws_url)]
        two = TwoNodes(nodes, players, await sign_up_admin(https[0], nodes[0]))

        async def acquainted() -> bool:
            return all(node.container.membership().size() == 2 for node in nodes)

        await eventually(acquainted)
        yield two


async def test_a_user_is_found_and_disconnected_on_every_node(two: TwoNodes) -> None:
    """The operator is at one node, the user's devices are at both."""
    at_first, at_second = two.players
    user = f"/api/admin/users/{at_first.user_id}"
    async with at_first.device() as phone, at_second.device() as laptop:
        for device in (phone, laptop):
            await device.until("initial_state")
        overview = await two.operator.ok("GET", user)
        assert (overview["nodes"], overview["answered"]) == (2, 2)
        found = {connection["node"] for connection in overview["connections"]}
        assert found == {node.container.node_id() for node in two.nodes}
        closed = await two.operator.ok("POST", f"{user}/disconnect")
        assert len(closed["connections"]) == 2
        for device in (phone, laptop):
            assert await device.close_code() == 3010


async def test_an_adjustment_reaches_devices_of_other_nodes(two: TwoNodes) -> None:
    at_first, at_second = two.players
    async with at_second.device() as device:
        await device.until("initial_state")
        body = {"delta": 5, "note": "a reason"}
        await two.operator.ok("POST", f"/api/admin/users/{at_first.user_id}/balance", body)
        await device.until("balance_update", delta=5, reason="adjustment")


async def test_nodes_write_one_chain(two: TwoNodes) -> None:
    """Operators act at both nodes at once: every act is an entry, and the chain is whole."""
    before = (await entries_of(two.nodes[0]))[-1].number
    there = evolve(two.operator, http=two.players[1].http)
    body = {"delta": 1, "note": "a reason"}
    path = f"/api/admin/users/{two.players[0].user_id}/balance"
    await asyncio.gather(
        *(operator.ok("POST", path, body) for operator in (two.operator, there) for _ in range(20))
    )
    entries = await entries_of(two.nodes[1], after=before)
    assert [entry.record.outcome for entry in entries] == ["ok"] * 40
    for node in two.nodes:
        assert (await node.container.verify_audit_log().execute()).flaw is None
