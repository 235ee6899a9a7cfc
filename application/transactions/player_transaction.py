"""What a use case works with while one player is locked."""

from datetime import datetime
from typing import Any

from attrs import define, field

from application.ports.storage.stores import Stores
from domain.events import BalanceUpdate, Event, ProfileUpdate, RewardGranted
from domain.ledger import LedgerEntry, LedgerReason
from domain.player import LEVEL_UP_GOLD, Player
from domain.progress.rewards import Reward


@define
class PlayerTransaction:
    """What a use case works with: the locked player, and what is to happen to it.

    Change the player only through the methods here; they keep ledger, rewards and events in step.
    """

    player: Player
    stores: Stores
    now: datetime
    _before: Player = field(init=False)
    _ledger: list[LedgerEntry] = field(init=False, factory=list)
    _rewards: list[Reward] = field(init=False, factory=list)
    _events: list[Event] = field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        self._before = self.player

    @property
    def net_change(self) -> int:
        """Gold gained (or, if negative, lost) in this transaction so far."""
        return self.player.gold - self._before.gold

    def emit(self, *events: Event) -> None:
        """Journal these events, in this order, if the transaction commits."""
        self._events.extend(events)

    def charge(self, amount: int, reason: LedgerReason) -> None:
        """Take gold; InsufficientGold if there is not that much."""
        self._move(self.player.charged(amount), reason)

    def pay(self, amount: int, reason: LedgerReason) -> None:
        """Give gold; nothing happens for an amount of 0."""
        if amount:
            self._move(self.player.credited(amount), reason)

    def grant(self, reward_type: str, source: str, **reward_data: object) -> None:
        """Grant something beyond a pay-out, and show it among the recent rewards."""
        self._rewards.append(
            Reward(
                reward_type=reward_type,
                reward_data=reward_data,
                source=source,
                granted_at=self.now,
            )
        )
        self.emit(RewardGranted(reward_type=reward_type, reward_data=reward_data, source=source))

    def grant_gold(self, amount: int, source: str) -> None:
        self.pay(amount, LedgerReason.REWARD)
        self.grant("gold", source, amount=amount)

    def gain_exp(self, exp: int) -> None:
        """Give exp points, and gold for each level they lift the player to."""
        level = self.player.level
        self.player = self.player.experienced(exp)
        if levels := self.player.level - level:
            self.grant_gold(LEVEL_UP_GOLD * levels, "level_up")

    def _move(self, player: Player, reason: LedgerReason) -> None:
        self._ledger.append(LedgerEntry(player.gold - self.player.gold, player.gold, reason))
        self.player = player

    def finish(self, reason: str) -> list[Event]:
        """Store what changed; returns all events, those on balance and profile included."""
        if self.player != self._before:
            self.stores.players.save(self.player)
        user_id = self.player.user_id
        if self._ledger:
            self.stores.players.add_ledger_entries(user_id, self._ledger, self.now)
        if self._rewards:
            self.stores.players.add_rewards(user_id, self._rewards)
        events = [*self._events]
        if self._ledger:
            balance = BalanceUpdate(delta=self.net_change, balance=self.player.gold, reason=reason)
            events.append(balance)
        if changed := _changed_fields(self._before, self.player):
            events.append(ProfileUpdate(**changed))
        return events


def _changed_fields(before: Player, after: Player) -> dict[str, Any]:
    old = before.profile()
    return {name: value for name, value in after.profile().items() if value != old[name]}
