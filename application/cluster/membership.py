"""Which nodes there are, and who is connected to any of them.

Each node beats. One that has not been heard of for the length of a lease is gone, and its users
with it. Joins and leaves are told as they happen; a node that misses one finds out by its number
and asks for the whole roster. Only nodes with monitors listen to who comes and goes.

A node that does not hear its own beats is cut off from the broker and cannot judge: for it, all
others live on until it hears itself again, and then have a whole lease to be heard.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from attrs import define, frozen

from application.cluster.membership_messages import (
    NODES,
    PRESENCE,
    Heartbeat,
    Join,
    Leave,
    MembershipMessage,
    PresenceChange,
    PresenceSnapshot,
    SyncRequest,
    pack,
)
from application.cluster.presence import Presence
from application.frames.control_frames import ControlFrame, PresenceJoin, PresenceLeave
from application.ports.clock import Clock
from domain.broadcaster import Broadcaster

BEATS_PER_LEASE = 4

CENSUS_S = 1.0
"""How long the first monitor of a node waits at most for all nodes to tell who is connected."""


@frozen
class Lease:
    """Within `length_s` of its end a crashed node is known to be gone; the users of one that stops
    in good order stay for `grace_s`, time to turn up elsewhere."""

    length_s: float
    grace_s: float

    @property
    def beat_s(self) -> float:
        """How often to call `Membership.beat`."""
        return self.length_s / BEATS_PER_LEASE

    @property
    def silence_s(self) -> float:
        """How long a node may be silent, if others look once a beat."""
        return self.length_s - self.beat_s


@define(eq=False)
class Member:
    """What is known of another node; `users` is None until it has told them."""

    expires_at: float
    leaving: bool = False
    connections: int = 0
    users: set[int] | None = None
    number: int = 0
    """Of the last change that `users` holds."""
    announced: int = 0
    """The number in its last beat. At the next beat, changes up to there are overdue."""
    asked: bool = False


class Membership:
    """This node's part in the cluster, and its knowledge of the others. No I/O but messages."""

    def __init__(
        self,
        node_id: str,
        broadcaster: Broadcaster,
        clock: Clock,
        presence: Presence,
        lease: Lease,
        show: Callable[[int, ControlFrame], None],
    ) -> None:
        """`show` is given what monitors shall see of a user."""
        self._node_id = node_id
        self._broadcaster = broadcaster
        self._clock = clock
        self._presence = presence
        self._lease = lease
        self._show = show
        self._neighbours: dict[str, Member] = {}
        self._elsewhere: Counter[int] = Counter()
        """On how many other nodes a user is."""
        self._number = 0
        self._heard_myself_at = clock.monotonic()
        self._watchers = 0
        self._counted = asyncio.Event()

    # This node

    async def start(self) -> None:
        """Make this node known. The broadcaster has been started."""
        await self._broadcaster.subscribe(NODES)
        self._tell(Join(self._node_id))
        self.beat()

    async def stop(self) -> None:
        """The others need not wait for the lease to end."""
        self._tell(Leave(self._node_id))

    def beat(self) -> None:
        """Say that this node lives, and see which others no longer do."""
        self._tell(Heartbeat(self._node_id, self._number, self._presence.connections()))
        now = self._clock.monotonic()
        deaf = now - self._heard_myself_at > 2 * self._lease.beat_s
        for node_id, neighbour in list(self._neighbours.items()):
            if deaf and not neighbour.leaving:
                neighbour.expires_at = now + self._lease.silence_s
            elif neighbour.expires_at <= now:
                del self._neighbours[node_id]
                for user_id in neighbour.users or ():
                    self._left(user_id)
        self._check_count()

    def connected(self, user_id: int) -> None:
        """One more device of a user on this node."""
        if self._presence.connect(user_id):
            self._changed(user_id, joined=True)

    def disconnected(self, user_id: int) -> None:
        """One device less."""
        self._presence.disconnect(user_id, self._clock.monotonic())

    def tick(self) -> None:
        """Time has passed: users may have been away for longer than the grace."""
        for user_id in self._presence.departed(self._clock.monotonic()):
            self._changed(user_id, joined=False)

    def _changed(self, user_id: int, *, joined: bool) -> None:
        self._number += 1
        self._tell(PresenceChange(self._node_id, self._number, user_id, joined))
        if not self._elsewhere[user_id]:
            self._show_move(user_id, joined=joined)

    # The whole

    async def watch(self) -> None:
        """Learn who is where, for one more monitor."""
        self._watchers += 1
        if self._watchers == 1:
            await self._broadcaster.subscribe(PRESENCE)
            self._tell(SyncRequest(None))
        self._check_count()

    async def counted(self) -> None:
        """Return when all nodes have told who is connected to them, or soon."""
        if not self._counted.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(CENSUS_S):
                    await self._counted.wait()

    async def unwatch(self) -> None:
        """One monitor less."""
        self._watchers -= 1
        if not self._watchers:
            self._elsewhere.clear()
            for neighbour in self._neighbours.values():
                neighbour.users = None
            await self._broadcaster.unsubscribe(PRESENCE)

    def users(self) -> list[int]:
        """Everybody who is connected to any node, in order of id; complete while watched."""
        return sorted({*self._presence.users(), *self._elsewhere})

    def size(self) -> int:
        """How many nodes are alive, as far as this one knows."""
        return 1 + len(self._neighbours)

    def connections(self) -> int:
        """Of all nodes, as of their last beats."""
        others = sum(neighbour.connections for neighbour in self._neighbours.values())
        return self._presence.connections() + others

    # The others

    def receive(self, message: MembershipMessage) -> None:
        """Another node, or this one, has told something."""
        match message:
            case SyncRequest(node_id):
                if node_id in (None, self._node_id):
                    self._tell_roster()
            case Heartbeat(self._node_id):
                self._heard_myself_at = self._clock.monotonic()
            case Join(node_id) if node_id != self._node_id:
                self.beat()
            case Leave(node_id) if neighbour := self._neighbours.get(node_id):
                neighbour.leaving = True
                neighbour.expires_at = self._clock.monotonic() + self._lease.grace_s
            case Heartbeat() | PresenceChange() | PresenceSnapshot() if (
                message.node_id != self._node_id
            ):
                self._learn(self._meet(message.node_id), message)

    def _meet(self, node_id: str) -> Member:
        expires_at = self._clock.monotonic() + self._lease.silence_s
        neighbour = self._neighbours.setdefault(node_id, Member(expires_at))
        if not neighbour.leaving:
            neighbour.expires_at = expires_at
        return neighbour

    def _learn(
        self, neighbour: Member, message: Heartbeat | PresenceChange | PresenceSnapshot
    ) -> None:
        match message:
            case Heartbeat():
                overdue = neighbour.users is None or neighbour.number < neighbour.announced
                neighbour.connections, neighbour.announced = message.connections, message.number
                if overdue:
                    self._ask(message.node_id, neighbour)
            case PresenceChange() if neighbour.users is not None:
                if message.number == neighbour.number + 1:
                    self._apply(neighbour, neighbour.users, message)
                elif message.number > neighbour.number and not neighbour.asked:
                    self._ask(message.node_id, neighbour)
            case PresenceSnapshot() if self._watchers:
                if neighbour.users is None or message.number >= neighbour.number:
                    self._adopt(neighbour, message)

    def _ask(self, node_id: str, neighbour: Member) -> None:
        if self._watchers:
            neighbour.asked = True
            self._tell(SyncRequest(node_id))

    def _apply(self, neighbour: Member, users: set[int], change: PresenceChange) -> None:
        neighbour.number = change.number
        if change.joined and change.user_id not in users:
            users.add(change.user_id)
            self._joined(change.user_id)
        elif not change.joined and change.user_id in users:
            users.remove(change.user_id)
            self._left(change.user_id)

    def _adopt(self, neighbour: Member, roster: PresenceSnapshot) -> None:
        before, neighbour.users = neighbour.users or set(), set(roster.user_ids)
        neighbour.number, neighbour.connections = roster.number, roster.connections
        neighbour.asked = False
        for user_id in neighbour.users - before:
            self._joined(user_id)
        for user_id in before - neighbour.users:
            self._left(user_id)
        self._check_count()

    def _joined(self, user_id: int) -> None:
        """Another node, or one more of them, has this user."""
        self._elsewhere[user_id] += 1
        if self._elsewhere[user_id] == 1 and not self._presence.holds(user_id):
            self._show_move(user_id, joined=True)

    def _left(self, user_id: int) -> None:
        self._elsewhere[user_id] -= 1
        if not self._elsewhere[user_id]:
            del self._elsewhere[user_id]
            if not self._presence.holds(user_id):
                self._show_move(user_id, joined=False)

    def _check_count(self) -> None:
        if all(neighbour.users is not None for neighbour in self._neighbours.values()):
            self._counted.set()
        else:
            self._counted.clear()

    def _tell_roster(self) -> None:
        users = frozenset(self._presence.users())
        self._tell(
            PresenceSnapshot(self._node_id, self._number, self._presence.connections(), users)
        )

    def _tell(self, message: MembershipMessage) -> None:
        self._broadcaster.publish(pack(message))

    def _show_move(self, user_id: int, *, joined: bool) -> None:
        frame = PresenceJoin if joined else PresenceLeave
        self._show(user_id, frame(user_id=user_id, ts=self._clock.now()))
