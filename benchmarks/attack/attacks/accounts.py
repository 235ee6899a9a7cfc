"""Sign-in, sign-up and refresh: each costs a password hash, or a look at the database."""

import json

from benchmarks.attack.attacker import Attacker, attack
from benchmarks.attack.wire import request


def _post(path: str, body: object) -> bytes:
    return request("POST", f"/api/auth/{path}", json.dumps(body).encode())


@attack(parallel=16)
async def logins_that_hang_up(attacker: Attacker) -> None:
    """Sign-ins by somebody who is gone before the answer."""
    account = attacker.account
    peer = await attacker.connect()
    peer.send(_post("login", {"site_id": account.site_id, "password": account.password}))
    await peer.push(b"")
    peer.finish()
    peer.abort()


@attack(parallel=16)
async def wrong_passwords_of_one_account(attacker: Attacker) -> None:
    """Guesses of one password."""
    peer = await attacker.connect()
    victim = attacker.order.accounts[-1].site_id
    for _ in range(50):
        guess = f"guess {attacker.random.randrange(1 << 40)}"
        await peer.ask(_post("login", {"site_id": victim, "password": guess}))


@attack(parallel=16)
async def stolen_passwords_of_many_accounts(attacker: Attacker) -> None:
    """One guess for each of many names (credential stuffing)."""
    peer = await attacker.connect()
    for _ in range(50):
        name = f"user{attacker.random.randrange(10_000)}"
        await peer.ask(_post("login", {"site_id": name, "password": "letmein-2026"}))


@attack(parallel=16)
async def sign_up_flood(attacker: Attacker) -> None:
    """New accounts as fast as the server takes them."""
    peer = await attacker.connect()
    for _ in range(50):
        name = f"bot{attacker.random.randrange(1 << 60):x}"
        body = {"site_id": name, "nickname": "bot", "password": f"kettle {name} marsh"}
        await peer.ask(_post("signup", body))


@attack(parallel=16)
async def refresh_flood(attacker: Attacker) -> None:
    """Refresh tokens of nobody."""
    peer = await attacker.connect()
    while True:
        token = f"{attacker.random.randrange(1 << 256):064x}"
        await peer.ask(_post("refresh", {"refresh_token": token}))
