"""`GET /api/realtime/stream`: the socket's frames as Server-Sent Events."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
from dependency_injector import providers

from tests.support.client import MONITOR, Client, http_client, sign_up
from tests.support.contract import check_frame
from tests.support.event_stream import STREAM, event_stream
from tests.support.eventually import eventually
from tests.support.metrics import metric
from tests.support.node import node_settings, running_node
from tests.support.settings import small_realtime
from tests.support.stepping import FakeClock


async def test_it_brings_the_frames_of_the_socket(player: Client) -> None:
    """All frames arrive, with the position as the event's id."""
    async with event_stream(player) as stream, player.device() as device:
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        assert stream.response.headers["Cache-Control"] == "no-store"
        connected = (await stream.until("sync_connected")).frame
        check_frame("sync", connected)
        state = await stream.until("initial_state")
        assert state.frame == await device.until("initial_state")
        assert state.id == f"{connected['epoch']}:{state.frame['seq']}"
        spun = await player.spin()
        for _ in spun["events"]:
            event = await stream.next()
            assert event.data == await device.socket.recv()
            assert event.id == f"{connected['epoch']}:{event.frame['seq']}"
        assert event.frame["seq"] == spun["events"][-1]["seq"]


async def test_the_last_event_id_is_where_it_goes_on(player: Client) -> None:
    """The position comes from the header, which has precedence, or from `since`."""
    async with event_stream(player) as stream:
        await stream.until("initial_state")
        await player.spin()
        seen = await stream.until("game_event")
    assert seen.id is not None
    path = f"{STREAM}?since={seen.id}"
    other = f"{STREAM}?since=elsewhere:1"
    async with (
        event_stream(player, last_event_id=seen.id) as by_header,
        event_stream(player, path) as by_query,
        event_stream(player, other, last_event_id=seen.id) as by_both,
    ):
        for stream in (by_header, by_query, by_both):
            connected = (await stream.next()).frame
            assert (connected["recovered"], connected["seq"]) == (True, seen.frame["seq"])
            assert (await stream.next()).frame["seq"] == seen.frame["seq"] + 1


async def test_what_cannot_be_continued_starts_afresh(player: Client) -> None:
    """The greeting has the reason, and the state follows, as on the socket."""
    async with event_stream(player, last_event_id="another-epoch:3") as stream:
        connected = (await stream.next()).frame
        assert (connected["recovered"], connected["reason"]) == (False, "new_epoch")
        assert (await stream.next()).frame["type"] == "initial_state"


async def test_the_token_may_stand_in_the_address(player: Client) -> None:
    """A token in the query is accepted, because EventSource cannot set headers."""
    path = f"{STREAM}?token={player.access_token}"
    async with event_stream(player, path, token="") as stream:
        assert (await stream.next()).frame["user_id"] == player.user_id
    assert (await player.http.get(STREAM)).status_code == 401


async def test_logout_ends_it(player: Client) -> None:
    """The close event has the code that a socket would be closed with."""
    async with event_stream(player) as stream:
        await stream.until("initial_state")
        await player.ok("POST", "/api/auth/logout", {})
        assert (await stream.until_closed())["code"] == 4401


async def test_it_ends_with_its_token(tmp_path: Path) -> None:
    """The close event has 3005: refresh, then reconnect."""
    clock = FakeClock(datetime.now(UTC))
    settings = node_settings(tmp_path)
    with_clock = lambda container: container.clock.override(providers.Object(clock))  # noqa: E731
    async with (
        running_node(settings, with_clock) as node,
        http_client(node) as http,
        event_stream(await sign_up(http, node)) as stream,
    ):
        await stream.until("initial_state")
        clock.advance(settings.access_token_s)
        assert (await stream.until_closed())["code"] == 3005


async def test_it_counts_as_presence_until_the_client_leaves(
    http: httpx.AsyncClient, player: Client, admin: Client
) -> None:
    """Monitors see the join and, after the grace, the leave; the node forgets the connection."""
    async with admin.device(MONITOR) as monitor:
        await monitor.until("monitor_snapshot")

        async def nobody_else() -> bool:  # the tests before have left, but not without a trace
            return await metric(http, "synchub_connections", kind="session") == 0

        await eventually(nobody_else)
        async with event_stream(player) as stream:
            await stream.until("initial_state")
            await monitor.until_user("presence_join", player.user_id)
            assert await metric(http, "synchub_connections", kind="session") == 1
        await monitor.until_user("presence_leave", player.user_id)
        assert await metric(http, "synchub_connections", kind="session") == 0


async def test_heartbeats_keep_it_open(tmp_path: Path) -> None:
    """Comments, which clients ignore, are sent while nothing happens."""
    settings = node_settings(tmp_path, realtime=small_realtime(heartbeat_s=0.1))
    async with running_node(settings) as node, http_client(node) as http:
        player = await sign_up(http, node)
        async with event_stream(player) as stream:
            assert (await stream.until("sync_connected")).frame["heartbeat_s"] == 0.1
            await stream.until("initial_state")
            assert [(await stream.next()).comment for _ in range(3)] == ["heartbeat"] * 3
            await player.spin()
            await stream.until("game_event")
