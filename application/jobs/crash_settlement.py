"""Crash settlement: settle crash rounds that were not cashed out before they crashed.

An open round has no timer of its own, because the node that took the bet may stop. Instead every
node polls the database for open rounds whose crash time has passed and settles them as lost, at the
time of the crash. Each is settled under the lock of its player, where its status is checked again:
if another node or a cash-out was faster, nothing happens.
"""

import logging

from attrs import frozen

from application.ports.clock import Clock
from application.ports.storage.unit_of_work import UnitOfWork
from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.use_cases.games.crash_rounds import settle_open_round
from domain.games import crash
from domain.games.crash import RoundStatus

logger = logging.getLogger("synchub.jobs")

BATCH = 100
"""Limit of rounds per run; the next run continues."""


@frozen(kw_only=True)
class _SettleCommand(Command):
    """The command of a settlement; no client sends it."""

    round_id: str


@frozen
class CrashSettlement:
    """Run about once a second by every node.

    - A round that has crashed is lost, and the player's devices receive its game event.
    - Nodes may run this concurrently: the second one finds the round settled and skips it.
    """

    _transactions: PlayerTransactions
    _unit_of_work: UnitOfWork
    _clock: Clock

    async def execute(self) -> int:
        """Settle the rounds that have crashed; return the number of rounds found."""
        now_ms = int(self._clock.now().timestamp() * 1000)
        crashed = await self._unit_of_work.read(
            lambda stores: stores.crash_rounds.crashed(now_ms, BATCH)
        )
        for user_id, round_id in crashed:
            await self._settle(Actor(user_id=user_id), _SettleCommand(round_id=round_id))
        if crashed:
            logger.debug("settled crashed rounds", extra={"rounds": len(crashed)})
        return len(crashed)

    async def _settle(self, actor: Actor, command: _SettleCommand) -> None:
        def settle(tx: PlayerTransaction) -> Result:
            opened = tx.stores.crash_rounds.get(actor.user_id, command.round_id)
            if opened.status is RoundStatus.OPEN:
                settled = crash.cash_out(opened, opened.crashes_at)
                settle_open_round(tx, settled, "crash_lost")
            return Result()

        await self._transactions.run(actor, command, settle, Result, reason="crash_lost")
