"""The endpoints as front ends use them: REST calls, three sockets, a real WebSocket library."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support.client import LEGACY, MONITOR, SYNC, Client, Device
from tests.support.contract import check_frame
from tests.support.event_stream import event_stream
from tests.support.view import View

Json = dict[str, Any]
Action = Callable[[Client], Awaitable[Json]]


async def _spin(player: Client) -> Json:
    return await player.spin(50)


async def _rps(player: Client) -> Json:
    body = {"choice": "rock", "bet_amount": 50}
    return await player.ok("POST", "/api/games/rps/play", body)


async def _gacha(player: Client) -> Json:
    return await player.ok("POST", "/api/games/gacha/pull", {"pull_count": 1})


async def _crash_settled(player: Client) -> Json:
    body = {"bet_amount": 50, "auto_cashout_multiplier": 1.5}
    return await player.ok("POST", "/api/games/crash/bet", body)


async def _crash_cashed_out(player: Client) -> Json:
    opened = await player.ok("POST", "/api/games/crash/bet", {"bet_amount": 50})
    body = {"round_id": opened["round_id"]}
    closed = await player.ok("POST", "/api/games/crash/cashout", body)
    return {**closed, "events": opened["events"] + closed["events"]}


async def _buy(player: Client) -> Json:
    return await player.ok("POST", "/api/shop/buy", {"product_id": "gold_100"})


async def _buy_unaffordable(player: Client) -> Json:
    body = {"product_id": "title_high_roller"}
    response = await player.call("POST", "/api/shop/buy", body)
    assert response.status_code == 409
    answer: Json = response.json()
    assert answer["code"] == "insufficient_gold"
    return answer


async def _rename(player: Client) -> Json:
    return await player.ok("PATCH", "/api/profile", {"nickname": "Renamed"})


async def _claim(player: Client) -> Json:
    return await player.ok("POST", "/api/streak/claim")


BALANCES = ["balance_update", "profile_update"]
ACTIONS: dict[str, tuple[Action, set[str]]] = {
    "spin": (_spin, {"user_action", "game_event", "stats_update", *BALANCES}),
    "rps": (_rps, {"user_action", "game_event", "stats_update", *BALANCES}),
    "gacha": (_gacha, {"user_action", "game_event", "stats_update", *BALANCES}),
    "crash with auto cash-out": (
        _crash_settled,
        {"user_action", "game_event", "stats_update", *BALANCES},
    ),
    "crash with cash-out": (
        _crash_cashed_out,
        {"user_action", "game_event", "stats_update", *BALANCES},
    ),
    "purchase": (_buy, {"user_action", "purchase_update", *BALANCES}),
    "failed purchase": (_buy_unaffordable, {"purchase_update"}),
    "nickname": (_rename, {"user_action", "profile_update"}),
    "streak": (_claim, {"user_action", "streak_update", "reward_granted", *BALANCES}),
}


@pytest.mark.parametrize("name", ACTIONS)
async def test_an_action_reaches_every_socket(player: Client, admin: Client, name: str) -> None:
    """All frames match the schemas, the answer names the events, and the view equals the state."""
    action, expected_types = ACTIONS[name]
    async with (
        player.device() as sync,
        player.device(LEGACY) as legacy,
        admin.device(MONITOR) as monitor,
    ):
        await sync.until("initial_state")
        assert await legacy.next() == {"type": "ws_ack", "user_id": player.user_id}
        snapshot = await monitor.next()
        check_frame("monitor", snapshot)
        assert player.user_id in snapshot["connected_users"]

        answer = await action(player)

        frames = await sync.until_seq(answer["events"][-1]["seq"])
        events = [frame for frame in frames if "id" in frame]
        assert answer["events"] == [
            {"id": event["id"], "type": event["type"], "seq": event["seq"]} for event in events
        ]
        assert expected_types <= {event["type"] for event in events}
        games = [event for event in events if event["type"] == "game_event"]
        await _expect_games(legacy, "legacy", player, games)
        await _expect_games(monitor, "monitor", player, games)
        await _expect_exact_view(player, frames)


async def test_a_device_recognizes_its_own_echo(player: Client) -> None:
    """All events of a request with an Idempotency-Key name it, on every way; others name none, and
    neither does the legacy format."""
    spin = ("POST", "/api/games/slot/spin", {"bet_amount": 50})
    async with (
        player.device() as device,
        player.device(LEGACY) as legacy,
        event_stream(player) as stream,
    ):
        start = await device.until("initial_state")
        epoch = device.frames[0]["epoch"]
        await stream.until("initial_state")
        await legacy.until("ws_ack")
        answer = await player.ok(*spin, key="my key \\ 1")
        second = await player.ok(*spin)
        first_seq, last_seq = (a["events"][-1]["seq"] for a in (answer, second))
        frames = (await device.until_seq(last_seq))[2:]
        for frame in frames:
            check_frame("sync", frame)
            of_first = frame["seq"] <= first_seq
            assert frame.get("cause") == ("my key \\ 1" if of_first else None)
        assert [(await stream.next()).frame for _ in frames] == frames
        polled = await player.ok("GET", f"/api/realtime/events?since={epoch}:{start['seq']}")
        assert polled["frames"] == frames
        for _ in range(2):
            assert "cause" not in await legacy.until("game_event")


async def test_a_device_gets_the_data_that_deployed_clients_read(player: Client) -> None:
    """The fields have these names, in `data`."""
    spin = {"bet_amount": 5}
    async with player.device() as device:
        await device.until("initial_state")
        answer = await player.ok("POST", "/api/games/slot/spin", spin)
        await device.until_seq(answer["events"][-1]["seq"])
    action, game, stats, *_ = (frame["data"] for frame in device.frames[2:])
    assert action == {
        "user_id": player.user_id, "action_type": "slot_spin", "action_data": {"bet": 5},
    }  # fmt: skip
    assert (game["subtype"], game["bet"], len(game["reels"])) == ("slot_spin", 5, 3)
    assert (game["win"], game["jackpot"]) == (answer["win_amount"], answer["is_jackpot"])
    assert (stats["game_type"], stats["stats"]["plays"]) == ("slot", 1)


async def _expect_games(device: Device, endpoint: str, player: Client, games: list[Json]) -> None:
    """The legacy frames have the values of the standard envelopes."""
    for game in games:
        while True:
            frame = await device.until("game_event")
            check_frame(endpoint, frame)
            if frame["user_id"] == player.user_id:
                break
        for field in ("game_type", "bet", "result"):
            assert frame[field] == game["data"][field]
        assert frame["ts"] == game["ts"]
        assert "data" not in frame


async def _expect_exact_view(player: Client, frames: list[Json]) -> None:
    view = View(player.user_id)
    for frame in frames:
        check_frame("sync", frame)
        view.see(frame)
    answer = await player.ok("GET", "/api/realtime/state")
    view.expect(answer["state"])
    assert answer["position"] == f"{frames[0]['epoch']}:{view.seq}"


async def test_all_devices_see_the_same(player: Client) -> None:
    """Two sockets of one user get the same events."""
    async with player.device() as phone, player.device() as browser:
        for device in (phone, browser):
            await device.until("initial_state")
        answers = [await player.spin(50) for _ in range(5)]
        last = answers[-1]["events"][-1]["seq"]
        on_phone = [f for f in await phone.until_seq(last) if "id" in f]
        on_browser = [f for f in await browser.until_seq(last) if "id" in f]
        assert on_phone == on_browser
        assert [event["seq"] for event in on_phone] == list(range(1, last + 1))


async def test_resume_goes_on_where_it_was(player: Client) -> None:
    """With a valid `since`, exactly the missing events arrive, without `initial_state`."""
    async with player.device() as before:
        epoch = (await before.next())["epoch"]
        first = await player.spin(50)
        seen = first["events"][-1]["seq"]
        await before.until_seq(seen)
    missed = await player.spin(50)
    async with player.device(SYNC, since=f"{epoch}:{seen}") as after:
        connected = await after.next()
        assert connected["recovered"] is True
        assert connected["seq"] == seen
        frames = await after.until_seq(missed["events"][-1]["seq"])
        assert [frame["type"] for frame in frames[1:]] == [e["type"] for e in missed["events"]]


@pytest.mark.parametrize(
    ("since", "reason"),
    [("another-epoch:1", "new_epoch"), ("{epoch}:999", "from_future"), ("nonsense", "new_epoch")],
)
async def test_what_cannot_be_resumed_starts_afresh(
    player: Client, since: str, reason: str
) -> None:
    """The greeting has the reason, and the state follows."""
    position = (await player.ok("GET", "/api/realtime/state"))["position"]
    since = since.format(epoch=position.partition(":")[0])
    async with player.device(SYNC, since=since) as device:
        connected = await device.next()
        assert (connected["recovered"], connected["reason"]) == (False, reason)
        assert (await device.next())["type"] == "initial_state"


async def test_monitor_shows_what_happened_before_it_came(player: Client, admin: Client) -> None:
    """The snapshot has recent games, oldest first, as the live frames show them."""
    spun = await player.spin(50)
    async with admin.device(MONITOR) as monitor:
        recent = (await monitor.next())["recent_events"]
    wanted = next(event["id"] for event in spun["events"] if event["type"] == "game_event")
    assert recent[-1]["id"] == wanted
    assert recent == sorted(recent, key=lambda event: event["ts"])


async def test_monitor_sees_users_come_and_go(player: Client, admin: Client) -> None:
    """A second device causes no second join; the leave follows when the last one has been gone."""
    async with admin.device(MONITOR) as monitor:
        await monitor.next()
        async with player.device() as phone:
            await phone.next()
            async with player.device() as browser:
                await browser.next()
        while (join := await monitor.until("presence_join"))["user_id"] != player.user_id:
            pass
        while (leave := await monitor.until("presence_leave"))["user_id"] != player.user_id:
            pass
        for frame in (join, leave):
            check_frame("monitor", frame)
        ours = [f for f in monitor.frames if f.get("user_id") == player.user_id]
        assert [frame["type"] for frame in ours] == ["presence_join", "presence_leave"]


@pytest.mark.parametrize("message", ["ping", '{"type": "ping"}'])
@pytest.mark.parametrize("path", [SYNC, LEGACY])
async def test_ping(player: Client, path: str, message: str) -> None:
    """Both forms of a ping that front ends use are answered."""
    async with player.device(path) as device:
        await device.socket.send(message)
        assert await device.until("pong") == {"type": "pong"}


async def test_legacy_says_that_it_is_deprecated(player: Client) -> None:
    """The handshake's response has Deprecation, Sunset and Link headers."""
    async with player.device(LEGACY) as device:
        assert device.socket.response is not None
        headers = device.socket.response.headers
        assert headers["Deprecation"].startswith("@")
        assert headers["Sunset"].endswith("GMT")
        assert "successor-version" in headers["Link"]
