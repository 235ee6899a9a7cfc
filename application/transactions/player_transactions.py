"""One change of one player: state and events commit together, then the events are published."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from attrs import frozen

from application.cluster.event_publisher import EventPublisher
from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.ids import Ids
from application.ports.storage.idempotency import StoredResult
from application.ports.storage.journal import JournalEntry
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.transactions.command import Actor, Command, EventRef, Result
from application.transactions.player_transaction import PlayerTransaction
from domain.errors import InvalidInput
from domain.events import RecordedEvent

R = TypeVar("R", bound=Result)


@frozen
class PlayerTransactions:
    """Runs the transactional part of a use case, journals its events and publishes them.

    Repeats: if the actor's idempotency key has been used before by this user, the first result is
    returned again; for another command it is InvalidInput (`idempotency_key_reused`). A command
    that is refused stores nothing.
    """

    _unit_of_work: UnitOfWork
    _event_publisher: EventPublisher
    _codec: Codec
    _clock: Clock
    _ids: Ids

    async def run(
        self,
        actor: Actor,
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
            player = stores.players.lock(actor.user_id)
            transaction = PlayerTransaction(player, stores, self._clock.now())
            result = self._first_result(actor, command, stores, result_type)
            if result is not None:
                if on_repeat:
                    on_repeat(transaction, result)
                return result, self._journal(transaction, reason)
            result = work(transaction)
            entries = self._journal(transaction, reason)
            result = result.naming(_references(entries))
            self._remember(actor, command, stores, result, transaction.now)
            return result, entries

        result, entries = await self._unit_of_work.write(transact)
        self._event_publisher.publish(actor.user_id, entries)
        return result

    def _journal(self, transaction: PlayerTransaction, reason: str) -> list[JournalEntry]:
        """Number, encode and store the events of a transaction."""
        user_id = transaction.player.user_id
        events = transaction.finish(reason)
        if not events:
            return []
        last_seq = transaction.stores.journal.advance(user_id, len(events))
        entries = []
        for seq, event in enumerate(events, start=last_seq - len(events) + 1):
            recorded = RecordedEvent(
                id=self._ids.event_id(), seq=seq, user_id=user_id, ts=transaction.now, event=event
            )
            entries.append(JournalEntry(seq, event.type, self._codec.event(recorded), recorded))
        transaction.stores.journal.append(user_id, entries, transaction.now)
        return entries

    def _first_result(
        self, actor: Actor, command: Command, stores: Stores, result_type: type[R]
    ) -> R | None:
        if actor.idempotency_key is None:
            return None
        stored = stores.idempotency.find(actor.user_id, actor.idempotency_key)
        if stored is None:
            return None
        if stored.fingerprint != command.fingerprint:
            raise InvalidInput(
                "idempotency_key",
                "this key belongs to another request",
                code="idempotency_key_reused",
            )
        return self._codec.load(stored.result, result_type)

    def _remember(
        self, actor: Actor, command: Command, stores: Stores, result: Result, at: datetime
    ) -> None:
        if actor.idempotency_key is not None:
            stored = StoredResult(command.fingerprint, self._codec.dump(result))
            stores.idempotency.save(actor.user_id, actor.idempotency_key, stored, at)


def _references(entries: Sequence[JournalEntry]) -> tuple[EventRef, ...]:
    return tuple(
        EventRef(id=entry.recorded.id, type=entry.type, seq=entry.seq)
        for entry in entries
        if entry.recorded is not None
    )
