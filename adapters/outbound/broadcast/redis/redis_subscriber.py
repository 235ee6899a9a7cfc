"""The connection that is subscribed."""

import asyncio
from asyncio import Future, timeout
from collections import deque
from collections.abc import Callable

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError

from adapters.outbound.broadcast.redis.redis_access import packed

PATIENCE_S = 1.0
"""A server that has not said anything for so long is asked whether it is there, and given as long
again."""


class RedisSubscriber:
    """Tells the server what is wanted, many changes in one command, and hands on what comes.

    A server confirms each channel of each command once, in order: so counting what was asked and
    what was confirmed tells how far it is.
    """

    def __init__(
        self,
        connection: AbstractConnection,
        deliver: Callable[[bytes, bytes], None],
        *,
        sharded: bool,
    ) -> None:
        self._connection = connection
        self._deliver = deliver
        self._sharded = sharded
        self._told: set[bytes] = set()
        self._changes: dict[bytes, bool] = {}
        self._changed = asyncio.Event()
        self._asked = self._confirmed = 0
        self._next: Future[None] | None = None
        self._unconfirmed: deque[tuple[int, Future[None]]] = deque()
        self._heard = True

    def change(self, channel: bytes, *, wanted: bool) -> "Future[None]":
        """Have it so; the last word on a channel counts. Done when the server has confirmed."""
        self._changes[channel] = wanted
        self._changed.set()
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        return self._next

    def give_up(self) -> None:
        """Nobody need wait any more."""
        self._release(None)

    async def run(self) -> None:
        """Until something breaks, which raises."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._read())
            tasks.create_task(self._tell())
            tasks.create_task(self._watch())

    async def _tell(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            changes, self._changes = self._changes, {}
            more = [c for c, wanted in changes.items() if wanted and c not in self._told]
            less = [c for c, wanted in changes.items() if not wanted and c in self._told]
            self._told.update(more)
            self._told.difference_update(less)
            self._asked += len(more) + len(less)
            if self._next is not None:
                self._unconfirmed.append((self._asked, self._next))
                self._next = None
            if commands := self._commands(b"SUBSCRIBE", more) + self._commands(
                b"UNSUBSCRIBE", less
            ):
                await self._connection.send_packed_command(commands, check_health=False)
            self._release(self._confirmed)

    def _commands(self, name: bytes, channels: list[bytes]) -> list[bytes]:
        if not channels:
            return []
        if self._sharded:  # the channels of one command would have to share a slot
            return [packed((b"S" + name, channel)) for channel in channels]
        return [packed((name, *channels))]

    async def _read(self) -> None:
        while True:
            reply = await self._connection.read_response(disable_decoding=True)
            self._heard = True
            kind = reply[0]
            if kind in (b"message", b"smessage"):
                self._deliver(reply[1], reply[2])
            elif kind in (b"subscribe", b"unsubscribe", b"ssubscribe", b"sunsubscribe"):
                if kind == b"sunsubscribe" and reply[1] in self._told:
                    raise ResponseError("a slot has moved to another server")
                self._confirmed += 1
                self._release(self._confirmed)

    async def _watch(self) -> None:
        """A server that hangs, or is cut off, keeps its connections."""
        while True:
            await asyncio.sleep(PATIENCE_S)
            if not self._heard:
                ping = packed((b"PING",))
                async with timeout(PATIENCE_S):
                    await self._connection.send_packed_command(ping, check_health=False)
                await asyncio.sleep(PATIENCE_S)
                if not self._heard:
                    raise TimeoutError
            self._heard = False

    def _release(self, confirmed: int | None) -> None:
        """Let those go on who waited for so many confirmations; None: all."""
        if confirmed is None and self._next is not None:
            self._unconfirmed.append((0, self._next))
            self._next = None
        while self._unconfirmed and (confirmed is None or self._unconfirmed[0][0] <= confirmed):
            _, waiting = self._unconfirmed.popleft()
            if not waiting.done():
                waiting.set_result(None)
