"""The whole application without I/O: a container whose outer adapters advance step by step."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve
from dependency_injector import providers

from application.frames.control_frames import InitialState
from application.ports.storage.stores import Stores
from application.ports.tokens import Caller
from application.use_cases.accounts.sign_up import SignUpCommand, add_account
from bootstrap.container import build_container
from bootstrap.settings.realtime import RealtimeSettings
from bootstrap.settings.settings import Settings
from domain.account import Role
from domain.ledger import LedgerEntry, LedgerReason
from tests.support.direct_unit_of_work import DirectUnitOfWork
from tests.support.fakes import SeededIds, SeededRandomness
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.stepping import (
    FakeClock,
    SteppingBroadcaster,
    SteppingEndOfTick,
    SteppingJournalReader,
    finish,
)

FAR_AHEAD = datetime(2100, 1, 1, tzinfo=UTC)


class World:
    """Real use cases, hub and sessions on a database in memory. With `brief_ticks`, each message
    arrives in a tick of its own; otherwise `end_of_tick.end` ends the tick."""

    def __init__(
        self,
        seed: int = 0,
        realtime: RealtimeSettings | None = None,
        *,
        brief_ticks: bool = True,
    ) -> None:
        self._brief_ticks = brief_ticks
        self.database = DirectUnitOfWork()
        self.clock = FakeClock()
        self._randomness = SeededRandomness(seed)
        self._ids = SeededIds(seed)
        self._settings = Settings(realtime=realtime or RealtimeSettings())
        self.restart()

    def restart(self) -> None:
        """Replace the node by a new one on the same database; what was in memory is lost."""
        self.broadcaster = SteppingBroadcaster()
        self.reader = SteppingJournalReader(self.database)
        self.end_of_tick = SteppingEndOfTick(brief=self._brief_ticks)
        self.telemetry = RecordingTelemetry()
        self.container = build_container(self._settings)
        for name, part in {
            "unit_of_work": self.database,
            "clock": self.clock,
            "broadcaster": self.broadcaster,
            "journal_reader": self.reader,
            "end_of_tick": self.end_of_tick,
            "randomness": self._randomness,
            "ids": self._ids,
            "telemetry": self.telemetry,
        }.items():
            getattr(self.container, name).override(providers.Object(part))
        self.hub = self.container.hub()
        finish(self.broadcaster.start(self.hub.receive))
        finish(self.hub.membership.start())
        self.broadcaster.deliver_all()
        self.poll_journal()

    def poll_journal(self) -> None:
        """Run the periodic journal poll."""
        finish(self.container.journal_poller().execute())

    def add_player(self, name: str) -> int:
        """A new player's id; no password is hashed."""
        command = SignUpCommand(site_id=name, nickname=name, password="")
        account = finish(
            self.database.write(
                lambda stores: add_account(stores, command, "", Role.PLAYER, self.clock.now())
            )
        )
        return account.user_id

    def make_operator(self, user_id: int) -> None:
        """Give an account the admin role."""
        self.database.now(lambda stores: stores.accounts.set_role(user_id, Role.ADMIN))

    def give_gold(self, user_id: int, amount: int) -> None:
        """Credit gold, with an entry in the ledger."""

        def give(stores: Stores) -> None:
            player = stores.players.lock(user_id).credited(amount)
            stores.players.save(player)
            entry = LedgerEntry(amount, player.gold, LedgerReason.PURCHASE)
            stores.players.add_ledger_entries(user_id, [entry], self.clock.now())

        finish(self.database.write(give))

    def caller(self, user_id: int, role: Role = Role.PLAYER, login_id: str = "login") -> Caller:
        expires_at = self.clock.now() + timedelta(days=1)
        return Caller(user_id=user_id, login_id=login_id, role=role, expires_at=expires_at)

    def token(
        self,
        user_id: int,
        *,
        role: Role = Role.PLAYER,
        login_id: str = "login",
        expires_at: datetime | None = None,
    ) -> str:
        """An access token. Tokens are verified by the real time, so these expire far ahead of both
        clocks."""
        caller = evolve(self.caller(user_id, role, login_id), expires_at=expires_at or FAR_AHEAD)
        return self.container.tokens().issue(caller, self.clock.now())

    def settle(self) -> None:
        """Deliver all messages and answer all reads, until none is left."""
        while self.broadcaster.under_way or self.reader.pending:
            self.broadcaster.deliver_all()
            self.end_of_tick.end()
            self.reader.answer_all()

    def state(self, user_id: int) -> Any:
        """The state that a device would get now, as JSON."""
        reader = self.container.state_reader()
        state = self.database.now(lambda stores: reader.read(stores, user_id))
        frame = InitialState(user_id=user_id, seq=0, data=state)
        return json.loads(self.container.codec().control(frame))["data"]

    def journal(self, user_id: int, after: int = 0) -> list[bytes]:
        """All envelopes of a user that follow a number, as clients get them by default."""
        entries = self.database.now(lambda stores: stores.journal.page(user_id, after, 2**40))
        frame_format = self.container.standard_formats().default
        served = [frame_format.encode(entry) for entry in entries]
        return [envelope for envelope in served if envelope is not None]
