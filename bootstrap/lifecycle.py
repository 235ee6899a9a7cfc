"""The life of a node: what is started, in which order, and stopped in reverse."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.inbound.metrics.worker_metrics import WorkerMetrics
from adapters.outbound.sql.migrate import migrate
from application.cluster.messages import NOTICES, REVOKED
from application.jobs.scheduler import Job, Scheduler
from bootstrap.container import Container


@asynccontextmanager
async def database_open(container: Container) -> AsyncIterator[None]:
    """The schema is up to date and transactions work."""
    await migrate(container.database_url())
    unit_of_work = container.unit_of_work()
    await unit_of_work.start()
    try:
        yield
    finally:
        await unit_of_work.stop()


@asynccontextmanager
async def node_running(container: Container) -> AsyncIterator[None]:
    """Everything that a serving node needs is at work."""
    hub, cluster, broadcaster = container.hub(), container.membership(), container.broadcaster()
    journal_reader, scheduler = container.journal_reader(), _scheduler(container)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(database_open(container))
        await broadcaster.start(hub.receive)
        stack.push_async_callback(broadcaster.stop)
        await broadcaster.subscribe(REVOKED)
        await broadcaster.subscribe(NOTICES)
        await cluster.start()
        stack.push_async_callback(cluster.stop)
        await container.revocation_poller().learn_all()
        await container.journal_poller().execute()
        await journal_reader.start()
        stack.push_async_callback(journal_reader.stop)
        await hub.notices.start()
        stack.push_async_callback(hub.notices.stop)
        await scheduler.start()
        stack.push_async_callback(scheduler.stop)
        yield


def _scheduler(container: Container) -> Scheduler:
    settings = container.settings()
    check_s = settings.realtime.check_interval_s
    hub = container.hub()

    actions = [
        Job("tick", 1.0, hub.tick),
        Job("beat", container.lease().beat_s, _async(hub.membership.beat)),
        Job("settle crashed rounds", 1.0, container.crash_settlement().execute),
        Job("check heads", check_s, container.journal_poller().execute),
        Job("learn revocations", check_s, container.revocation_poller().execute),
        Job("trim journal", settings.journal.trim_interval_s, container.journal_trimmer().execute),
    ]
    metrics = container.metrics()
    if isinstance(metrics, WorkerMetrics):
        actions.append(Job("share metrics", 1.0, _async(metrics.share)))
    return Scheduler(actions)


def _async(action: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        action()

    return run
