"""Claim the daily streak bonus."""

from datetime import date

from attrs import frozen

from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.use_cases.games.gameplay import act
from domain.events import StreakUpdate
from domain.ledger import LedgerReason
from domain.progress.streak import DAILY_LOGIN


@frozen(kw_only=True)
class ClaimStreakCommand(Command):
    """Has no fields: the request has no body."""


@frozen(kw_only=True)
class ClaimStreakResult(Result):
    """The streak after the claim. `gold` and `exp` are the bonus of the claimed day."""

    action_type: str
    current_count: int
    last_action_date: date
    gold: int
    exp: int
    balance: int


@frozen
class ClaimStreak:
    """Claim today's bonus.

    - Once per UTC day; after a missed day the count restarts at 1.
    - Day n pays 800 + 200·n gold and 25 + 25·n exp.
    """

    _transactions: PlayerTransactions

    async def execute(self, actor: Actor, command: ClaimStreakCommand) -> ClaimStreakResult:
        """Claim. Conflict (`streak_already_claimed`) if today has been claimed."""
        return await self._transactions.run(
            actor, command, self._claim, ClaimStreakResult, reason="streak_claim"
        )

    def _claim(self, tx: PlayerTransaction) -> ClaimStreakResult:
        user_id, today = tx.player.user_id, tx.now.date()
        streak = tx.stores.players.streak(user_id, DAILY_LOGIN).claimed_on(today)
        tx.stores.players.save_streak(user_id, streak)
        act(tx, "streak_claim", day=streak.current_count)
        tx.emit(
            StreakUpdate(
                action_type=streak.action_type,
                current_count=streak.current_count,
                last_action_date=today,
            )
        )
        tx.pay(streak.gold, LedgerReason.STREAK)
        tx.grant("gold", "daily_streak", amount=streak.gold)
        tx.gain_exp(streak.exp)
        return ClaimStreakResult(
            action_type=streak.action_type,
            current_count=streak.current_count,
            last_action_date=today,
            gold=streak.gold,
            exp=streak.exp,
            balance=tx.player.gold,
        )
