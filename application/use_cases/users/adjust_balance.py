"""Give gold to a player, or take some away."""

from typing import Annotated

from attrs import frozen

from application.ports.tokens import Caller
from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from domain.constraints import Description, LongText, Range
from domain.errors import InvalidInput
from domain.ledger import LedgerReason, check_note
from domain.player import MAX_AMOUNT


@frozen(kw_only=True)
class AdjustBalanceCommand(Command):
    """`note` says why; it is kept in the audit log."""

    delta: Annotated[int, Range(-MAX_AMOUNT, MAX_AMOUNT), Description("Gold; negative: charge.")]
    note: Annotated[LongText, Description("Why; kept in the audit log.")]


@frozen(kw_only=True)
class AdjustBalanceResult(Result):
    """`balance` is the balance after it."""

    delta: Annotated[int, Description("The change, in gold.")]
    balance: Annotated[int, Description("The balance after it, in gold.")]


@frozen
class AdjustBalance:
    """Change the balance of a player. Only for operators.

    - It is a transaction of the player, with a ledger entry; devices receive `balance_update` with
      the reason `adjustment`, and `profile_update`.
    - The balance never falls below 0 and never rises above the limit of a wallet.
    - A note is required, and a change of 0 is refused.
    - Idempotency keys of operators are apart from those of the player.
    """

    _transactions: PlayerTransactions

    async def execute(
        self, operator: Caller, user_id: int, command: AdjustBalanceCommand, key: str | None
    ) -> AdjustBalanceResult:
        """Adjust. NotFound (`unknown_user`), InsufficientGold, Conflict (`wallet_full`) or
        InvalidInput."""
        check_note(command.note)
        if not command.delta:
            raise InvalidInput("delta", "must not be 0")

        def adjust(tx: PlayerTransaction) -> AdjustBalanceResult:
            if command.delta > 0:
                tx.pay(command.delta, LedgerReason.ADJUSTMENT)
            else:
                tx.charge(-command.delta, LedgerReason.ADJUSTMENT)
            return AdjustBalanceResult(delta=command.delta, balance=tx.player.gold)

        return await self._transactions.run(
            Actor(user_id=user_id, idempotency_key=key, operator_id=operator.user_id),
            command,
            adjust,
            AdjustBalanceResult,
            reason="adjustment",
        )
