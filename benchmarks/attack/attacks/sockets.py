"""Many sockets, and sockets that are not read."""

import asyncio

from benchmarks.attack.attacker import Attacker, attack
from benchmarks.attack.peer import Ended
from benchmarks.attack.wire import MONITOR, SYNC, handshake, request

_SPIN = {"bet_amount": 1}


@attack()
async def unread_sockets(attacker: Attacker) -> None:
    """Twenty sockets that are never read, while their user plays to fill them."""
    for _ in range(20):
        (await attacker.socket()).stop_reading()
    player = await attacker.connect()
    while True:
        await attacker.call(player, "POST", "/api/games/slot/spin", _SPIN)


@attack(parallel=16)
async def connection_flood(attacker: Attacker) -> None:
    """Connections that are closed as soon as they are open."""
    (await attacker.connect()).abort()


@attack()
async def silent_connections(attacker: Attacker) -> None:
    """Thousands of connections on which nothing is sent."""
    if len(attacker.peers) < attacker.order.connections:
        await attacker.connect()


@attack(parallel=8)
async def thousands_of_sockets_of_one_user(attacker: Attacker) -> None:
    """As many open sockets as the server allows."""
    if len(attacker.peers) < attacker.order.connections:
        await attacker.socket()


@attack(parallel=8)
async def bad_token_handshakes(attacker: Attacker) -> None:
    """Handshakes with tokens of nobody."""
    peer = await attacker.connect()
    token = attacker.account.token[:-8] + f"{attacker.random.randrange(1 << 32):08x}"
    await peer.ask(handshake(SYNC, token))
    await asyncio.wait_for(peer.ended.wait(), 0.5)
    peer.abort()


@attack(parallel=50)
async def sockets_without_a_token(attacker: Attacker) -> None:
    """Handshakes without any token; the connection is kept as long as the server lets it."""
    peer = await attacker.connect()
    await peer.ask(handshake(SYNC))
    await peer.ended.wait()


@attack(parallel=8)
async def monitor_as_a_player(attacker: Attacker) -> None:
    """Handshakes at the monitor by somebody who is no operator."""
    peer = await attacker.connect()
    await peer.ask(handshake(MONITOR, attacker.account.token))
    await asyncio.wait_for(peer.ended.wait(), 0.5)
    peer.abort()


@attack(parallel=8)
async def resume_storm(attacker: Attacker) -> None:
    """Handshakes with old, invented and impossible positions, each dropped at once."""
    epoch = attacker.random.choice(["", "0" * 36, "x" * 200])
    number = attacker.random.choice(["0", "1", str(2**63), "-1", "9" * 400])
    peer = await attacker.socket(f"{SYNC}?since={epoch}:{number}")
    await asyncio.sleep(0)
    peer.abort()


@attack(parallel=8)
async def join_and_leave(attacker: Attacker) -> None:
    """Sockets that are opened and closed at once, so that presence changes all the time."""
    (await attacker.socket()).abort()


@attack(parallel=8)
async def half_closed_sockets(attacker: Attacker) -> None:
    """Half of the connection is closed right after the handshake."""
    peer = await attacker.socket()
    peer.finish()
    await peer.ended.wait()


@attack(parallel=100)
async def event_streams_unread(attacker: Attacker) -> None:
    """Streams of server-sent events that are opened and never read."""
    peer = await attacker.connect()
    peer.send(request("GET", "/api/realtime/stream", token=attacker.account.token))
    peer.stop_reading()
    await peer.ended.wait()
    raise Ended


@attack()
async def many_devices_of_a_busy_user(attacker: Attacker) -> None:
    """Each spin of one user goes to two hundred devices."""
    while len(attacker.peers) < min(200, attacker.order.connections):
        before = len(attacker.peers)
        await attacker.socket()
        if len(attacker.peers) <= before:
            break
    player = await attacker.connect()
    for _ in range(100):
        await attacker.call(player, "POST", "/api/games/slot/spin", _SPIN)
