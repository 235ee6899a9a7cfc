"""Clients choose the versions of events: sockets, streams and polls."""

import json
from urllib.parse import quote

import pytest
from websockets import Subprotocol
from websockets.asyncio.client import connect

from tests.support.client import SYNC, Client, Device, refused_handshake
from tests.support.contract import check_frame
from tests.support.event_stream import STREAM, event_stream
from tests.support.metrics import metric

BUY = {"product_id": "gold_100", "quantity": 2}
BOTH = "*,purchase_update.2"


async def _buy_twice(player: Client) -> int:
    """A purchase, and the same request again; the seq of the last event of the first."""
    first = await player.ok("POST", "/api/shop/buy", BUY, key="the same")
    assert await player.ok("POST", "/api/shop/buy", BUY, key="the same") == first
    seq: int = first["events"][-1]["seq"]
    return seq


async def test_each_device_gets_the_version_that_it_asked_for(player: Client) -> None:
    """Live and from the journal; whoever asks for nothing gets version 1."""
    async with player.device() as old, player.device(f"{SYNC}?accept={BOTH}") as new:
        for device, version in (old, 1), (new, 2):
            connected = await device.until("sync_connected")
            assert connected["events"]["purchase_update"] == version
            assert connected["events"]["profile_update"] == 1
            position = f"{connected['epoch']}:{connected['seq']}"
            await device.until("initial_state")
        await _buy_twice(player)
        bought = await old.until("purchase_update", status="success", amount=200)
        reused = await old.until("purchase_update", status="idempotent_reuse", amount=200)
        newly_bought = await new.until("purchase_update", status="success", repeated=False)
        newly_reused = await new.until("purchase_update", repeated=True, price=200)
        assert [bought["v"], reused["v"], newly_bought["v"], newly_reused["v"]] == [1, 1, 2, 2]
        for frame in (bought, reused, newly_bought, newly_reused):
            check_frame("sync", frame)
    live = [frame for frame in old.frames if "seq" in frame and "data" in frame]
    async with (
        player.device(since=position) as old_again,
        player.device(f"{SYNC}?accept={BOTH}", since=position) as new_again,
    ):
        assert (await old_again.next())["recovered"]
        for frame in live[1:]:
            assert await old_again.next() == frame
        assert await new_again.until("purchase_update", repeated=False) == newly_bought
        assert await new_again.until("purchase_update", repeated=True, price=200) == newly_reused


async def test_types_that_are_not_listed_are_left_out(player: Client) -> None:
    """The device still advances: it resumes behind what it was not sent."""
    async with player.device(f"{SYNC}?accept=purchase_update.2") as device:
        connected = await device.until("sync_connected")
        assert connected["events"] == {"purchase_update": 2}
        await device.until("initial_state")
        await player.spin()
        last = await _buy_twice(player)
        bought = await device.next()
        assert (bought["type"], bought["v"], bought["seq"] < last) == ("purchase_update", 2, True)
        await device.until("purchase_update", repeated=True, price=200)


async def test_a_browser_lists_them_among_its_subprotocols(player: Client) -> None:
    """`synchub.v1` is the one that is selected."""
    offered = [
        Subprotocol(name)
        for name in (
            "synchub.v1",
            f"bearer.{player.access_token}",
            "accept.*",
            "accept.purchase_update.2",
        )
    ]
    async with connect(player.ws_url + SYNC, subprotocols=offered) as socket:
        assert socket.subprotocol == "synchub.v1"
        connected = await Device(socket, []).until("sync_connected")
        assert connected["events"]["purchase_update"] == 2


async def test_streams_and_polls_choose_too(player: Client) -> None:
    """The same frames as on the socket of the same choice."""
    start = await player.ok("GET", "/api/realtime/events")
    path = f"/api/realtime/events?since={quote(start['position'])}"
    async with event_stream(player, f"{STREAM}?accept={BOTH}") as stream:
        connected = (await stream.until("sync_connected")).frame
        assert connected["events"]["purchase_update"] == 2
        await _buy_twice(player)
        bought = (await stream.until("purchase_update")).frame
    polled = await player.ok("GET", f"{path}&accept={BOTH}")
    assert polled["events"]["purchase_update"] == 2
    assert bought in polled["frames"]
    only = await player.ok("GET", f"{path}&accept=purchase_update.1")
    assert [(frame["type"], frame["v"]) for frame in only["frames"]] == [("purchase_update", 1)] * 2
    assert only["position"] == polled["position"]


@pytest.mark.parametrize("accept", ["", "purchase_update.3", "purchase_update", "a%20b", "%00"])
async def test_what_is_not_served_is_refused(player: Client, accept: str) -> None:
    """With the reason, before anything is opened."""
    assert await refused_handshake(player, f"{SYNC}?accept={accept}") == 422
    for path in (STREAM, "/api/realtime/events"):
        response = await player.call("GET", f"{path}?accept={accept}")
        assert response.status_code == 422
        assert response.json()["code"] == "invalid_input"


async def test_who_still_needs_a_version_that_ends_is_counted(player: Client) -> None:
    """By kind of client."""

    async def counted() -> float:
        labels = {"event": "purchase_update.1", "client": "other"}
        return await metric(player.http, "synchub_ending_events_total", **labels)

    before = await counted()
    async with player.device(f"{SYNC}?accept={BOTH}") as device:
        await device.until("sync_connected")
    assert await counted() == before
    async with player.device() as device:
        frame = json.loads(await device.socket.recv())
        assert frame["type"] == "sync_connected"
    assert await counted() == before + 1
