"""Membership: which nodes there are, and who is connected to any of them.

Each node sends heartbeats. A node that was not heard for the length of a lease is gone, and its
users with it. Joins and leaves are published as they happen and are numbered; a node that misses
one finds out by the number and requests a snapshot (SyncRequest). Only nodes with monitors
subscribe to presence.

A node that does not receive its own heartbeats is cut off from the broker and cannot judge: it
keeps all members alive until it hears itself again, and then gives them a whole lease to be heard.
"""

import asyncio
import logging
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
)
from application.cluster.presence import Presence
from application.frames.control_frames import ControlFrame, PresenceJoin, PresenceLeave
from application.ports.clock import Clock
from domain.broadcaster import Broadcaster

logger = logging.getLogger("synchub.membership")

HEARTBEATS_PER_LEASE = 4

SYNC_S = 1.0
"""How long the first monitor of a node waits at most for the snapshots of all members."""


@frozen
class Lease:
    """A crashed node is known to be gone within `length_s` of its last heartbeat. The users of a
    node that stops in good order stay for `grace_s`, which is time to turn up elsewhere."""

    length_s: float
    grace_s: float

    @property
    def heartbeat_s(self) -> float:
        """How often to call `Membership.heartbeat`."""
        return self.length_s / HEARTBEATS_PER_LEASE

    @property
    def silence_s(self) -> float:
        """How long a node may be silent, if others check once per heartbeat."""
        return self.length_s - self.heartbeat_s


@define(eq=False)
class Member:
    """What is known of another node; `users` is None until it has sent a snapshot."""

    expires_at: float
    leaving: bool = False
    watching: bool = True
    connections: int = 0
    users: set[int] | None = None
    number: int = 0
    """Of the last change that `users` contains."""
    last_change: int = 0
    """As of its last heartbeat. At the next heartbeat, changes up to there are overdue."""
    sync_requested: bool = False


class Membership:
    """The part of this node in the cluster, and its knowledge of the others. Sans-I/O but for
    messages."""

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
        self.node_id = node_id
        self._broadcaster = broadcaster
        self._clock = clock
        self._presence = presence
        self._lease = lease
        self._show = show
        self._members: dict[str, Member] = {}
        self._elsewhere: Counter[int] = Counter()
        """On how many other nodes a user is."""
        self._number = 0
        self._heard_myself_at = clock.monotonic()
        self._watchers = 0
        self._synced = asyncio.Event()

    # This node

    async def start(self) -> None:
        """Make this node known. The broadcaster has been started."""
        await self._broadcaster.subscribe(NODES)
        self._send(Join(self.node_id))
        self.heartbeat()

    async def stop(self) -> None:
        """Say so, which spares the others the wait for the end of the lease."""
        self._send(Leave(self.node_id))

    def heartbeat(self) -> None:
        """Tell that this node is alive, and find out which members no longer are."""
        self._send_heartbeat()
        now = self._clock.monotonic()
        deaf = now - self._heard_myself_at > 2 * self._lease.heartbeat_s
        for node_id, member in list(self._members.items()):
            if deaf and not member.leaving:
                member.expires_at = now + self._lease.silence_s
            elif member.expires_at <= now:
                self._remove(node_id, member)
        self._check_synced()

    def connected(self, user_id: int) -> None:
        """Count one more device of a user on this node."""
        if self._presence.connect(user_id):
            self._changed(user_id, joined=True)

    def disconnected(self, user_id: int) -> None:
        """Count one device less."""
        self._presence.disconnect(user_id, self._clock.monotonic())

    def tick(self) -> None:
        """Let users leave who have been away for longer than the grace."""
        for user_id in self._presence.departed(self._clock.monotonic()):
            self._changed(user_id, joined=False)

    def _changed(self, user_id: int, *, joined: bool) -> None:
        self._number += 1
        self._send(PresenceChange(self.node_id, self._number, user_id, joined))
        if not self._elsewhere[user_id]:
            self._show_change(user_id, joined=joined)

    def _send_heartbeat(self) -> None:
        connections, watching = self._presence.connections(), bool(self._watchers)
        self._send(Heartbeat(self.node_id, self._number, connections, watching))

    # The cluster

    async def watch(self) -> None:
        """Learn who is where, for one more monitor. The members are told before they are asked for
        their snapshots: whoever has answered publishes games."""
        self._watchers += 1
        if self._watchers == 1:
            await self._broadcaster.subscribe(PRESENCE)
            self._send_heartbeat()
            self._send(SyncRequest(None))
        self._check_synced()

    async def synced(self) -> None:
        """Return when all members have sent their snapshots, or after SYNC_S."""
        if not self._synced.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(SYNC_S):
                    await self._synced.wait()

    async def unwatch(self) -> None:
        """Count one monitor less."""
        self._watchers -= 1
        if not self._watchers:
            self._elsewhere.clear()
            for member in self._members.values():
                member.users = None
            await self._broadcaster.unsubscribe(PRESENCE)

    def is_watched(self) -> bool:
        """Whether any node has monitors, as far as this one knows."""
        return bool(self._watchers) or any(m.watching for m in self._members.values())

    def users(self) -> list[int]:
        """Everybody who is connected to any node, in order of id; complete while watched."""
        return sorted({*self._presence.users(), *self._elsewhere})

    def size(self) -> int:
        """How many nodes are alive, as far as this one knows."""
        return 1 + len(self._members)

    def connections(self) -> int:
        """Of all nodes, as of their last heartbeats."""
        others = sum(member.connections for member in self._members.values())
        return self._presence.connections() + others

    # The others

    def receive(self, message: MembershipMessage) -> None:
        """Take a message of another node, or of this one."""
        match message:
            case SyncRequest(node_id):
                if node_id in (None, self.node_id):
                    self._send_snapshot()
            case Heartbeat(self.node_id):
                self._heard_myself_at = self._clock.monotonic()
            case Join(node_id) if node_id != self.node_id:
                self.heartbeat()
            case Leave(node_id) if member := self._members.get(node_id):
                member.leaving = True
                member.expires_at = self._clock.monotonic() + self._lease.grace_s
                logger.info("a node leaves", extra={"node": node_id})
            case Heartbeat() | PresenceChange() | PresenceSnapshot():
                if message.node_id != self.node_id:
                    self._learn(self._member(message.node_id), message)

    def _member(self, node_id: str) -> Member:
        expires_at = self._clock.monotonic() + self._lease.silence_s
        member = self._members.get(node_id)
        if member is None:
            member = self._members[node_id] = Member(expires_at)
            logger.info("a node joined", extra={"node": node_id, "nodes": self.size()})
        if not member.leaving:
            member.expires_at = expires_at
        return member

    def _remove(self, node_id: str, member: Member) -> None:
        del self._members[node_id]
        for user_id in member.users or ():
            self._left(user_id)
        why = "left" if member.leaving else "silent"
        logger.info("a node is gone", extra={"node": node_id, "nodes": self.size(), "why": why})

    def _learn(
        self, member: Member, message: Heartbeat | PresenceChange | PresenceSnapshot
    ) -> None:
        match message:
            case Heartbeat():
                overdue = member.users is None or member.number < member.last_change
                member.connections, member.last_change = message.connections, message.last_change
                member.watching = message.watching
                if overdue:
                    self._request_sync(message.node_id, member)
            case PresenceChange() if member.users is not None:
                if message.number == member.number + 1:
                    self._apply(member, member.users, message)
                elif message.number > member.number and not member.sync_requested:
                    self._request_sync(message.node_id, member)
            case PresenceSnapshot() if self._watchers:
                if member.users is None or message.number >= member.number:
                    self._adopt(member, message)

    def _request_sync(self, node_id: str, member: Member) -> None:
        if self._watchers:
            member.sync_requested = True
            self._send(SyncRequest(node_id))

    def _apply(self, member: Member, users: set[int], change: PresenceChange) -> None:
        member.number = change.number
        if change.joined and change.user_id not in users:
            users.add(change.user_id)
            self._joined(change.user_id)
        elif not change.joined and change.user_id in users:
            users.remove(change.user_id)
            self._left(change.user_id)

    def _adopt(self, member: Member, snapshot: PresenceSnapshot) -> None:
        before, member.users = member.users or set(), set(snapshot.user_ids)
        member.number, member.connections = snapshot.number, snapshot.connections
        member.sync_requested = False
        for user_id in member.users - before:
            self._joined(user_id)
        for user_id in before - member.users:
            self._left(user_id)
        self._check_synced()

    def _joined(self, user_id: int) -> None:
        """One more of the other nodes has this user."""
        self._elsewhere[user_id] += 1
        if self._elsewhere[user_id] == 1 and not self._presence.holds(user_id):
            self._show_change(user_id, joined=True)

    def _left(self, user_id: int) -> None:
        self._elsewhere[user_id] -= 1
        if not self._elsewhere[user_id]:
            del self._elsewhere[user_id]
            if not self._presence.holds(user_id):
                self._show_change(user_id, joined=False)

    def _check_synced(self) -> None:
        if all(member.users is not None for member in self._members.values()):
            self._synced.set()
        else:
            self._synced.clear()

    def _send_snapshot(self) -> None:
        users, connections = frozenset(self._presence.users()), self._presence.connections()
        self._send(PresenceSnapshot(self.node_id, self._number, connections, users))

    def _send(self, message: MembershipMessage) -> None:
        self._broadcaster.publish(message)

    def _show_change(self, user_id: int, *, joined: bool) -> None:
        frame = PresenceJoin if joined else PresenceLeave
        self._show(user_id, frame(user_id=user_id, ts=self._clock.now()))
