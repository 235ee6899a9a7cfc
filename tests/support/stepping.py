"""Time, messages and reads that advance when a test says so."""

from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from attrs import define

from application.connections.client_connection import ClientConnection
from application.connections.read_request import ReadRequest
from application.ports.clock import Clock
from application.ports.end_of_tick import EndOfTick
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


def step_cooperatively(coroutine: Coroutine[Any, Any, object]) -> Iterator[None]:
    """Run a coroutine that only yields to other tasks; one step per yield."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration:
            return
        yield


def finish_cooperatively(coroutine: Coroutine[Any, Any, object]) -> None:
    for _ in step_cooperatively(coroutine):
        pass


class FakeClock(Clock):
    """A clock that advances only by `advance`."""

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


class SteppingEndOfTick(EndOfTick):
    """A tick that ends when the test says so; with `brief`, every action is a tick of its own."""

    def __init__(self, *, brief: bool) -> None:
        self.brief = brief
        self._actions: list[Callable[[], None]] = []

    def call(self, action: Callable[[], None]) -> None:
        self._actions.append(action)
        if self.brief:
            self.end()

    def end(self) -> None:
        while self._actions:
            self._actions.pop(0)()


class SteppingBroadcaster(Broadcaster):
    """Keeps what is published until the test delivers, repeats or loses it, in any order."""

    capabilities = Capabilities(reaches_other_processes=False)

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
        """Deliver one message; with `keep`, it stays in flight and will arrive again."""
        message = self.under_way[index] if keep else self.under_way.pop(index)
        if message.topic in self._topics:
            self._receive(message)

    def lose(self, index: int) -> None:
        del self.under_way[index]

    def deliver_all(self) -> None:
        while self.under_way:
            self.deliver(0)


class SteppingBus:
    """Several nodes' broadcasters. Messages in flight are delivered, repeated or lost when a test
    says so, in any order that keeps that of one topic from one node."""

    def __init__(self) -> None:
        self.nodes: list[SteppingBusBroadcaster] = []

    def under_way(self) -> "list[tuple[SteppingBusBroadcaster, int]]":
        """Messages that can arrive next: a receiver, and an index into its queue."""
        return [(node, index) for node in self.nodes for index in node.next_ones()]

    def deliver_all(self) -> None:
        while waiting := self.under_way():
            node, index = waiting[0]
            node.deliver(index)


class SteppingBusBroadcaster(Broadcaster):
    """One node on a SteppingBus."""

    capabilities = Capabilities(reaches_other_processes=True)

    def __init__(self, bus: SteppingBus) -> None:
        self._bus = bus
        self._topics: set[str] = set()
        self._receive: Receive = lambda message: None
        self.waiting: list[tuple[object, Message]] = []
        """Senders and what they sent, oldest first."""
        bus.nodes.append(self)

    async def start(self, receive: Receive) -> None:
        self._receive = receive

    async def stop(self) -> None:
        """Leave the bus; messages sent before still arrive."""
        self._bus.nodes.remove(self)

    def publish(self, message: Message) -> None:
        for node in self._bus.nodes:
            if message.topic in node._topics:
                node.waiting.append((self, message))

    async def subscribe(self, topic: str) -> None:
        self._topics.add(topic)

    async def unsubscribe(self, topic: str) -> None:
        self._topics.discard(topic)

    def failure(self) -> str | None:
        return None

    def next_ones(self) -> list[int]:
        """The oldest message of each sender and topic."""
        oldest: dict[tuple[object, str], int] = {}
        for index, (sender, message) in enumerate(self.waiting):
            oldest.setdefault((sender, message.topic), index)
        return list(oldest.values())

    def deliver(self, index: int, *, keep: bool = False) -> None:
        """Deliver one message; with `keep`, it stays in flight and will arrive again."""
        _, message = self.waiting[index] if keep else self.waiting.pop(index)
        if message.topic in self._topics:
            self._receive(message)

    def lose(self, index: int) -> None:
        del self.waiting[index]


@define
class PendingRead:
    """A read that a connection requested; `run` reads the database, `answer` passes the result on.
    Anything may happen between the two."""

    connection: ClientConnection
    request: ReadRequest
    result: Any = None
    done: bool = False

    def run(self, database: DirectUnitOfWork) -> None:
        """Read the database, once."""
        if not self.done:
            self.done = True
            try:
                self.result = database.now(self.request.read)
            except DomainError as refusal:
                self.result = refusal


class SteppingJournalReader:
    """Replaces JournalReader; reads run and are answered when a test says so."""

    def __init__(self, database: DirectUnitOfWork) -> None:
        self.pending: list[PendingRead] = []
        self._database = database

    def submit(self, connection: ClientConnection, request: ReadRequest | None) -> None:
        if request is not None:
            self.pending.append(PendingRead(connection, request))

    def run(self, index: int) -> None:
        self.pending[index].run(self._database)

    def answer(self, index: int) -> None:
        read = self.pending.pop(index)
        read.run(self._database)
        if isinstance(read.result, DomainError):
            read.connection.read_failed(read.result)
        else:
            self.submit(read.connection, read.connection.answer(read.result))

    def fail(self, index: int) -> None:
        self.pending.pop(index).connection.read_failed(OSError("no answer"))

    def answer_all(self) -> None:
        while self.pending:
            self.answer(0)
