"""The state of one player transaction: the locked player and its uncommitted changes."""

from datetime import datetime
from typing import Any

from attrs import define, field, fields

from application.ports.storage.stores import Stores
from domain.events import BalanceUpdate, Event, ProfileUpdate, RewardGranted
from domain.ledger import LedgerEntry, LedgerReason
from domain.player import LEVEL_UP_GOLD, Player, Profile

_PROFILE = tuple(attribute.name for attribute in fields(Profile))


@define
class PlayerTransaction:
    """The locked player, with the ledger entries and events of the transaction.

    Change gold and exp only through these methods: they keep player, ledger and events consistent.
    `finish` writes everything but the events at the end of the transaction.
    """

    player: Player
    stores: Stores
    now: datetime
    _before: Player = field(init=False)
    _ledger: list[LedgerEntry] = field(init=False, factory=list)
    _events: list[Event] = field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        self._before = self.player

    @property
    def net_change(self) -> int:
        """The change of the balance in this transaction so far, in gold."""
        return self.player.gold - self._before.gold

    def emit(self, *events: Event) -> None:
        """Add events; they are journaled in this order with the commit."""
        self._events.extend(events)

    def charge(self, amount: int, reason: LedgerReason) -> None:
        """Charge gold; InsufficientGold if the balance is lower."""
        self._move(self.player.charged(amount), reason)

    def pay(self, amount: int, reason: LedgerReason) -> None:
        """Credit gold; an amount of 0 is ignored. Conflict (`wallet_full`) beyond the limit."""
        if amount:
            self._move(self.player.credited(amount), reason)

    def grant(self, reward_type: str, source: str, **reward_data: object) -> None:
        """Emit `reward_granted`; the reward is recorded with its event."""
        self.emit(RewardGranted(reward_type=reward_type, reward_data=reward_data, source=source))

    def grant_gold(self, amount: int, source: str) -> None:
        """Credit gold as a reward."""
        self.pay(amount, LedgerReason.REWARD)
        self.grant("gold", source, amount=amount)

    def gain_exp(self, exp: int) -> None:
        """Add exp points, and grant LEVEL_UP_GOLD for each level gained."""
        if not exp:
            return
        level = self.player.level
        self.player = self.player.experienced(exp)
        if levels := self.player.level - level:
            self.grant_gold(LEVEL_UP_GOLD * levels, "level_up")

    def _move(self, player: Player, reason: LedgerReason) -> None:
        self._ledger.append(LedgerEntry(player.gold - self.player.gold, player.gold, reason))
        self.player = player

    def finish(self, reason: str) -> list[Event]:
        """Write the changes to the stores. Return all events: the emitted ones, then
        `balance_update` if there are ledger entries, then `profile_update` if a profile field
        changed."""
        if self.player != self._before:
            self.stores.players.save(self.player)
        user_id = self.player.user_id
        if self._ledger:
            self.stores.players.add_ledger_entries(user_id, self._ledger, self.now)
        events = [*self._events]
        if self._ledger:
            balance = BalanceUpdate(delta=self.net_change, balance=self.player.gold, reason=reason)
            events.append(balance)
        if changed := _changed_fields(self._before, self.player):
            events.append(ProfileUpdate(**changed))
        return events


def _changed_fields(before: Player, after: Player) -> dict[str, Any]:
    old, new = before.profile(), after.profile()
    return {name: value for name in _PROFILE if (value := getattr(new, name)) != getattr(old, name)}
