"""The three sockets and the REST calls together, as a front end uses them."""

from tests.support.client import LEGACY, MONITOR, Client


async def test_a_spin_reaches_every_kind_of_socket(player: Client, admin: Client) -> None:
    """The REST answer names the events; sync, legacy and monitor show the game."""
    async with (
        player.device() as sync,
        player.device(LEGACY) as legacy,
        admin.device(MONITOR) as monitor,
    ):
        connected = await sync.next()
        assert connected["type"] == "sync_connected"
        initial = await sync.next()
        assert (await legacy.next()) == {"type": "ws_ack", "user_id": player.user_id}
        snapshot = await monitor.next()
        assert player.user_id in snapshot["connected_users"]

        answer = await player.spin(10)

        frames = await sync.until_seq(answer["events"][-1]["seq"])
        assert answer["events"] == [
            {"id": frame["id"], "type": frame["type"], "seq": frame["seq"]}
            for frame in frames
            if frame["type"] not in ("sync_connected", "initial_state")
        ]
        assert initial["seq"] == connected["seq"] == 0
        flat = await legacy.next()
        assert flat["type"] == "game_event"
        assert await monitor.until("game_event") == flat
