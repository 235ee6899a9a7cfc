"""Floods of correct calls by one account, and a search for what is open."""

from benchmarks.attack.attacker import Attacker, attack
from benchmarks.attack.wire import request

_SPIN = "/api/games/slot/spin"


@attack(parallel=50)
async def simultaneous_spins(attacker: Attacker) -> None:
    """One user spins on fifty connections at the same time."""
    peer = await attacker.connect()
    while True:
        await attacker.call(peer, "POST", _SPIN, {"bet_amount": 1})


@attack(parallel=8)
async def idempotency_keys(attacker: Attacker) -> None:
    """Each spin has a new idempotency key of the longest kind, which is stored."""
    peer = await attacker.connect()
    while True:
        key = f"{attacker.random.randrange(1 << 500):0128x}"[:128]
        spin = {"bet_amount": 1}
        await attacker.call(peer, "POST", _SPIN, spin, **{"Idempotency-Key": key})


@attack(parallel=8)
async def open_crash_rounds(attacker: Attacker) -> None:
    """Crash rounds that stay open and have to be settled."""
    peer = await attacker.connect()
    while True:
        await attacker.call(peer, "POST", "/api/games/crash/bet", {"bet_amount": 1})


@attack(parallel=8)
async def failed_purchases(attacker: Attacker) -> None:
    """Purchases that nobody could pay for; each is an event."""
    peer = await attacker.connect()
    while True:
        body = {"product_id": "vip_30_days", "quantity": 1_000}
        await attacker.call(peer, "POST", "/api/shop/buy", body)


@attack(parallel=8)
async def profile_changes(attacker: Attacker) -> None:
    """The nickname changes all the time."""
    peer = await attacker.connect()
    while True:
        nickname = f"n{attacker.random.randrange(1 << 40)}"
        await attacker.call(peer, "PATCH", "/api/profile", {"nickname": nickname})


@attack(parallel=8)
async def catch_up_polling(attacker: Attacker) -> None:
    """The whole journal is read again and again."""
    peer = await attacker.connect()
    while True:
        await attacker.call(peer, "GET", "/api/realtime/events")
        await attacker.call(peer, "GET", "/api/realtime/state")


@attack(parallel=8)
async def admin_probing(attacker: Attacker) -> None:
    """Calls of operators by a player, and paths where others have something to hide."""
    peer = await attacker.connect()
    while True:
        await attacker.call(peer, "POST", "/api/admin/announce", {"message": "hello"})
        for path in ("/admin", "/.env", "/.git/config", "/static/..%2f..%2fetc%2fpasswd", "/debug"):
            await attacker.call(peer, "GET", path)


@attack(parallel=8)
async def scraping(attacker: Attacker) -> None:
    """What is open to everybody and costs most: metrics, documents, health."""
    peer = await attacker.connect()
    paths = ("/metrics", "/schema", "/schema/openapi.json", "/health/ready", "/")
    while not peer.ended.is_set():
        for path in paths:
            await peer.ask(request("GET", path))
