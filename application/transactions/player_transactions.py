"""One change of one player: state and events commit together, then the events are announced."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from attrs import define, field, frozen

from application.cluster.event_publisher import EventPublisher
from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.ids import Ids
from application.ports.storage.idempotency import StoredResult
from application.ports.storage.journal import JournalEntry
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.transactions.command import Command, EventRef, Result
from domain.errors import InvalidInput
from domain.events import BalanceUpdate, Event, ProfileUpdate, RecordedEvent, RewardGranted
from domain.ledger import LedgerEntry, LedgerReason
from domain.player import LEVEL_UP_GOLD, Player
from domain.progress.rewards import Reward

R = TypeVar("R", bound=Result)


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
    names = ("gold", "exp", "level", "tier", "total_spent", "nickname")
    return {n: getattr(after, n) for n in names if getattr(after, n) != getattr(before, n)}


@frozen
class PlayerTransactions:
    """Runs the transactional part of a use case, journals its events and announces them.

    Repeats: if the command's idempotency key has been used before by this user, the first result
    is returned again; for another request it is InvalidInput (`idempotency_key_reused`). A request
    that is refused stores nothing.
    """

    _unit_of_work: UnitOfWork
    _event_publisher: EventPublisher
    _codec: Codec
    _clock: Clock
    _ids: Ids

    async def run(
        self,
        command: Command,
        work: Callable[[PlayerTransaction], R],
        result_type: type[R],
        *,
        reason: str,
        on_repeat: Callable[[PlayerTransaction, R], None] | None = None,
    ) -> R:
        """Run `work` on the locked player. `reason` names the change in `balance_update`.
        `on_repeat` may emit events of its own when a first result is returned again."""

        def transact(stores: Stores) -> tuple[R, list[JournalEntry]]:
            transaction = PlayerTransaction(
                stores.players.lock(command.user_id), stores, self._clock.now()
            )
            result = self._first_result(command, stores, result_type)
            if result is not None:
                if on_repeat:
                    on_repeat(transaction, result)
                _, entries = self._journal(transaction, reason)
                return result, entries
            result = work(transaction)
            refs, entries = self._journal(transaction, reason)
            result = result.naming(refs)
            self._remember(command, stores, result, transaction.now)
            return result, entries

        result, entries = await self._unit_of_work.write(transact)
        self._event_publisher.publish(command.user_id, entries)
        return result

    def _journal(
        self, transaction: PlayerTransaction, reason: str
    ) -> tuple[tuple[EventRef, ...], list[JournalEntry]]:
        user_id = transaction.player.user_id
        events = transaction.finish(reason)
        if not events:
            return (), []
        last_seq = transaction.stores.journal.advance(user_id, len(events))
        refs, entries = [], []
        for seq, event in enumerate(events, start=last_seq - len(events) + 1):
            recorded = RecordedEvent(
                id=self._ids.event_id(),
                seq=seq,
                user_id=user_id,
                ts=transaction.now,
                event=event,
            )
            refs.append(EventRef(id=recorded.id, type=event.type, seq=seq))
            entries.append(JournalEntry(seq, event.type, self._codec.event(recorded)))
        transaction.stores.journal.append(user_id, entries, transaction.now)
        return tuple(refs), entries

    def _first_result(self, command: Command, stores: Stores, result_type: type[R]) -> R | None:
        if command.idempotency_key is None:
            return None
        stored = stores.idempotency.find(command.user_id, command.idempotency_key)
        if stored is None:
            return None
        if stored.fingerprint != command.fingerprint:
            raise InvalidInput(
                "idempotency_key",
                "this key belongs to another request",
                code="idempotency_key_reused",
            )
        return self._codec.load(stored.result, result_type)

    def _remember(self, command: Command, stores: Stores, result: Result, at: datetime) -> None:
        if command.idempotency_key is not None:
            stored = StoredResult(command.fingerprint, self._codec.dump(result))
            stores.idempotency.save(command.user_id, command.idempotency_key, stored, at)
