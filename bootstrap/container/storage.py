"""The database and the audit log."""

from dependency_injector import containers, providers

from adapters.outbound.sql.engines import parse_database_url
from adapters.outbound.sql.postgres.postgres_unit_of_work import PostgresUnitOfWork
from adapters.outbound.sql.sqlite.sqlite_unit_of_work import SqliteUnitOfWork
from application.audit.audit_log import AuditLog
from application.audit.audit_queue import AuditQueue
from application.audit.audited_act import AuditedUnitOfWork, AuditTrail
from bootstrap.container.core import Core
from domain.audit import AuditChain


class Storage(containers.DeclarativeContainer):
    """Transactions of players, and those of operators, which include the audit log."""

    database_url = providers.Singleton(
        lambda settings: parse_database_url(settings.database_url), Core.settings
    )
    database_tls = providers.Singleton(lambda settings: settings.postgres.link(), Core.settings)
    unit_of_work = providers.Selector(
        providers.Callable(lambda url: url.get_backend_name(), database_url),
        sqlite=providers.Singleton(SqliteUnitOfWork, database_url),
        postgresql=providers.Singleton(PostgresUnitOfWork, database_url, database_tls),
    )
    audit_chain = providers.Singleton(
        lambda settings: AuditChain(settings.audit_secrets()), Core.settings
    )
    audit_log = providers.Singleton(AuditLog, unit_of_work, audit_chain, Core.telemetry)
    audit_queue = providers.Singleton(AuditQueue, audit_log, Core.clock, Core.telemetry)
    audit_trail = providers.Singleton(AuditTrail, audit_log, audit_queue)
    operators_unit_of_work = providers.Singleton(AuditedUnitOfWork, unit_of_work, audit_log)
    """For all that operators do: an act and its entry in the audit log are one transaction."""
