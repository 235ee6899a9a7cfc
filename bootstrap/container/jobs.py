"""The jobs of a node."""

from datetime import timedelta

from dependency_injector import containers, providers

from application.jobs.crash_settlement import CrashSettlement
from application.jobs.hint_reader import HintReader
from application.jobs.journal_poller import JournalPoller
from application.jobs.journal_trimmer import JournalTrimmer, Retention
from application.jobs.login_purge import LoginPurge
from application.jobs.revocation_poller import RevocationPoller
from application.jobs.ticket_purge import TicketPurge
from bootstrap.container.core import Core
from bootstrap.container.identity import Identity
from bootstrap.container.realtime import Realtime
from bootstrap.container.storage import Storage
from bootstrap.container.use_cases.players import PlayerUseCases


class Jobs(containers.DeclarativeContainer):
    """`bootstrap.server.lifecycle` schedules them."""

    hint_reader = providers.Singleton(
        HintReader,
        Storage.unit_of_work,
        Core.clock,
        Realtime.hub,
        Realtime.authority_hints,
        Identity.token_lifetimes,
        Core.telemetry,
    )
    crash_settlement = providers.Singleton(
        CrashSettlement,
        PlayerUseCases.transactions,
        Storage.unit_of_work,
        Core.clock,
        PlayerUseCases.seed_pairs,
    )
    ticket_purge = providers.Singleton(TicketPurge, Storage.unit_of_work, Core.clock)
    revocation_poller = providers.Singleton(
        RevocationPoller,
        Storage.unit_of_work,
        Core.clock,
        Realtime.hub,
        Identity.revocations,
        Identity.token_lifetimes,
    )
    login_purge = providers.Singleton(LoginPurge, Storage.unit_of_work, Core.clock)
    journal_poller = providers.Singleton(JournalPoller, Storage.unit_of_work, Realtime.hub)
    retention = providers.Singleton(
        lambda settings: Retention(
            age=timedelta(seconds=settings.journal.keep_s), events=settings.journal.keep_events
        ),
        Core.settings,
    )
    journal_trimmer = providers.Singleton(
        JournalTrimmer, Storage.unit_of_work, Core.clock, retention
    )
