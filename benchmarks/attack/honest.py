"""Honest players: each spins at a steady rate and watches on two devices.

Each has an address of its own. What goes wrong for them is counted: refused calls, lost sockets,
and events that are missing on a device.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from attrs import define, field

from benchmarks.attack.attacker import Account
from benchmarks.attack.wire import SYNC, handshake, request
from benchmarks.raw_socket import RawSocket

INTERVAL_S = 0.2
"""Between two spins of a player."""

TIMEOUT_S = 60.0
"""After which a call counts as refused."""


@define
class Harm:
    """What honest players notice besides delays."""

    refused: list[str] = field(factory=list)
    lost_sockets: int = 0
    missing_events: int = 0

    def __bool__(self) -> bool:
        return bool(self.refused or self.lost_sockets or self.missing_events)


class Call:
    """One HTTP connection, one request at a time; reopened after a failure."""

    def __init__(self, port: int, address: str) -> None:
        self._port, self._address = port, address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, data: bytes) -> tuple[int, bytes]:
        """Send a request; returns status and body. OSError, EOFError or TimeoutError if there is
        no answer."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                if self._streams is None:
                    self._streams = await _connect(self._port, self._address)
                reader, writer = self._streams
                writer.write(data)
                return await _response(reader)
        except (OSError, EOFError, TimeoutError):
            self.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


async def _connect(port: int, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))


async def _response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    body = await reader.readexactly(int(lengths[0].partition(b":")[2]))
    return int(head.split(b" ", 2)[1]), body


async def sign_up(port: int, address: str, name: str) -> Account:
    """A new account."""
    password = f"kettle {name} marsh"
    body = {"site_id": name, "nickname": name, "password": password}
    call = Call(port, address)
    status, answer = await call.ask(_post("/api/auth/signup", body))
    call.close()
    assert status == 200, answer
    return Account(name, password, json.loads(answer)["access_token"])


async def sign_in(port: int, address: str, account: Account) -> tuple[int, float]:
    """One sign-in; returns the status and the seconds that it took."""
    body = {"site_id": account.site_id, "password": account.password}
    call, began = Call(port, address), time.perf_counter()
    status, _ = await call.ask(_post("/api/auth/login", body))
    call.close()
    return status, time.perf_counter() - began


def _post(path: str, body: object, token: str | None = None) -> bytes:
    return request("POST", path, json.dumps(body).encode(), token=token)


@define(eq=False)
class Player:
    """One honest player."""

    port: int
    address: str
    account: Account
    harm: Harm
    latencies: list[float] = field(factory=list)
    """Seconds that each spin took since the last `take_latencies`."""
    sent_seq: int = 0
    """Of the last event that a spin of this player caused."""
    seen: dict[int, int] = field(factory=dict)
    """The last event on each device."""

    async def play(self) -> None:
        """Spin at a steady rate. The time counts from when a spin was due."""
        call = Call(self.port, self.address)
        spin = _post("/api/games/slot/spin", {"bet_amount": 1}, self.account.token)
        due = time.perf_counter()
        try:
            while True:
                await asyncio.sleep(due - time.perf_counter())
                await self._spin(call, spin)
                self.latencies.append(time.perf_counter() - due)
                due = max(due + INTERVAL_S, time.perf_counter())
        finally:
            call.close()

    async def _spin(self, call: Call, spin: bytes) -> None:
        try:
            status, body = await call.ask(spin)
        except (OSError, EOFError, TimeoutError) as error:
            self.harm.refused.append(repr(error))
        else:
            self._answered(status, body)

    def _answered(self, status: int, body: bytes) -> None:
        if status == 200:
            self.sent_seq = json.loads(body)["events"][-1]["seq"]
        else:
            self.harm.refused.append(f"{status} {body[:200].decode('latin-1')}")

    async def watch(self, device: int) -> None:
        """Read every frame of one device; a socket that ends is lost, and opened again."""
        while True:
            with suppress(OSError, EOFError):
                reader, writer = await _connect(self.port, self.address)
                try:
                    await self._follow(device, reader, writer)
                finally:
                    writer.transport.abort()
            self.harm.lost_sockets += 1
            await asyncio.sleep(0.1)

    async def _follow(
        self, device: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(handshake(SYNC, self.account.token))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            return
        async for text in RawSocket(reader, writer).frames():
            frame = json.loads(text)
            if "seq" not in frame:
                continue
            if "id" in frame:
                self.harm.missing_events += frame["seq"] != self.seen[device] + 1
            self.seen[device] = frame["seq"]

    def has_seen_all(self) -> bool:
        """Whether both devices have shown the last event."""
        return len(self.seen) == 2 and min(self.seen.values()) >= self.sent_seq


@define(eq=False)
class Players:
    """All honest players, and the one who signs in."""

    port: int
    accounts: list[Account]
    harm: Harm = field(factory=Harm)
    players: list[Player] = field(factory=list)
    _sign_ins: int = 0

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[None]:
        """They play while the context lasts, and all of them watch when it begins."""
        self.players = [
            Player(self.port, f"127.0.1.{number}", account, self.harm)
            for number, account in enumerate(self.accounts, 1)
        ]
        tasks = [
            asyncio.create_task(activity)
            for player in self.players
            for activity in (player.play(), player.watch(0), player.watch(1))
        ]
        try:
            await self.until_all_is_seen()
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def until_all_is_seen(self) -> None:
        """Wait until each device shows the last event of its player."""
        async with asyncio.timeout(TIMEOUT_S):
            while not all(  # noqa: ASYNC110 (nothing tells)
                player.has_seen_all() for player in self.players
            ):
                await asyncio.sleep(0.02)

    async def sign_in(self) -> float:
        """One of them signs in, from a new address; returns the seconds that it takes."""
        self._sign_ins += 1
        number = self._sign_ins
        account = self.accounts[number % len(self.accounts)]
        try:
            address = f"127.0.2.{number % 250 + 1}"
            status, seconds = await sign_in(self.port, address, account)
        except (OSError, EOFError, TimeoutError) as error:
            self.harm.refused.append(f"sign-in {error!r}")
            return TIMEOUT_S
        if status != 200:
            self.harm.refused.append(f"sign-in {status}")
        return seconds

    def take_latencies(self) -> list[float]:
        """The latencies of all spins since the last call, sorted."""
        taken = sorted(seconds for player in self.players for seconds in player.latencies)
        for player in self.players:
            player.latencies.clear()
        return taken

    def take_harm(self) -> Harm:
        """What went wrong since the last call."""
        taken = Harm(self.harm.refused[:], self.harm.lost_sockets, self.harm.missing_events)
        self.harm.refused.clear()
        self.harm.lost_sockets = self.harm.missing_events = 0
        return taken
