"""Runs player transactions: state and events are committed together, then published.

Order and gaplessness: the transaction locks the player, takes the next numbers from the player's
head row and writes the events, all before the commit. So per user, commit order is `seq` order.
Publishing comes after the commit; what is lost in between is found by the journal poll.

Idempotency: the result of a command with an Idempotency-Key is stored in the same transaction. The
key is looked up after the player is locked, so of two concurrent requests with the same key the
second waits for the first and then finds its result. The stored fingerprint of the command detects
a key that is reused for another command. A refused command is rolled back and stores nothing, so
its retry is executed again.
"""

import logging
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
from domain.events import RecordedEvent, RewardGranted
from domain.progress.rewards import Reward

logger = logging.getLogger("synchub.commands")

R = TypeVar("R", bound=Result)


def key_reused() -> InvalidInput:
    """An Idempotency-Key came with another command than the first time."""
    return InvalidInput(
        "idempotency_key", "this key belongs to another request", code="idempotency_key_reused"
    )


class PlayerBusy(Exception):
    """Another transaction holds the lock of the player."""


@frozen
class PlayerTransactions:
    """Runs the transactional part of a use case, then journals and publishes its events."""

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
        wait: bool = True,
    ) -> R:
        """Run `work` on the locked player and return its result, with references to its events.

        If the user has used the actor's Idempotency-Key before, return the stored result instead;
        InvalidInput (`idempotency_key_reused`) if that was another command. `on_repeat` may then
        emit events. `reason` is the reason in `balance_update`. Without `wait`, PlayerBusy if
        another transaction holds the lock of the player.
        """

        def transact(stores: Stores) -> tuple[R, list[JournalEntry]]:
            players = stores.players
            player = (players.lock if wait else players.try_lock)(actor.user_id)
            if player is None:
                raise PlayerBusy
            transaction = PlayerTransaction(player, stores, self._clock.now())
            result = self._stored_result(actor, command, stores, result_type)
            if result is not None:
                if on_repeat:
                    on_repeat(transaction, result)
                return result, self._journal(transaction, reason, actor.cause)
            result = work(transaction)
            entries = self._journal(transaction, reason, actor.cause)
            result = result.with_events(_references(entries))
            self._store_result(actor, command, stores, result, transaction.now)
            return result, entries

        result, entries = await self._unit_of_work.write(transact)
        self._event_publisher.publish(actor.user_id, entries)
        return result

    def _journal(
        self, transaction: PlayerTransaction, reason: str, cause: str | None
    ) -> list[JournalEntry]:
        """Assign sequence numbers to the events of a transaction, encode and journal them, and
        record the rewards among them."""
        user_id = transaction.player.user_id
        events = transaction.finish(reason)
        if not events:
            return []
        last_seq = transaction.stores.journal.advance(user_id, len(events))
        entries = []
        for seq, event in enumerate(events, start=last_seq - len(events) + 1):
            recorded = RecordedEvent(
                id=self._ids.event_id(),
                seq=seq,
                user_id=user_id,
                ts=transaction.now,
                event=event,
                cause=cause,
            )
            entries.append(JournalEntry(seq, event.type, self._codec.event(recorded), recorded))
        transaction.stores.journal.append(user_id, entries, transaction.now)
        if rewards := _rewards(entries):
            transaction.stores.players.add_rewards(user_id, rewards)
        return entries

    def _stored_result(
        self, actor: Actor, command: Command, stores: Stores, result_type: type[R]
    ) -> R | None:
        if actor.stored_key is None:
            return None
        stored = stores.idempotency.find(actor.user_id, actor.stored_key)
        if stored is None:
            return None
        if stored.fingerprint != command.fingerprint:
            raise key_reused()
        logger.debug("a repeated request gets the stored result", extra={"user": actor.user_id})
        return self._codec.load(stored.result, result_type)

    def _store_result(
        self, actor: Actor, command: Command, stores: Stores, result: Result, at: datetime
    ) -> None:
        if actor.stored_key is not None:
            stored = StoredResult(command.fingerprint, self._codec.dump(result))
            stores.idempotency.save(actor.user_id, actor.stored_key, stored, at)


def _references(entries: Sequence[JournalEntry]) -> tuple[EventRef, ...]:
    return tuple(
        EventRef(id=entry.recorded.id, type=entry.type, seq=entry.seq)
        for entry in entries
        if entry.recorded is not None
    )


def _rewards(entries: Sequence[JournalEntry]) -> list[Reward]:
    return [
        Reward(id=str(recorded.id), granted=recorded.event, granted_at=recorded.ts)
        for entry in entries
        if (recorded := entry.recorded) and isinstance(recorded.event, RewardGranted)
    ]
