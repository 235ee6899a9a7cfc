"""Time, news and reads that come when a test says so."""

from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from attrs import define

from application.ports.clock import Clock
from application.ports.stores import Stores
from application.ports.unit_of_work import Work
from domain.broadcaster import Broadcaster, Capabilities, Message, Receive
from domain.errors import DomainError
from tests.support.direct_unit_of_work import DirectUnitOfWork

T = TypeVar("T")


def finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never has to wait."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("it waits for something")


def take_turns(coroutine: Coroutine[Any, Any, object]) -> Iterator[None]:
    """Run a coroutine that only ever lets others have their turn; a step for each time."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration:
            return
        yield


def finish_turns(coroutine: Coroutine[Any, Any, object]) -> None:
    for _ in take_turns(coroutine):
        pass


class FakeClock(Clock):
    """Stands still until it is told to go on."""

    def __init__(self, start: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)) -> None:
        self._now = start
        self._seconds = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._seconds

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._seconds += seconds


class SteppingBroadcaster(Broadcaster):
    """Keeps what is published until the test delivers, repeats or loses it, in any order."""

    capabilities = Capabilities(reaches_other_processes=False, may_repeat=True)

    def __init__(self) -> None:
        self.under_way: list[Message] = []
        self._topics: set[str] = set()
        self._receive: Receive = lambda message: None

    async def start(self, receive: Receive) -> None:
        self._receive = receive

    async def stop(self) -> None:
        self._topics.clear()

    def publish(self, message: Message) -> None:
        self.under_way.append(message)

    async def subscribe(self, topic: str) -> None:
        self._topics.add(topic)

    async def unsubscribe(self, topic: str) -> None:
        self._topics.discard(topic)

    def failure(self) -> str | None:
        return None

    def deliver(self, index: int, *, keep: bool = False) -> None:
        """Bring one message; with `keep`, it will come once more."""
        message = self.under_way[index] if keep else self.under_way.pop(index)
        if message.topic in self._topics:
            self._receive(message)

    def lose(self, index: int) -> None:
        del self.under_way[index]

    def deliver_all(self) -> None:
        while self.under_way:
            self.deliver(0)


@define
class PendingRead:
    """A read that was asked for; `run` reads the database, `answer` tells the asker. Between the
    two anything may happen."""

    work: Work[Any]
    on_result: Callable[[Any], None]
    on_failure: Callable[[Exception], None]
    result: Any = None
    done: bool = False

    def run(self, database: DirectUnitOfWork) -> None:
        if not self.done:
            self.done = True
            try:
                self.result = database.now(self.work)
            except DomainError as refusal:
                self.result = refusal


class SteppingReader:
    """In the place of a Reader."""

    def __init__(self, database: DirectUnitOfWork) -> None:
        self.pending: list[PendingRead] = []
        self._database = database

    def submit(
        self,
        work: Callable[[Stores], T],
        on_result: Callable[[T], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self.pending.append(PendingRead(work, on_result, on_failure))

    def run(self, index: int) -> None:
        self.pending[index].run(self._database)

    def answer(self, index: int) -> None:
        read = self.pending.pop(index)
        read.run(self._database)
        if isinstance(read.result, DomainError):
            read.on_failure(read.result)
        else:
            read.on_result(read.result)

    def fail(self, index: int) -> None:
        self.pending.pop(index).on_failure(OSError("no answer"))

    def answer_all(self) -> None:
        while self.pending:
            self.answer(0)
