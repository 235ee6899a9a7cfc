"""Disabled endpoints, monitor filters, trimmed positions, and lost messages."""

import asyncio
from pathlib import Path

import pytest
from dependency_injector import providers
from websockets.exceptions import InvalidStatus

from bootstrap.container import Container
from bootstrap.settings.realtime import JournalSettings, LegacySettings
from tests.support.client import (
    LEGACY,
    MONITOR,
    PATIENCE_S,
    SYNC,
    Client,
    http_client,
    sign_up,
    sign_up_admin,
)
from tests.support.contract import check_frame
from tests.support.losing_broadcaster import LosingBroadcaster
from tests.support.metrics import metric
from tests.support.node import node_settings, running_node
from tests.support.view import View


async def test_the_legacy_endpoint_may_be_switched_off(tmp_path: Path) -> None:
    """Its handshake is refused with 403; the other endpoints work."""
    settings = node_settings(tmp_path, legacy=LegacySettings(enabled=False))
    async with running_node(settings) as node, http_client(node) as http:
        player = await sign_up(http, node)
        with pytest.raises(InvalidStatus, match="403"):
            await player.device(LEGACY).__aenter__()
        refused = {"endpoint": "legacy", "result": "endpoint_switched_off"}
        assert await metric(http, "synchub_websocket_handshakes_total", **refused) == 1
        async with player.device() as device:
            await device.until("initial_state")


async def test_a_monitor_may_look_at_some_users(
    player: Client, victim: Client, admin: Client
) -> None:
    """Games, joins and leaves of other users are left out, in the snapshot and live."""
    await victim.spin()
    async with admin.device(f"{MONITOR}?user_id={player.user_id}&user_id=999999") as monitor:
        check_frame("monitor", snapshot := await monitor.next())
        assert snapshot["recent_events"] == []
        async with victim.device() as other, player.device() as own:
            await other.next()
            await own.next()
            await victim.spin()
            await player.spin()
            await monitor.until("game_event")
        assert [frame["user_id"] for frame in monitor.frames[1:]] == [player.user_id] * 2
    async with admin.device(f"{MONITOR}?user_id={player.user_id}") as monitor:
        recent = (await monitor.next())["recent_events"]
        assert [game["user_id"] for game in recent] == [player.user_id]


async def test_a_monitor_may_look_at_some_games(player: Client, admin: Client) -> None:
    """Several games can be named; the filter applies to the snapshot and live."""

    async def play_all() -> None:
        await player.spin()
        await player.ok("POST", "/api/games/rps/play", {"choice": "rock", "bet_amount": 1})
        await player.ok("POST", "/api/games/gacha/pull", {"pull_count": 1})

    await play_all()
    query = f"game_type=rps&game_type=gacha&user_id={player.user_id}"
    async with admin.device(f"{MONITOR}?{query}") as monitor:
        recent = (await monitor.next())["recent_events"]
        assert [game["game_type"] for game in recent] == ["rps", "gacha"]
        await play_all()
        live = [await monitor.until("game_event") for _ in range(2)]
        assert [game["game_type"] for game in live] == ["rps", "gacha"]


@pytest.mark.parametrize("query", ["user_id=me", "user_id=", "game_type=chess", "game_type="])
async def test_a_monitor_must_name_what_exists(admin: Client, query: str) -> None:
    """An invalid filter is refused with 422."""
    with pytest.raises(InvalidStatus, match="422"):
        await admin.device(f"{MONITOR}?{query}").__aenter__()


async def test_what_is_trimmed_cannot_be_resumed_from(tmp_path: Path) -> None:
    """A device with a trimmed position starts from the state; one with a recent position
    resumes."""
    journal = JournalSettings(keep_events=100, trim_interval_s=0.1)
    settings = node_settings(tmp_path, journal=journal)
    async with running_node(settings) as node, http_client(node) as http:
        player = await sign_up(http, node)
        old = (await player.ok("GET", "/api/realtime/state"))["position"]
        for _ in range(40):
            spun = await player.spin()
        head = spun["events"][-1]["seq"]
        async with asyncio.timeout(PATIENCE_S):
            while (await player.ok("GET", f"/api/realtime/events?since={old}"))["recovered"]:
                pass
        async with player.device(since=old) as device:
            connected = await device.next()
            assert (connected["recovered"], connected["reason"]) == (False, "trimmed")
            view = View(player.user_id)
            view.see(await device.next())
            assert (view.seq, connected["seq"]) == (head, head)
        kept = f"{old.partition(':')[0]}:{head - 100}"
        async with player.device(since=kept) as device:
            assert (await device.next())["recovered"] is True
            frames = await device.until_seq(head)
            assert [f["seq"] for f in frames[1:]] == list(range(head - 99, head + 1))


async def test_what_the_broker_loses_is_found_in_the_journal(tmp_path: Path) -> None:
    """Devices and monitors get every event once and in order, and repairs are counted."""
    broker = LosingBroadcaster()

    def lose_all(container: Container) -> None:
        container.broadcaster.override(providers.Object(broker))

    async with (
        running_node(node_settings(tmp_path), adjust=lose_all) as node,
        http_client(node) as http,
    ):
        player, admin = await sign_up(http, node), await sign_up_admin(http, node)
        async with (
            player.device(SYNC) as sync,
            player.device(LEGACY) as legacy,
            admin.device(MONITOR) as monitor,
        ):
            view = View(player.user_id)
            await sync.until("initial_state")
            await legacy.until("ws_ack")
            await monitor.until("monitor_snapshot")
            games = []
            for rounds in (1, 5):
                spins = [await player.spin() for _ in range(rounds)]
                last = spins[-1]["events"][-1]["seq"]
                await sync.until_seq(last)
                ids = [e["id"] for s in spins for e in s["events"] if e["type"] == "game_event"]
                games += ids
                for device in (legacy, monitor):
                    assert [(await device.until("game_event"))["id"] for _ in ids] == ids
            for frame in sync.frames:
                view.see(frame)
            assert view.seq == last
            assert len(games) == 6
        assert broker.lost > 0
        assert await metric(http, "synchub_repairs_total") >= len(games)
