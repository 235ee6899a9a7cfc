"""What attacks have at hand."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from typing import Any

from attrs import define, field, frozen

from benchmarks.attack.peer import Ended, Peer, connect
from benchmarks.attack.wire import SYNC, handshake, request

ADDRESS = "127.0.0.66"
"""All attacks come from here; each honest player has another address."""

CONNECT_TIMEOUT_S = 5.0


@frozen
class Account:
    """One of the attacker's own accounts."""

    site_id: str
    password: str
    token: str


@frozen(kw_only=True)
class Order:
    """Run this attack for so long. `connections` is the most that one attack may hold open."""

    attack: str
    seconds: float
    accounts: list[Account]
    connections: int = 4_000
    seed: int = 1


@define(eq=False)
class Attacker:
    """What every attack has at hand."""

    port: int
    order: Order
    random: Random = field(init=False)
    seen: Counter[str] = field(factory=Counter)
    peers: set[Peer] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.random = Random(self.order.seed)

    @property
    def account(self) -> Account:
        """The account that attacks with one account use."""
        return self.order.accounts[0]

    async def connect(self, **options: Any) -> Peer:
        """A new connection; OSError if the server does not take it."""
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            peer = await connect(self.port, self.seen, ADDRESS, gone=self.peers.discard, **options)
        self.seen["connections"] += 1
        self.peers.add(peer)
        return peer

    async def socket(
        self, path: str = SYNC, token: str | None = None, headers: dict[str, str] | None = None
    ) -> Peer:
        """A connection whose handshake is accepted, as the attacker's own account; else Ended."""
        peer = await self.connect()
        token = self.account.token if token is None else token
        if await peer.ask(handshake(path, token, headers)) != 101:
            peer.abort()
            raise Ended
        return peer

    async def call(
        self, peer: Peer, method: str, path: str, body: object = None, **headers: str
    ) -> int:
        """A REST call as the attacker's own account; returns the status."""
        content = None if body is None else json.dumps(body).encode()
        token = self.account.token
        return await peer.ask(request(method, path, content, token=token, headers=headers))

    async def end(self) -> None:
        """Give all connections up."""
        for peer in list(self.peers):
            peer.abort()
        await asyncio.sleep(0.05)


@frozen
class Attack:
    """One attempt, and how many of them are made at the same time, each again and again."""

    attempt: Callable[[Attacker], Awaitable[None]]
    parallel: int

    @property
    def name(self) -> str:
        """For tables."""
        return self.attempt.__name__.replace("_", " ")

    @property
    def description(self) -> str:
        """What it does, in a sentence."""
        return self.attempt.__doc__ or ""

    async def repeat(self, attacker: Attacker) -> None:
        """Attempt again and again. An attempt that raises was ended by the server."""
        while True:
            with suppress(Ended, OSError, TimeoutError):
                await self.attempt(attacker)
            await asyncio.sleep(0.001)


def attack(parallel: int = 1) -> Callable[[Callable[[Attacker], Awaitable[None]]], Attack]:
    """Make an attack of a function, whose name and docstring become the attack's."""
    return lambda attempt: Attack(attempt, parallel)
