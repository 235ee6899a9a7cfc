"""The subscribing connection: subscription changes, confirmations, heartbeat.

Subscription changes are batched. A node changes its subscriptions with every connect and disconnect
of a user, so changes requested while a command is being sent are merged into the next command, and
the latest request per channel wins.

Confirmation counting: Redis answers a (un)subscribe command with one confirmation per channel, in
order, without an id of the command. So the sender counts the channels requested (`_requested`), the
reader counts the confirmations (`_confirmed`), and a change is confirmed when the second counter
reaches the value of the first at its time.

Heartbeat: a server that hangs, or is cut off by the network, leaves its TCP connections open. If
nothing was received for SILENCE_S, a PING is sent; without any answer within the same time, the
connection has failed.
"""

import asyncio
from asyncio import Future, timeout
from collections import deque
from collections.abc import Callable

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError

from adapters.outbound.redis.redis_access import packed

SILENCE_S = 1.0
"""After this time without any data from the server a PING is sent, with the same time to answer."""


class RedisSubscriber:
    """Keeps the subscriptions on the server up to date, and delivers received messages."""

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
        self._subscribed: set[bytes] = set()
        """The channels subscribed to once all sent commands are confirmed."""
        self._changes: dict[bytes, bool] = {}
        """Requested changes that were not sent yet: whether a channel is wanted."""
        self._changed = asyncio.Event()
        self._requested = 0
        """Number of channels in all commands sent so far."""
        self._confirmed = 0
        """Number of confirmations received so far."""
        self._next: Future[None] | None = None
        """Completes when the changes that were not sent yet are confirmed."""
        self._unconfirmed: deque[tuple[int, Future[None]]] = deque()
        """Sent changes, oldest first, with the number of confirmations that completes them."""
        self._received = True
        """Whether the server sent anything since the last check."""

    def change(self, channel: bytes, *, wanted: bool) -> "Future[None]":
        """Request a subscription change; the latest request per channel wins. The future completes
        when the server has confirmed it."""
        self._changes[channel] = wanted
        self._changed.set()
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        return self._next

    def release_waiters(self) -> None:
        """Complete all futures, because no further confirmations will come."""
        self._release(None)

    async def run(self) -> None:
        """Run until the connection fails, which raises."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._read())
            tasks.create_task(self._send_changes())
            tasks.create_task(self._check_heartbeat())

    async def _send_changes(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            changes, self._changes = self._changes, {}
            added = [c for c, wanted in changes.items() if wanted and c not in self._subscribed]
            removed = [c for c, wanted in changes.items() if not wanted and c in self._subscribed]
            self._subscribed.update(added)
            self._subscribed.difference_update(removed)
            self._requested += len(added) + len(removed)
            if self._next is not None:
                self._unconfirmed.append((self._requested, self._next))
                self._next = None
            if commands := self._commands(b"SUBSCRIBE", added) + self._commands(
                b"UNSUBSCRIBE", removed
            ):
                await self._connection.send_packed_command(commands, check_health=False)
            self._release(self._confirmed)

    def _commands(self, name: bytes, channels: list[bytes]) -> list[bytes]:
        if not channels:
            return []
        if self._sharded:  # all channels of one SSUBSCRIBE must be in the same slot
            return [packed((b"S" + name, channel)) for channel in channels]
        return [packed((name, *channels))]

    async def _read(self) -> None:
        while True:
            reply = await self._connection.read_response(disable_decoding=True)
            self._received = True
            kind = reply[0]
            if kind in (b"message", b"smessage"):
                self._deliver(reply[1], reply[2])
            elif kind in (b"subscribe", b"unsubscribe", b"ssubscribe", b"sunsubscribe"):
                if kind == b"sunsubscribe" and reply[1] in self._subscribed:  # unrequested
                    raise ResponseError("a slot has moved to another server")
                self._confirmed += 1
                self._release(self._confirmed)

    async def _check_heartbeat(self) -> None:
        """Raise TimeoutError if the server does not answer a PING."""
        while True:
            await asyncio.sleep(SILENCE_S)
            if not self._received:
                ping = packed((b"PING",))
                async with timeout(SILENCE_S):
                    await self._connection.send_packed_command(ping, check_health=False)
                await asyncio.sleep(SILENCE_S)
                if not self._received:
                    raise TimeoutError
            self._received = False

    def _release(self, confirmed: int | None) -> None:
        """Complete the futures that waited for up to this number of confirmations; None: all."""
        if confirmed is None and self._next is not None:
            self._unconfirmed.append((0, self._next))
            self._next = None
        while self._unconfirmed and (confirmed is None or self._unconfirmed[0][0] <= confirmed):
            _, confirmation = self._unconfirmed.popleft()
            if not confirmation.done():
                confirmation.set_result(None)
