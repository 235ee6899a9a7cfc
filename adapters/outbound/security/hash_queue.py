"""The queue in front of the password hashes: bounded, fair to addresses, on threads of its own.

Fairness: waiting calls are grouped by address, and the addresses take turns. If the queue is full,
the newest call of the address with the most waiting calls is refused, be it the new call or one
that waits. An attacker with one address thus fills the queue only as long as nobody else needs it.

A call whose task is cancelled leaves the queue. Once its work has begun on a thread, it cannot be
stopped, and its slot stays taken until the thread has finished.
"""

import asyncio
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from attrs import frozen

from application.ports.telemetry import Counted, Measured, Telemetry
from domain.errors import Overloaded

logger = logging.getLogger("synchub.sign_in")

T = TypeVar("T")

NICENESS = 15
"""Of the threads, on Linux: the event loop and the database threads go first when all cores are
busy. The threads that Argon2 starts for its lanes inherit it."""

Turn = asyncio.Future[None]


@frozen(kw_only=True)
class QueueLimits:
    """`concurrent` computations at a time; `waiting` calls may wait, each up to `wait_s`."""

    concurrent: int = 1
    waiting: int = 100
    wait_s: float = 10.0


class HashQueue:
    """Runs expensive functions. One event loop uses it."""

    def __init__(self, limits: QueueLimits, telemetry: Telemetry) -> None:
        self._limits = limits
        self._telemetry = telemetry
        self._threads = ThreadPoolExecutor(limits.concurrent, "password", initializer=_be_nice)
        self._busy = 0
        self._turns: dict[str, deque[Turn]] = {}
        """The waiting calls by address; the first address is the next."""
        self._typical_s = 0.1

    def waiting(self) -> int:
        """The number of calls that wait."""
        return sum(map(len, self._turns.values()))

    async def run(self, address: str, work: Callable[[], T]) -> T:
        """The result of the work, on a thread; Overloaded (`sign_in_busy`) if it has to wait for
        too long, or for too many others."""
        loop = asyncio.get_running_loop()
        await self._take_turn(address)
        running: Future[T] = self._threads.submit(self._timed, work)

        def end(_: "Future[T]") -> None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(self._end_turn)

        running.add_done_callback(end)
        return await asyncio.wrap_future(running)

    async def _take_turn(self, address: str) -> None:
        if self._busy < self._limits.concurrent and not self._turns:
            self._busy += 1
            return
        if self.waiting() >= self._limits.waiting:
            self._make_room(address)
        turn: Turn = asyncio.get_running_loop().create_future()
        self._turns.setdefault(address, deque()).append(turn)
        try:
            async with asyncio.timeout(self._limits.wait_s):
                await turn
        except TimeoutError:
            self._leave(address, turn)
            raise self._refusal("waited_too_long") from None
        except asyncio.CancelledError:
            self._leave(address, turn)
            self._telemetry.count(Counted.REFUSED_HASHES, "client_gone")
            logger.debug("a waiting client has gone")
            raise

    def _make_room(self, address: str) -> None:
        """Refuse the newest call of the address with the most waiting calls."""
        longest = max(self._turns, key=lambda waiting: len(self._turns[waiting]))
        if len(self._turns.get(address, ())) + 1 >= len(self._turns[longest]):
            raise self._refusal("queue_full")
        turn = self._turns[longest][-1]
        self._remove(longest, turn)
        turn.set_exception(self._refusal("gave_way"))

    def _leave(self, address: str, turn: Turn) -> None:
        """The call does not use its turn, which it may have been given at the same moment."""
        if turn.cancelled() or not turn.done():
            self._remove(address, turn)
        elif turn.exception() is None:
            self._end_turn()

    def _remove(self, address: str, turn: Turn) -> None:
        waiting = self._turns.get(address, deque())
        with suppress(ValueError):  # `_end_turn` may have skipped it already
            waiting.remove(turn)
        if not waiting:
            self._turns.pop(address, None)

    def _end_turn(self) -> None:
        """Give the slot to the next address."""
        self._busy -= 1
        while self._turns and self._busy < self._limits.concurrent:
            address = next(iter(self._turns))
            waiting = self._turns.pop(address)
            turn = waiting.popleft()
            if waiting:
                self._turns[address] = waiting
            if not turn.done():  # its task may have been cancelled, and not have run since
                self._busy += 1
                turn.set_result(None)

    def _refusal(self, reason: str) -> Overloaded:
        self._telemetry.count(Counted.REFUSED_HASHES, reason)
        logger.debug("a password was not hashed", extra={"reason": reason})
        return Overloaded(
            "too many sign-ins at the moment",
            code="sign_in_busy",
            retry_after_s=1 + self.waiting() * self._typical_s / self._limits.concurrent,
        )

    def _timed(self, work: Callable[[], T]) -> T:
        """On a thread."""
        begun = time.monotonic()
        try:
            return work()
        finally:
            taken = time.monotonic() - begun
            self._typical_s += (taken - self._typical_s) / 8
            self._telemetry.observe(Measured.PASSWORD_HASH_SECONDS, taken)


def _be_nice() -> None:
    """Lower the priority of this thread, where the system can do that for one thread."""
    if os.uname().sysname == "Linux":
        thread = threading.get_native_id()
        niceness = os.getpriority(os.PRIO_PROCESS, thread) + NICENESS
        os.setpriority(os.PRIO_PROCESS, thread, min(19, niceness))
