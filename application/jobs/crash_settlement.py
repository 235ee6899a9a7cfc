"""Settle crash rounds that nobody cashed out in time."""

from attrs import frozen

from application.ports.clock import Clock
from application.ports.storage.unit_of_work import UnitOfWork
from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.use_cases.games.crash_rounds import settle_open_round
from domain.games import crash
from domain.games.crash import RoundStatus

MAX_AT_ONCE = 100


@frozen(kw_only=True)
class _SettleCommand(Command):
    round_id: str


@frozen
class CrashSettlement:
    """Run about once a second by every node.

    - A round that has crashed is lost, and its player's devices see it end.
    - Nodes may do this at the same time: the second finds the round settled and leaves it.
    """

    _transactions: PlayerTransactions
    _unit_of_work: UnitOfWork
    _clock: Clock

    async def execute(self) -> int:
        """Settle what has crashed by now; returns how many rounds were looked at."""
        now_ms = int(self._clock.now().timestamp() * 1000)
        crashed = await self._unit_of_work.read(
            lambda stores: stores.crash_rounds.crashed(now_ms, MAX_AT_ONCE)
        )
        for user_id, round_id in crashed:
            await self._settle(Actor(user_id=user_id), _SettleCommand(round_id=round_id))
        return len(crashed)

    async def _settle(self, actor: Actor, command: _SettleCommand) -> None:
        def settle(tx: PlayerTransaction) -> Result:
            opened = tx.stores.crash_rounds.get(actor.user_id, command.round_id)
            if opened.status is RoundStatus.OPEN:
                settled = crash.cash_out(opened, opened.crashes_at)
                settle_open_round(tx, settled, "crash_lost")
            return Result()

        await self._transactions.run(actor, command, settle, Result, reason="crash_lost")
