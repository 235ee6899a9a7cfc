"""A node, honest players and an attacker: what each attack does to the others."""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
from attrs import define, frozen

from benchmarks.attack.attacker import Account, Order
from benchmarks.attack.catalogue import ATTACKS
from benchmarks.attack.honest import Harm, Players, sign_up
from benchmarks.server import UNLIMITED, BenchServer, server_for_many_sockets
from bootstrap.settings.limits import LimitSettings

SIGN_IN_EVERY_S = 1.0
SAMPLE_S = 0.05

_LIMITS = LimitSettings()
LIMITED = {
    name: str(getattr(_LIMITS, name.removeprefix("SYNCHUB_LIMITS_").lower())) for name in UNLIMITED
}
"""The limits as they are delivered."""

DECLARED_STATUSES = {
    *(101, 200, 304, 400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 422, 426, 429, 431, 503),
}
DECLARED_CLOSES = {1000, 1001, 1002, 1003, 1005, 1007, 1009, *range(3000, 3600), 4401, 4403, 4429}
"""Every other status or close code is a fault of ours."""


@frozen(kw_only=True)
class Result:
    """What one attack did. Times are in seconds, memory in bytes."""

    attack: str
    before: list[float]
    during: list[float]
    sign_in: float | None
    """The slowest sign-in during the attack; only for attacks on sign-in."""
    harm: Harm
    memory: tuple[int, int, int]
    """Before the attack, at its peak, and after it."""
    seen: dict[str, int]
    """What the attacker got: statuses, close codes, ended connections."""
    errors: list[str]
    """What the server logged as an error."""

    def undeclared(self) -> list[str]:
        """Answers that the attacker should not have got."""
        statuses = {str(status) for status in DECLARED_STATUSES}
        closes = {f"close {code}" for code in DECLARED_CLOSES}
        return sorted(self.seen.keys() - statuses - closes - {"connections", "ended"})


@define(eq=False)
class Siege:
    """A node under observation; one attack at a time."""

    server: BenchServer
    players: Players
    attackers: list[Account]
    _process: asyncio.subprocess.Process
    _log: Path
    _log_read: int = 0

    async def run(self, name: str, *, calm_s: float, seconds: float, connections: int) -> Result:
        """Measure without and with the attack."""
        on_sign_in = ATTACKS[name].attempt.__module__.endswith(".accounts")
        self.players.take_latencies()
        await asyncio.sleep(calm_s)
        before, memory = self.players.take_latencies(), self.server.rss_bytes()
        order = Order(
            attack=name, seconds=seconds, accounts=self.attackers, connections=connections
        )
        attacking = asyncio.create_task(self._attack(order))
        sign_in = asyncio.create_task(self._sign_ins(attacking)) if on_sign_in else None
        peak = memory
        while not attacking.done():
            peak = max(peak, self.server.rss_bytes())
            await asyncio.sleep(SAMPLE_S)
        during = self.players.take_latencies()
        slowest = await sign_in if sign_in else None
        await self.players.until_all_is_seen()
        return Result(
            attack=name,
            before=before,
            during=during,
            sign_in=slowest,
            harm=self.players.take_harm(),
            memory=(memory, peak, self.server.rss_bytes()),
            seen=attacking.result(),
            errors=self.errors(),
        )

    async def _attack(self, order: Order) -> dict[str, int]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(attrs.asdict(order)).encode() + b"\n")
        seen: dict[str, int] = json.loads(await stdout.readline())
        return seen

    async def _sign_ins(self, attacking: "asyncio.Task[dict[str, int]]") -> float:
        slowest = 0.0
        while True:
            slowest = max(slowest, await self.players.sign_in())
            if attacking.done():
                return slowest
            await asyncio.sleep(SIGN_IN_EVERY_S)

    def errors(self) -> list[str]:
        """Errors in the log since the last call; the log is JSON, a line each."""
        with self._log.open(encoding="utf-8", errors="replace") as log:
            log.seek(self._log_read)
            lines = log.readlines()
            self._log_read = log.tell()
        return [line for line in lines if '"level": "error"' in line or "Traceback" in line]


@asynccontextmanager
async def besieged(players: int, limits: Mapping[str, str] = LIMITED) -> AsyncIterator[Siege]:
    """A new node with honest players who play, and an attacker who waits for orders."""
    # No player shall have to refresh meanwhile.
    settings = {"SYNCHUB_ACCESS_TOKEN_S": "3600", **limits}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "server.log")
        with server_for_many_sockets(log, **settings) as server:
            accounts = [
                await sign_up(server.port, f"127.0.1.{number}", f"honest{number}")
                for number in range(1, players + 1)
            ]
            attackers = [
                await sign_up(server.port, f"127.0.3.{number}", f"attacker{number}")
                for number in range(1, 4)
            ]
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.attack.attacker_process", str(server.port)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            honest = Players(server.port, accounts)
            try:
                async with honest.playing():
                    yield Siege(server, honest, attackers, process, log)
            finally:
                process.terminate()
                await process.wait()
