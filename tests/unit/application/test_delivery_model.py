"""Promises 2, 3 and 5 under every interleaving that Hypothesis can think of.

Players play, devices come and go, messages are delayed, reordered, repeated and lost, reads take
their time or fail, sockets stall. Whatever happened: each device has seen a snapshot and then its
user's journal from there on, in order, without gap or duplicate, and nobody else's events.
"""

import json
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

from attrs import define
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from application.realtime.position import Position
from application.realtime.session import Mode, Session
from application.use_cases.claim_streak import ClaimStreakCommand
from application.use_cases.pull_gacha import PullGachaCommand
from application.use_cases.spin_slot import SpinCommand
from application.use_cases.update_profile import UpdateProfileCommand
from bootstrap.settings import RealtimeSettings
from domain.errors import DomainError
from tests.support.recording_sink import RecordingSink
from tests.support.stepping import finish
from tests.support.view import View
from tests.support.world import World

BUFFER_BYTES = 16 * 1024
USERS = 3


@define(eq=False)
class Device:
    """A connected device, and what its front end has made of the frames so far."""

    session: Session
    sink: RecordingSink
    context: AbstractAsyncContextManager[Session]
    view: View
    seen: int = 0

    def look(self) -> None:
        """Let the front end see the frames that are new."""
        for frame in self.sink.frames[self.seen :]:
            self.view.see(json.loads(frame))
        self.seen = len(self.sink.frames)


class Delivery(RuleBasedStateMachine):
    devices = Bundle("devices")
    left_views = Bundle("left_views")

    @initialize(seed=st.integers(0, 10))
    def start(self, seed: int) -> None:
        self.world = World(seed, RealtimeSettings(buffer_bytes=BUFFER_BYTES))
        self.users = [self.world.add_player(f"user{number}") for number in range(USERS)]
        self.open: list[Device] = []

    # Players

    @rule(user=st.integers(0, USERS - 1), bet=st.integers(1, 60))
    def spin(self, user: int, bet: int) -> None:
        command = SpinCommand(user_id=self.users[user], bet_amount=bet)
        self._try(self.world.container.spin_slot().execute(command))

    @rule(user=st.integers(0, USERS - 1), name=st.sampled_from(["Ada", "Bob", "Cyd"]))
    def rename(self, user: int, name: str) -> None:
        command = UpdateProfileCommand(user_id=self.users[user], nickname=name)
        self._try(self.world.container.update_profile().execute(command))

    @rule(user=st.integers(0, USERS - 1))
    def claim(self, user: int) -> None:
        command = ClaimStreakCommand(user_id=self.users[user])
        self._try(self.world.container.claim_streak().execute(command))

    @rule(user=st.integers(0, USERS - 1), times=st.integers(1, 12))
    def play_a_lot(self, user: int, times: int) -> None:
        command = PullGachaCommand(user_id=self.users[user], pull_count=10)
        for _ in range(times):
            self._try(self.world.container.pull_gacha().execute(command))

    def _try(self, request: Any) -> None:
        with suppress(DomainError):
            finish(request)

    # Devices

    @rule(target=devices, user=st.integers(0, USERS - 1))
    def connect(self, user: int) -> Device:
        return self._connect(View(self.users[user]), None)

    @rule(target=left_views, device=consumes(devices))
    def disconnect(self, device: Device) -> View:
        finish(device.context.__aexit__(None, None, None))
        device.look()
        self.open.remove(device)
        return device.view

    @rule(target=devices, view=consumes(left_views))
    def reconnect(self, view: View) -> Device:
        """With the position it has; a device that never got a frame has none."""
        since = Position("test-epoch", view.seq) if view.state is not None else None
        return self._connect(view, since)

    @rule(target=devices, view=consumes(left_views), ahead=st.integers(1, 5))
    def reconnect_from_elsewhere(self, view: View, ahead: int) -> Device:
        """With a position so far ahead that no event gets there before it is read: a fresh state
        must follow."""
        position = Position("test-epoch", self._head(view.user_id) + 1_000_000 + ahead)
        return self._connect(View(view.user_id), position)

    @rule(target=devices, view=consumes(left_views))
    def reconnect_from_another_epoch(self, view: View) -> Device:
        return self._connect(View(view.user_id), Position("another", 0))

    def _connect(self, view: View, since: Position | None) -> Device:
        sink = RecordingSink(high_water=BUFFER_BYTES // 2)
        container = self.world.container
        context = container.connector().session(
            self.world.caller(view.user_id), sink, container.standard_dialect(), since
        )
        device = Device(finish(context.__aenter__()), sink, context, view)
        self.open.append(device)
        return device

    # The network and the database

    @precondition(lambda self: self.world.broadcaster.under_way)
    @rule(data=st.data(), keep=st.booleans())
    def message_arrives(self, data: st.DataObject, keep: bool) -> None:
        self.world.broadcaster.deliver(
            self._pick(data, self.world.broadcaster.under_way), keep=keep
        )

    @precondition(lambda self: self.world.broadcaster.under_way)
    @rule(data=st.data())
    def message_is_lost(self, data: st.DataObject) -> None:
        self.world.broadcaster.lose(self._pick(data, self.world.broadcaster.under_way))

    @rule()
    def all_messages_arrive(self) -> None:
        self.world.broadcaster.deliver_all()

    @precondition(lambda self: self.world.reader.pending)
    @rule(data=st.data())
    def read_happens(self, data: st.DataObject) -> None:
        self.world.reader.run(self._pick(data, self.world.reader.pending))

    @precondition(lambda self: self.world.reader.pending)
    @rule(data=st.data())
    def read_is_answered(self, data: st.DataObject) -> None:
        self.world.reader.answer(self._pick(data, self.world.reader.pending))

    @precondition(lambda self: self.world.reader.pending)
    @rule(data=st.data())
    def read_fails(self, data: st.DataObject) -> None:
        self.world.reader.fail(self._pick(data, self.world.reader.pending))

    @rule(device=devices, frames=st.integers(1, 40))
    def socket_takes(self, device: Device, frames: int) -> None:
        device.sink.drain(frames)

    @rule()
    def a_second_passes(self) -> None:
        self.world.clock.advance(1)
        self.world.hub.tick()

    def _pick(self, data: st.DataObject, items: list[Any]) -> int:
        return data.draw(st.integers(0, len(items) - 1))

    # What must hold

    @invariant()
    def views_hold(self) -> None:
        """`View.see` fails on any gap, duplicate, foreign event or wrong balance."""
        for device in getattr(self, "open", []):
            device.look()

    @invariant()
    def buffers_are_bounded(self) -> None:
        """What waits for one socket is at most the limit, plus one entry, snapshot or greeting."""
        for device in getattr(self, "open", []):
            assert device.sink.most_buffered < BUFFER_BYTES + 8 * 1024

    def teardown(self) -> None:
        """When all is calm, every device shows what the database holds."""
        if not hasattr(self, "open"):
            return
        for _ in range(50):
            self.world.settle()
            for device in self.open:
                device.sink.drain()
                device.session.notice_head(self._head(device.session.user_id))
            if all(device.session.mode is Mode.LIVE for device in self.open):
                break
        for device in self.open:
            device.look()
            assert device.session.mode is Mode.LIVE
            assert device.sink.closed_with is None
            assert device.view.seq == self._head(device.session.user_id)
            assert device.view.state == self.world.state(device.session.user_id)
            journal = self.world.journal(device.session.user_id)
            seen = [event["id"] for event in device.view.events]
            expected = [json.loads(envelope)["id"] for envelope in journal]
            assert seen == expected[len(expected) - len(seen) :]

    def _head(self, user_id: int) -> int:
        return self.world.database.now(lambda stores: stores.journal.head(user_id)).seq


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=60, stateful_step_count=40)
