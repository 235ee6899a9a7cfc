"""Crash settlement: settle crash rounds that were not cashed out before they crashed.

An open round has no timer of its own, because the node that took the bet may stop. Instead every
node polls the database for players with open rounds whose crash time has passed, and settles these
rounds as lost.

A run goes on until everybody's rounds are settled. The work is divided fairly: one transaction per
player, which is enough for all rounds that a player can have open, and those with the fewest rounds
first. So players with many rounds, or many players with many rounds, delay each other and nobody
else. A player whose row another transaction holds, such as the settlement of another node, is left
to the next run: so several nodes share the work, and nobody waits for a held lock.
"""

import logging

from attrs import frozen

from application.ports.clock import Clock
from application.ports.storage.unit_of_work import StorageUnavailable, UnitOfWork
from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerBusy, PlayerTransactions
from application.transactions.seed_pairs import SeedPairs
from application.use_cases.games.crash_rounds import settle_crashed

logger = logging.getLogger("synchub.jobs")

PAGE = 50
"""Limit of players between two queries: a player whose round crashes during a long run waits for
that many others at most."""

PAGES = 40
"""Limit of pages per run; the next run continues."""


@frozen(kw_only=True)
class _Settled(Result):
    rounds: int


@frozen
class CrashSettlement:
    """Run about once a second by every node.

    - A round that has crashed is lost, and the player's devices receive its game event.
    - A player whose rounds cannot be settled does not delay the others.
    """

    _transactions: PlayerTransactions
    _unit_of_work: UnitOfWork
    _clock: Clock
    _seed_pairs: SeedPairs

    async def execute(self) -> int:
        """Settle the rounds that have crashed; return their number."""
        settled = 0
        left: set[int] = set()
        for _ in range(PAGES):
            users = [user for user in await self._crashed(PAGE + len(left)) if user not in left]
            if not users:
                break
            for user_id in users:
                rounds = await self._settle(user_id)
                settled += rounds
                if not rounds:
                    left.add(user_id)
        if settled:
            logger.debug("settled crashed rounds", extra={"rounds": settled, "left": len(left)})
        return settled

    async def _crashed(self, limit: int) -> list[int]:
        now_ms = int(self._clock.now().timestamp() * 1000)
        return await self._unit_of_work.read(
            lambda stores: stores.crash_rounds.crashed(now_ms, limit)
        )

    async def _settle(self, user_id: int) -> int:
        def settle(tx: PlayerTransaction) -> _Settled:
            return _Settled(rounds=settle_crashed(tx, self._seed_pairs))

        try:
            result = await self._transactions.run(
                Actor(user_id=user_id), Command(), settle, _Settled, reason="crash_lost", wait=False
            )
        except StorageUnavailable:
            raise
        except PlayerBusy:
            logger.debug("a settlement is left to the next run", extra={"user": user_id})
        except Exception:
            logger.exception("rounds cannot be settled", extra={"user": user_id})
        else:
            return result.rounds
        return 0
