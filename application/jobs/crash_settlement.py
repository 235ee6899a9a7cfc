"""Crash settlement: settle crash rounds that were not cashed out before they crashed.

An open round has no timer of its own, because the node that took the bet may stop. Instead every
node polls the database for players with open rounds whose crash time has passed, and settles these
rounds as lost.

It keeps up with any number of players because a run goes on until it has seen everybody, and it is
fair because every player gets one transaction per run, in the order of their first crash. That is
enough for all rounds that a player can have open. A player whose row another transaction holds,
such as the settlement of another node, is left to the next run: so several nodes share the work,
and nobody waits for a held lock.
"""

import logging

from attrs import frozen

from application.ports.clock import Clock
from application.ports.storage.games import CrashedUser
from application.ports.storage.unit_of_work import StorageUnavailable, UnitOfWork
from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerBusy, PlayerTransactions
from application.transactions.seed_pairs import SeedPairs
from application.use_cases.games.crash_rounds import settle_crashed

logger = logging.getLogger("synchub.jobs")

PAGE = 500
"""Limit of players per query."""


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
        now_ms = int(self._clock.now().timestamp() * 1000)
        settled, last = 0, None
        while users := await self._crashed(now_ms, last):
            settled += sum([await self._settle(user.user_id) for user in users])
            last = users[-1]
        if settled:
            logger.debug("settled crashed rounds", extra={"rounds": settled})
        return settled

    async def _crashed(self, now_ms: int, last: CrashedUser | None) -> list[CrashedUser]:
        return await self._unit_of_work.read(
            lambda stores: stores.crash_rounds.crashed(now_ms, PAGE, last)
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
