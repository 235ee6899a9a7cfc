"""The life of a node: what is started, in which order, and stopped in reverse."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version

from adapters.inbound.metrics.worker_metrics import WorkerMetrics
from adapters.outbound.sql.migrate import migrate
from application.cluster.messages import ACCOUNTS, NOTICES, REVOKED, SOCKETS
from application.cluster.session_messages import SESSIONS
from application.jobs.scheduler import Job, Scheduler
from application.ports.storage.unit_of_work import StorageUnavailable
from bootstrap.container import Container
from bootstrap.settings.checks import plaintext_links
from bootstrap.settings.choices import Environment

logger = logging.getLogger("synchub.node")

AUDIT_HEAD_S = 60.0
"""How often the head of the audit log is logged, if it moves."""


@asynccontextmanager
async def database_open(container: Container) -> AsyncIterator[None]:
    """The schema is up to date and transactions work."""
    await migrate(container.database_url(), container.database_tls())
    unit_of_work = container.unit_of_work()
    await unit_of_work.start()
    try:
        yield
    finally:
        await unit_of_work.stop()


@asynccontextmanager
async def broadcaster_open(container: Container) -> AsyncIterator[None]:
    """What is published reaches the nodes, if their broker does; for commands."""
    broadcaster = container.broadcaster()
    await broadcaster.start(lambda _: None)
    try:
        yield
    finally:
        await broadcaster.stop()


@asynccontextmanager
async def node_running(container: Container) -> AsyncIterator[None]:
    """Everything that a serving node needs is at work."""
    settings = container.settings()
    facts = {
        "node": container.node_id(),
        "version": version("unified-sync-hub"),
        "env": settings.env.value,
        "database": container.database_url().render_as_string(hide_password=True),
        "broadcaster": settings.broadcaster.value,
    }
    logger.info("starting", extra=facts)
    if settings.env is Environment.PROD:
        for link in plaintext_links(settings):
            logger.warning("a link is not encrypted: %s", link)
    hub, broadcaster = container.hub(), container.broadcaster()
    journal_reader, scheduler = container.journal_reader(), _scheduler(container)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(database_open(container))
        stack.push_async_callback(container.sign_in_failures().close)
        await container.audit_log().log_head()
        stack.push_async_callback(_close_audit, container)
        await broadcaster.start(hub.receive)
        stack.push_async_callback(broadcaster.stop)
        await broadcaster.subscribe(REVOKED)
        await broadcaster.subscribe(ACCOUNTS)
        await broadcaster.subscribe(NOTICES)
        await broadcaster.subscribe(SESSIONS)
        await broadcaster.subscribe(SOCKETS)
        await hub.membership.start()
        stack.push_async_callback(hub.membership.stop)
        await container.revocation_poller().learn_all()
        await container.hint_reader().start()
        stack.push_async_callback(container.hint_reader().stop)
        await container.journal_poller().execute()
        await journal_reader.start()
        stack.push_async_callback(journal_reader.stop)
        await hub.notices.start()
        stack.push_async_callback(hub.notices.stop)
        stack.push_async_callback(container.rate_limiter().close)
        await scheduler.start()
        stack.push_async_callback(scheduler.stop)
        logger.info("ready", extra={"node": container.node_id()})
        yield
        logger.info("stopping", extra={"node": container.node_id()})
    logger.info("stopped")


def _scheduler(container: Container) -> Scheduler:
    settings = container.settings()
    poll_s = settings.realtime.check_interval_s
    trim_s = settings.journal.trim_interval_s
    hub, user_sockets = container.hub(), container.user_sockets()
    jobs = [
        Job("tick", 1.0, hub.tick),
        Job("heartbeat", container.lease().heartbeat_s, _async(hub.membership.heartbeat)),
        Job("count of sockets", container.lease().heartbeat_s, _async(user_sockets.heartbeat)),
        Job("share of limits", 1.0, container.rate_limiter().share),
        Job("crash settlement", 1.0, container.crash_settlement().execute),
        Job("journal poll", poll_s, container.journal_poller().execute),
        Job("revocation poll", poll_s, container.revocation_poller().execute),
        Job("audit queue", 1.0, container.audit_queue().flush),
        Job("audit head", AUDIT_HEAD_S, container.audit_log().log_head),
        Job("journal trim", trim_s, container.journal_trimmer().execute),
        Job("login purge", trim_s, container.login_purge().execute),
        Job("ticket purge", 60.0, container.ticket_purge().execute),
    ]
    if settings.jwt.jwks_url:
        refresh = container.external_issuer().refresh
        jobs.append(Job("key set", settings.jwt.jwks_refresh_s, refresh))
    metrics = container.metrics()
    if isinstance(metrics, WorkerMetrics):
        jobs.append(Job("share metrics", 1.0, _async(metrics.share)))
    return Scheduler(jobs)


async def _close_audit(container: Container) -> None:
    """Write what is left, and log where the audit log ends."""
    try:
        await container.audit_queue().close()
        await container.audit_log().log_head()
    except StorageUnavailable as error:
        logger.error("entries of the audit log are lost", extra={"why": str(error)})


def _async(action: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        action()

    return run
