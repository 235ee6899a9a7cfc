"""`POST /api/admin/announce`: notices of an operator to everybody, over real sockets."""

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.support.client import LEGACY, MONITOR, Client, Device, sign_up
from tests.support.contract import check_frame
from tests.support.endpoints import assert_problem, assert_wrong
from tests.support.event_stream import event_stream
from tests.support.node import Node
from tests.support.sockets import assert_answers

PATH = "/api/admin/announce"
WARNING = {
    "message": "Wartung um 5 Uhr 🎰",
    "level": "warning",
    "link": "https://example.org/status?day=1",
}


async def test_everybody_gets_the_notice(player: Client, admin: Client, victim: Client) -> None:
    """Devices of all users and monitors get the frame of the contract, with the id of the
    answer."""
    async with (
        player.device() as phone,
        player.device() as browser,
        victim.device() as other,
        admin.device(MONITOR) as monitor,
    ):
        for device in (phone, browser, other):
            await device.until("initial_state")
        await monitor.until("monitor_snapshot")
        answer = await admin.ok("POST", PATH, WARNING)
        for endpoint, device in (
            ("sync", phone),
            ("sync", browser),
            ("sync", other),
            ("monitor", monitor),
        ):
            frame = await device.until("announcement")
            check_frame(endpoint, frame)
            assert frame.items() >= {**WARNING, "id": answer["id"]}.items()
            assert "seq" not in frame


async def test_level_and_link_have_defaults(player: Client, admin: Client) -> None:
    """The default level is info, and there is no link."""
    async with player.device() as device:
        await device.until("initial_state")
        await admin.ok("POST", PATH, {"message": "Hello"})
        frame = await device.until("announcement")
        check_frame("sync", frame)
        assert frame["level"] == "info"
        assert "link" not in frame


async def test_legacy_clients_get_no_notice(player: Client, admin: Client) -> None:
    """Their format has no such frame."""
    async with player.device(LEGACY) as legacy, player.device() as device:
        await legacy.until("ws_ack")
        await device.until("initial_state")
        await admin.ok("POST", PATH, {"message": "Hello"})
        await device.until("announcement")
        await assert_answers(legacy)
        assert [frame["type"] for frame in legacy.frames] == ["ws_ack", "pong"]


async def test_event_streams_get_it(player: Client, admin: Client) -> None:
    """The frame is an event without an id, so it moves no position."""
    async with event_stream(player) as stream:
        await stream.until("initial_state")
        await admin.ok("POST", PATH, {"message": "Hello"})
        event = await stream.until("announcement")
        assert event.frame["message"] == "Hello"
        assert event.id is None


async def test_notices_keep_their_order(http: httpx.AsyncClient, node: Node, admin: Client) -> None:
    """The order is the same on many sockets while events continue and clients come and go."""
    players = [await sign_up(http, node) for _ in range(4)]
    async with AsyncExitStack() as stack:
        devices: list[tuple[Client, Device]] = []
        for player in players * 15:
            device = await stack.enter_async_context(player.device())
            devices.append((player, device))
            await device.until("initial_state")

        async def announce() -> None:
            for number in range(20):
                await admin.ok("POST", PATH, {"message": str(number)})

        async def come_and_go() -> None:
            for player in players * 3:
                async with player.device() as device:
                    await device.until("initial_state")
                    await player.spin()

        await asyncio.gather(announce(), come_and_go())
        last = {player.user_id: await last_seq(player) for player in players}
        for player, device in devices:
            heard, seqs = list[str](), [0]
            while len(heard) < 20 or seqs[-1] < last[player.user_id]:
                frame = await device.next()
                if frame["type"] == "announcement":
                    heard.append(frame["message"])
                else:
                    seqs.append(frame["seq"])
            assert heard == [str(number) for number in range(20)]
            assert seqs == list(range(last[player.user_id] + 1))


async def last_seq(player: Client) -> int:
    position = (await player.ok("GET", "/api/realtime/state"))["position"]
    return int(position.rpartition(":")[2])


async def test_players_may_not_send_notices(player: Client, victim: Client) -> None:
    """They get 403 before the body is validated, and nothing is sent."""
    async with victim.device() as device:
        await device.until("initial_state")
        for body in (WARNING, {"wrong": True}, None):
            assert_problem(await player.call("POST", PATH, body), 403, "admin_only")
        await assert_answers(device)
        assert "announcement" not in [frame["type"] for frame in device.frames]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://example.org", "/status"])
async def test_a_link_leads_to_the_web(admin: Client, link: str) -> None:
    """Only https links are accepted, because front ends put them into an `href`."""
    assert_wrong(await admin.call("POST", PATH, {**WARNING, "link": link}), "link")
