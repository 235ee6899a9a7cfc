"""The life of a node: what is started, in which order, and stopped in reverse."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.inbound.worker_metrics import WorkerMetrics
from adapters.outbound.sql.migrate import migrate
from application.realtime.messages import ANNOUNCEMENTS, REVOKED
from application.realtime.runtime import Periodic, Runtime
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
    hub, cluster, broadcaster = container.hub(), container.cluster(), container.broadcaster()
    reader, runtime = container.reader(), _runtime(container)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(database_open(container))
        await broadcaster.start(hub.receive)
        stack.push_async_callback(broadcaster.stop)
        await broadcaster.subscribe(REVOKED)
        await broadcaster.subscribe(ANNOUNCEMENTS)
        await cluster.start()
        stack.push_async_callback(cluster.stop)
        await container.learn_revocations().learn_all()
        await container.head_check().execute()
        await reader.start()
        stack.push_async_callback(reader.stop)
        await hub.announcements.start()
        stack.push_async_callback(hub.announcements.stop)
        await runtime.start()
        stack.push_async_callback(runtime.stop)
        yield


def _runtime(container: Container) -> Runtime:
    settings = container.settings()
    check_s = settings.realtime.check_interval_s
    hub = container.hub()

    actions = [
        Periodic("tick", 1.0, hub.tick),
        Periodic("beat", container.lease().beat_s, _async(hub.cluster.beat)),
        Periodic("settle crashed rounds", 1.0, container.settle_crashed().execute),
        Periodic("check heads", check_s, container.head_check().execute),
        Periodic("learn revocations", check_s, container.learn_revocations().execute),
        Periodic(
            "trim journal", settings.journal.trim_interval_s, container.trim_journal().execute
        ),
    ]
    metrics = container.metrics()
    if isinstance(metrics, WorkerMetrics):
        actions.append(Periodic("share metrics", 1.0, _async(metrics.share)))
    return Runtime(actions)


def _async(action: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        action()

    return run
