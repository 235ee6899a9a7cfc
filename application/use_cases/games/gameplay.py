"""Shared parts of all games: statistics, exp, achievements, the weekly marathon."""

from application.transactions.player_transaction import PlayerTransaction
from domain.events import GameType, StatsUpdate, UserAction
from domain.progress import marathon
from domain.progress.stats import GameStats, achievements_at

GOLD_PER_EXP = 50
"""A player gets one exp point per this amount of gold bet in a game, however it is divided among
plays. With 100 gold per 500 exp, levels return 0.4 % of what is bet: less than any house edge."""


def act(transaction: PlayerTransaction, action_type: str, **action_data: object) -> None:
    """Emit the `user_action` event, before the other events of the action."""
    transaction.emit(
        UserAction(
            user_id=transaction.player.user_id, action_type=action_type, action_data=action_data
        )
    )


def count_play(transaction: PlayerTransaction, game_type: GameType, bet: int, win: int) -> None:
    """Count a play that was settled immediately."""
    stats = _stats(transaction, game_type).played(bet).settled(bet, win)
    _store(transaction, stats)
    _reward_play(transaction, stats, bet)


def count_open_play(transaction: PlayerTransaction, game_type: GameType, bet: int) -> None:
    """Count a play that is settled later."""
    stats = _stats(transaction, game_type).played(bet)
    _store(transaction, stats)
    _reward_play(transaction, stats, bet)


def count_settlement(
    transaction: PlayerTransaction, game_type: GameType, bet: int, win: int
) -> None:
    """Count the settlement of a play that `count_open_play` counted."""
    _store(transaction, _stats(transaction, game_type).settled(bet, win))


def _stats(transaction: PlayerTransaction, game_type: GameType) -> GameStats:
    return transaction.stores.stats.get(transaction.player.user_id, game_type)


def _store(transaction: PlayerTransaction, stats: GameStats) -> None:
    transaction.stores.stats.save(transaction.player.user_id, stats)
    transaction.emit(StatsUpdate(game_type=stats.game_type, stats=stats.totals()))


def _reward_play(transaction: PlayerTransaction, stats: GameStats, bet: int) -> None:
    wagered_before = stats.wagered - bet
    transaction.gain_exp(stats.wagered // GOLD_PER_EXP - wagered_before // GOLD_PER_EXP)
    for achievement in achievements_at(stats):
        transaction.emit(achievement)
        if achievement.unlocked:
            transaction.grant("badge", "achievement", badge=achievement.achievement_id)
    transaction.player = marathon.played(transaction.player, bet, transaction.now)
    if progress := marathon.progress_to_announce(transaction.player):
        transaction.emit(progress)
        if progress.completed and (gold := marathon.bonus(transaction.player)):
            transaction.grant_gold(gold, "marathon")
