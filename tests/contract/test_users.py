"""`/api/admin/users`: what operators see of one user, and do to one."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.client import MONITOR, PASSWORD, Client, log_in, sign_up
from tests.support.contract import check_frame
from tests.support.endpoints import NOBODY, assert_problem, assert_wrong
from tests.support.eventually import eventually
from tests.support.node import Node
from tests.support.sockets import assert_answers

USERS = "/api/admin/users"


def of(player: Client, call: str = "") -> str:
    return f"{USERS}/{player.user_id}{call}"


async def test_users_are_found_by_name_and_by_id(player: Client, admin: Client) -> None:
    """Ignoring case; nobody is found by a name that nobody has."""
    for query in (f"site_id={player.site_id.upper()}", f"user_id={player.user_id}"):
        [found] = (await admin.ok("GET", f"{USERS}?{query}"))["users"]
        assert found.items() <= (await player.ok("GET", "/api/auth/me")).items()
    for query in ("site_id=no-such-name", f"user_id={NOBODY}"):
        assert (await admin.ok("GET", f"{USERS}?{query}"))["users"] == []


@pytest.mark.parametrize("query", ["", "?site_id=a&user_id=1"])
async def test_a_search_has_one_criterion(admin: Client, query: str) -> None:
    assert_wrong(await admin.call("GET", USERS + query), "site_id")


@pytest.mark.parametrize("user_id", ["0", "-1", str(2**53), str(2**64), "9" * 400])
async def test_odd_user_ids(admin: Client, user_id: str) -> None:
    """They are refused, and never reach the database."""
    for method, path in (("GET", f"{USERS}/{user_id}"), ("POST", f"{USERS}/{user_id}/disconnect")):
        response = await admin.call(method, path)
        assert response.status_code in (404, 422), response.text
    assert (await admin.call("GET", f"{USERS}?user_id={user_id}")).status_code == 422


async def test_an_unknown_user(admin: Client) -> None:
    assert_problem(await admin.call("GET", f"{USERS}/{NOBODY}"), 404, "unknown_user")


async def test_the_overview_has_logins_and_connections(
    http: httpx.AsyncClient, node: Node, player: Client, admin: Client
) -> None:
    """Each open connection with its mode, position and begin; each login without its digests."""
    await log_in(http, node, player.site_id, PASSWORD)
    last = (await player.spin())["events"][-1]["seq"]
    async with player.device() as device:
        await device.until("initial_state")
        await assert_answers(device)
        overview = await admin.ok("GET", of(player))
    assert overview["user"].items() <= (await player.ok("GET", "/api/auth/me")).items()
    assert len(overview["logins"]) == 2
    assert set(overview["logins"][0]) == {"login_id", "last_used_at", "expires_at", "revoked_at"}
    assert (overview["nodes"], overview["answered"]) == (1, 1)
    [connection] = overview["connections"]
    assert connection["node"] == node.container.node_id()
    assert (connection["kind"], connection["mode"]) == ("session", "live")
    assert connection["position"] == last
    age = datetime.now(UTC) - datetime.fromisoformat(connection["since"])
    assert timedelta(seconds=-1) < age < timedelta(minutes=2)


async def test_a_disconnected_user_may_return(player: Client, admin: Client) -> None:
    """All connections of the user are closed with a code that says so, and nobody else's."""
    position = (await player.ok("GET", "/api/realtime/state"))["position"]
    async with player.device() as phone, player.device() as laptop, admin.device() as other:
        for device in (phone, laptop, other):
            await device.until("initial_state")
        answer = await admin.ok("POST", of(player, "/disconnect"))
        assert len(answer["connections"]) == 2
        assert (answer["success"], answer["nodes"], answer["answered"]) == (True, 1, 1)
        for device in (phone, laptop):
            assert await device.close_code() == 3010
        await assert_answers(other)
    await player.spin()
    async with player.device(since=position) as device:
        assert (await device.until("sync_connected"))["recovered"]


async def test_a_disconnected_operator_loses_the_monitor(admin: Client) -> None:
    async with admin.device(MONITOR) as monitor:
        await monitor.until("monitor_snapshot")
        [closed] = (await admin.ok("POST", of(admin, "/disconnect")))["connections"]
        assert closed["kind"] == "monitor"
        assert await monitor.close_code() == 3010


async def test_one_login_is_revoked(
    http: httpx.AsyncClient, node: Node, player: Client, admin: Client
) -> None:
    """Its tokens and sockets end; the user's other login goes on."""
    [login] = (await admin.ok("GET", of(player)))["logins"]
    other = await log_in(http, node, player.site_id, PASSWORD)
    async with player.device() as device:
        await device.until("initial_state")
        body = {"login_id": login["login_id"]}
        answer = await admin.ok("POST", of(player, "/revoke"), body)
        assert answer == {"success": True, "revoked": [login["login_id"]]}
        assert await device.close_code() == 4401
    assert_problem(await player.call("GET", "/api/auth/me"), 401, "token_revoked")
    await other.spin()
    again = await admin.ok("POST", of(player, "/revoke"), body)
    assert again["revoked"] == []
    logins = (await admin.ok("GET", of(player)))["logins"]
    assert sorted(login["revoked_at"] is None for login in logins) == [False, True]


async def test_all_logins_are_revoked(
    http: httpx.AsyncClient, node: Node, player: Client, admin: Client
) -> None:
    """Both tokens of each of them are refused; a new login is possible."""
    other = await log_in(http, node, player.site_id, PASSWORD)
    answer = await admin.ok("POST", of(player, "/revoke"), {})
    assert len(answer["revoked"]) == 2
    for client in (player, other):

        async def refused(client: Client = client) -> bool:
            response = await client.call("GET", "/api/auth/me")
            return response.status_code == 401

        await eventually(refused)
        body = {"refresh_token": client.refresh_token}
        assert (await http.post("/api/auth/refresh", json=body)).status_code == 401
    await (await log_in(http, node, player.site_id, PASSWORD)).spin()


async def test_a_login_of_another_user_is_not_revoked(
    http: httpx.AsyncClient, node: Node, player: Client, admin: Client
) -> None:
    other = await sign_up(http, node)
    [login] = (await admin.ok("GET", of(other)))["logins"]
    for login_id in (login["login_id"], "unheard-of"):
        response = await admin.call("POST", of(player, "/revoke"), {"login_id": login_id})
        assert_problem(response, 404, "unknown_login")
    await other.spin()


@pytest.mark.parametrize("delta", [250, -1_000])
async def test_an_adjustment_is_a_change_like_any_other(
    player: Client, admin: Client, delta: int
) -> None:
    """Devices see it with its reason, in the events that the answer names."""
    async with player.device() as device:
        await device.until("initial_state")
        body = {"delta": delta, "note": "compensation for an outage"}
        answer = await admin.ok("POST", of(player, "/balance"), body)
        assert (answer["delta"], answer["balance"]) == (delta, 1_000 + delta)
        balance = await device.until("balance_update")
        profile = await device.until("profile_update")
    for frame in (balance, profile):
        check_frame("sync", frame)
    assert balance["data"] == {"delta": delta, "balance": 1_000 + delta, "reason": "adjustment"}
    assert profile["data"] == {"gold": 1_000 + delta}
    assert [ref["seq"] for ref in answer["events"]] == [balance["seq"], profile["seq"]]


async def test_a_balance_stays_within_its_limits(player: Client, admin: Client) -> None:
    """Never below zero, never beyond the wallet; nothing is changed."""
    for delta, code in ((-1_001, "insufficient_gold"), (2**53 - 1_000, "wallet_full")):
        body = {"delta": delta, "note": "a reason"}
        assert_problem(await admin.call("POST", of(player, "/balance"), body), 409, code)
    assert (await player.ok("GET", "/api/auth/me"))["gold"] == 1_000


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"delta": 1}, "note"),
        ({"delta": 1, "note": " "}, "note"),
        ({"delta": 1, "note": "a\nb"}, "note"),
        ({"delta": 0, "note": "a reason"}, "delta"),
        ({"delta": 2**53, "note": "a reason"}, "delta"),
        ({"delta": 1.5, "note": "a reason"}, "delta"),
    ],
)
async def test_an_adjustment_has_an_amount_and_a_reason(
    player: Client, admin: Client, body: object, field: str
) -> None:
    assert_wrong(await admin.call("POST", of(player, "/balance"), body), field)


async def test_an_adjustment_is_made_once_per_key(player: Client, admin: Client) -> None:
    """The key is the operator's: the player can neither use it up nor run into it."""
    body = {"delta": 100, "note": "a reason"}
    for key in ("k", f"\x1f{admin.user_id}\x1fk".replace("\x1f", "-")):
        await player.ok("POST", "/api/games/slot/spin", {"bet_amount": 1}, key=key)
    before = (await player.ok("GET", "/api/auth/me"))["gold"]
    first = await admin.ok("POST", of(player, "/balance"), body, key="k")
    assert await admin.ok("POST", of(player, "/balance"), body, key="k") == first
    assert (await player.ok("GET", "/api/auth/me"))["gold"] == before + 100
    other = {**body, "delta": 200}
    response = await admin.call("POST", of(player, "/balance"), other, key="k")
    assert_problem(response, 422, "idempotency_key_reused")


async def test_the_audit_log_is_read_in_pages(player: Client, admin: Client) -> None:
    """The latest entries, or those behind a number; the head goes with them."""
    note = "a reason that is found again"
    await admin.ok("POST", of(player, "/balance"), {"delta": 1, "note": note})
    answer = await admin.ok("GET", "/api/admin/audit?limit=5")
    mine = [entry for entry in answer["entries"] if note in entry["parameters"]]
    assert len(mine) == 1
    assert mine[0]["actor"] == f"user:{admin.user_id}"
    number, _, seal = answer["head"].partition(":")
    assert (int(number), seal) == (
        answer["entries"][-1]["number"],
        answer["entries"][-1]["seal"],
    )
    after = mine[0]["number"] - 1
    page = await admin.ok("GET", f"/api/admin/audit?after={after}&limit=1")
    assert page["entries"] == mine


async def test_a_closed_device_is_gone(player: Client, admin: Client) -> None:
    """A connection that ended is not listed."""
    async with player.device() as device:
        await device.until("initial_state")
    with pytest.raises(ConnectionClosed):
        await device.socket.recv()

    async def gone() -> bool:
        overview = await admin.ok("GET", of(player))
        return not overview["connections"]

    await eventually(gone)
