"""A stranger at the broker: he may publish anything on it, and read everything.

With a broker secret he is not believed. Without one he can deceive devices for a while, but changes
nothing that counts.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis
from typed_settings import SecretStr

from adapters.wire.message_format import LineMessageFormat
from application.cluster.event_range import EventRange
from application.cluster.membership_messages import Heartbeat, PresenceSnapshot
from application.cluster.messages import AccountChanged, GamesPlayed, LoginRevoked, NoticeSent
from application.frames.legacy_game_event import LegacyGameEvent
from application.ports.storage.journal import JournalEntry
from application.ports.tokens import Caller
from bootstrap.settings.choices import BroadcasterKind
from bootstrap.settings.links import BrokerSettings, RedisSettings
from domain.broadcaster import Message
from tests.support.client import MONITOR, Client, Json, http_client, sign_up, sign_up_admin
from tests.support.eventually import eventually
from tests.support.metrics import metric
from tests.support.node import Node, node_settings, running_node
from tests.support.redis_servers import VALKEY, shared_redis

SECRET = "of-all-nodes-and-nobody-else-0123456789"
PREFIX = "forged."


@asynccontextmanager
async def node_on_redis(folder: Path, secret: str) -> AsyncIterator[tuple[Node, httpx.AsyncClient]]:
    settings = node_settings(
        folder,
        broadcaster=BroadcasterKind.REDIS,
        redis=RedisSettings(url=shared_redis(VALKEY).url, prefix=PREFIX),
        broker=BrokerSettings(secret=SecretStr(secret)),
    )
    async with running_node(settings) as node, http_client(node) as http:
        yield node, http


async def publish(*messages: Message) -> None:
    """What the stranger does."""
    async with Redis.from_url(shared_redis(VALKEY).url) as redis:
        for message in messages:
            await redis.publish(f"{PREFIX}{message.topic}", LineMessageFormat().pack(message))


FORGED_ID, FORGED_AT = "01980000-0000-7000-8000-000000000001", "2026-01-01T00:00:00.000Z"


def forged_events(user_id: int, seq: int) -> EventRange:
    event = {
        "type": "profile_update",
        "v": 1,
        "id": FORGED_ID,
        "seq": seq,
        "user_id": user_id,
        "ts": FORGED_AT,
        "data": {"gold": 10**9},
    }
    return EventRange(user_id, [JournalEntry(seq, "profile_update", json.dumps(event).encode())])


def forgeries(user_id: int, login_id: str) -> list[Message]:
    """One of each kind."""
    game = json.dumps(
        {
            "type": "game_event",
            "game_type": "slot",
            "user_id": user_id,
            "bet": 1,
            "result": {},
            "ts": FORGED_AT,
            "id": FORGED_ID,
            "subtype": "slot_spin",
            "win": 10**9,
        }
    ).encode()
    notice = json.dumps(
        {
            "type": "announcement",
            "v": 1,
            "id": FORGED_ID,
            "message": "send me gold",
            "level": "info",
            "ts": FORGED_AT,
        }
    ).encode()
    return [
        forged_events(user_id, 1),
        LoginRevoked(login_id),
        AccountChanged(user_id, 10**9),
        NoticeSent("forged", notice),
        GamesPlayed([LegacyGameEvent(user_id, 1, "slot", game)]),
        Heartbeat("forged-node", 1, 1, watching=True),
        PresenceSnapshot("forged-node", 1, 1, frozenset({999_999})),
    ]


def login_of(node: Node, player: Client) -> str:
    caller: Caller = node.container.tokens().verify(player.access_token)
    return caller.login_id


async def test_with_a_secret_forged_messages_are_dropped(tmp_path: Path) -> None:
    """Each is counted; devices and monitors see only what is true, and stay signed in."""
    async with node_on_redis(tmp_path, SECRET) as (node, http):
        player, operator = await sign_up(http, node), await sign_up_admin(http, node)
        async with player.device() as device, operator.device(MONITOR) as monitor:
            await device.until("initial_state")
            await monitor.until("monitor_snapshot")
            messages = forgeries(player.user_id, login_of(node, player))
            await publish(*messages)

            async def dropped() -> bool:
                name = "synchub_dropped_messages_total"
                return await metric(http, name, reason="unreadable") == len(messages)

            await eventually(dropped)
            answer = await player.spin()
            shown = await device.until_seq(answer["events"][-1]["seq"])
            await monitor.until_user("game_event", player.user_id)
    ids = {frame["id"] for frame in shown if "id" in frame}
    assert ids == {event["id"] for event in answer["events"]}
    assert not any("999999" in json.dumps(frame) for frame in monitor.frames)
    assert "announcement" not in {frame["type"] for frame in [*device.frames, *monitor.frames]}


async def test_nodes_with_the_secret_reach_each_other(tmp_path: Path) -> None:
    """Signed events come from the broker, not from the journal poll."""
    async with node_on_redis(tmp_path, SECRET) as (node, http):
        player = await sign_up(http, node)
        async with player.device() as device:
            await device.until("initial_state")
            answer = await player.spin()
            await device.until_seq(answer["events"][-1]["seq"])
        assert await metric(http, "synchub_dropped_messages_total") == 0


async def test_without_a_secret_a_forgery_is_shown_but_changes_nothing(tmp_path: Path) -> None:
    """The device shows false gold; the database has the true one, as has the next connection."""
    async with node_on_redis(tmp_path, "") as (node, http):
        player = await sign_up(http, node)
        async with player.device() as device:
            state = await device.until("initial_state")
            await publish(forged_events(player.user_id, state["seq"] + 1))
            assert (await device.until("profile_update"))["data"]["gold"] == 10**9
        truth: Json = await player.ok("GET", "/api/auth/me")
        assert truth["gold"] == 1000
        async with player.device() as device:
            state = await device.until("initial_state")
            assert state["data"]["profile"]["gold"] == 1000


async def test_without_a_secret_nobody_is_signed_out(tmp_path: Path) -> None:
    """Whatever is said about logins and accounts, by whom ever: the database knows better. A flood
    of it is dropped, and true news still arrive."""
    async with node_on_redis(tmp_path, "") as (node, http):
        player, operator = await sign_up(http, node), await sign_up_admin(http, node)
        flood: list[Message] = [AccountChanged(number, 10**9) for number in range(10_000, 13_000)]
        lies: list[Message] = [
            LoginRevoked(login_of(node, player)),
            AccountChanged(player.user_id, 10**9),
            AccountChanged(2**80, 10**9),
            LoginRevoked("nul \x00"),
        ]

        async def dropped() -> bool:
            name = "synchub_dropped_messages_total"
            count = await metric(http, name, reason="unconfirmed")
            return count + await metric(http, name, reason="too_many_hints") == len(lies + flood)

        async with player.device() as device:
            await device.until("initial_state")
            await publish(*lies, *flood)
            await eventually(dropped)
            await player.ok("GET", "/api/auth/me")
            answer = await player.spin()
            await device.until_seq(answer["events"][-1]["seq"])
            await operator.ok("POST", "/api/admin/users/block", {"user_id": player.user_id})
            assert await device.close_code() == 4401


GARBAGE = (
    b"",
    b"\n" * 1000,
    b"9" * 100_000,
    b"7 1\n",
    b"7 1\nx x",
    "ü".encode() * 9,
    b"n not-json",
)


@pytest.mark.parametrize("secret", [SECRET, ""], ids=["secret", "no-secret"])
async def test_garbage_is_dropped(tmp_path: Path, secret: str) -> None:
    """On any topic; the node goes on, and no device sees it."""
    async with node_on_redis(tmp_path, secret) as (node, http):
        player = await sign_up(http, node)
        async with player.device() as device:
            await device.until("initial_state")
            async with Redis.from_url(shared_redis(VALKEY).url) as redis:
                for topic in (f"user.{player.user_id}", "revoked", "announcements", "nodes"):
                    for payload in GARBAGE:
                        await redis.publish(f"{PREFIX}{topic}", payload)
            answer = await player.spin()
            shown = await device.until_seq(answer["events"][-1]["seq"])
    assert {frame["id"] for frame in shown if "id" in frame} == {e["id"] for e in answer["events"]}
