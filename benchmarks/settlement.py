"""How long crash settlement needs for many players whose open rounds have all crashed, and for one
more player who has a single round.

`python -m benchmarks.settlement`, with `--database-url` on an empty database. Runs the job as the
scheduler does, with a second between two runs, until no round is open.
"""

import asyncio
import tempfile
import time
from argparse import ArgumentParser, Namespace

from application.ports.storage.stores import Stores
from application.use_cases.accounts.sign_up import SignUpCommand, add_account
from bootstrap.container import Container, build_container
from bootstrap.server.lifecycle import database_open
from bootstrap.settings.settings import Settings
from domain.account import Role
from domain.games.crash import CrashRound, RoundStatus

CHUNK = 50


async def measure(container: Container, options: Namespace) -> None:
    """Fill the database, then settle."""
    async with database_open(container):
        unit_of_work = container.unit_of_work()
        for first in range(0, options.users, CHUNK):
            await unit_of_work.write(lambda stores, n=first: _add(stores, n, container, options))
        last = Namespace(users=options.users + 1, rounds=1)
        await unit_of_work.write(lambda stores: _add(stores, options.users, container, last))
        begun, settled, runs = time.perf_counter(), 0, 0
        watching = asyncio.create_task(_watch(container, options.users + 1, begun))
        total = options.users * options.rounds + 1
        while settled < total:
            settled += await container.crash_settlement().execute()
            runs += 1
            took = time.perf_counter() - begun
            if runs in (1, 2, 5) or settled >= total:
                print(f"{settled:>7} of {total} rounds after {took:6.1f} s and {runs} runs")
            if settled < total:
                await asyncio.sleep(1)
        await watching


async def _watch(container: Container, user_id: int, begun: float) -> None:
    """Tell when the round of the last player, who has only one, is settled."""
    status = RoundStatus.OPEN
    while status is RoundStatus.OPEN:
        await asyncio.sleep(0.05)
        status = await container.unit_of_work().read(
            lambda stores: stores.crash_rounds.get(user_id, f"{user_id}-0").status
        )
    print(f"the player with one round has it settled after {time.perf_counter() - begun:.1f} s")


def _add(stores: Stores, first: int, container: Container, options: Namespace) -> None:
    now = container.clock().now()
    started_at = int(now.timestamp() * 1000) - 60_000
    for number in range(first, min(first + CHUNK, options.users)):
        command = SignUpCommand(site_id=f"bench{number}", nickname="bench", password="")
        user_id = add_account(stores, command, "", Role.PLAYER, now).user_id
        for index in range(options.rounds):
            opened = CrashRound(
                round_id=f"{user_id}-{index}", bet=1, crash_point=100, started_at=started_at + index
            )
            stores.crash_rounds.add(user_id, opened)


def main() -> None:
    """Print the times."""
    with tempfile.TemporaryDirectory() as folder:
        parser = ArgumentParser(description=__doc__)
        parser.add_argument("--users", type=int, default=1_000)
        parser.add_argument("--rounds", type=int, default=20)
        parser.add_argument("--database-url", default=f"sqlite:///{folder}/settlement.db")
        options = parser.parse_args()
        container = build_container(Settings(database_url=options.database_url))
        asyncio.run(measure(container, options))


if __name__ == "__main__":
    main()
