"""RedisBroadcaster: authentication, prefixes, and slots that move within a Redis cluster."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis.crc import key_slot

from adapters.outbound.broadcast.encoded_message import EncodedMessage
from adapters.outbound.redis.redis_access import RedisAccess
from tests.contract.ports.test_broadcaster import BusNode, message, redis_broadcaster
from tests.contract.ports.test_broadcaster_outages import started, until
from tests.support.redis_servers import VALKEY, RedisServer, redis_cluster, redis_server

PASSWORD = "s3cret/with:signs"
QUOTED = "s3cret%2Fwith%3Asigns"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server with a password and a limited user, on a port and a unix socket."""
    path = tmp_path_factory.mktemp("redis") / "redis.sock"
    with redis_server(VALKEY, "--unixsocket", str(path)) as server:
        server.command("ACL", "SETUSER", "limited", "on", "nopass", "+@all", "-publish", "&*")
        server.command("CONFIG", "SET", "requirepass", PASSWORD)
        yield server


@pytest.mark.parametrize(
    "url",
    [
        lambda server: f"redis://:{QUOTED}@127.0.0.1:{server.port}/0",
        lambda server: f"redis://default:{QUOTED}@127.0.0.1:{server.port}/3",
        lambda server: f"unix://default:{QUOTED}@{server.options[-1]}",
    ],
    ids=["password", "user-and-database", "unix-socket"],
)
async def test_every_kind_of_url_connects(
    locked: RedisServer, url: Callable[[RedisServer], str]
) -> None:
    """URLs with a password, with a user and a database, and of a unix socket connect."""
    node = BusNode(redis_broadcaster(RedisAccess(url=url(locked))))
    async with started(node):
        await node.broadcaster.subscribe("topic")
        node.broadcaster.publish(message("topic", 1))
        await node.until(message("topic", 1))


@pytest.mark.parametrize(
    ("user", "reason"),
    [(":wrong%2Fguess", "invalid username-password"), ("limited:x", "no permissions")],
)
async def test_a_refusal_is_reported(locked: RedisServer, user: str, reason: str) -> None:
    """`failure` has the server's reason and address, without the password."""
    url = f"redis://{user}@127.0.0.1:{locked.port}/0"
    node = BusNode(redis_broadcaster(RedisAccess(url=url)))
    async with started(node):
        node.broadcaster.publish(message("topic", 1))
        await until(node, failing=True)
        failure = str(node.broadcaster.failure())
    assert reason in failure
    assert f"127.0.0.1:{locked.port}" in failure
    assert "wrong" not in failure


async def test_prefixes_keep_deployments_apart(locked: RedisServer) -> None:
    """Two deployments with different prefixes share a server."""
    url = f"redis://:{QUOTED}@127.0.0.1:{locked.port}/0"
    ours, theirs = [
        BusNode(redis_broadcaster(RedisAccess(url=url, prefix=prefix))) for prefix in ("a.", "b.")
    ]
    async with started(ours, theirs):
        for node in (ours, theirs):
            await node.broadcaster.subscribe("topic")
        theirs.broadcaster.publish(message("topic", 1))
        await theirs.until(message("topic", 1))
        ours.broadcaster.publish(message("topic", 2))
        assert await ours.until(message("topic", 2)) == [message("topic", 2)]


async def test_a_slot_that_moves_takes_its_subscriptions_along() -> None:
    """Messages arrive after a slot moved to another server of the cluster while nodes are
    subscribed and publish."""
    with redis_cluster(VALKEY) as servers:
        access = RedisAccess(url=servers[0].url)
        nodes = [BusNode(redis_broadcaster(access)) for _ in range(2)]
        topics = [f"user.{n}" for n in range(30)]
        async with started(*nodes):
            for topic in topics:
                await nodes[0].broadcaster.subscribe(topic)
            _move_slot(servers, key_slot(f"{access.prefix}{topics[0]}".encode()))
            await until(nodes[0], failing=True)
            await until(nodes[0], failing=False)
            for topic in topics:
                await _arrives(nodes[1], nodes[0], message(topic, 1))


def _move_slot(servers: list[RedisServer], slot: int) -> None:
    """Assign an empty slot to the next server."""
    ids = [server.command("CLUSTER", "MYID") for server in servers]
    share = -(-16_384 // len(servers))
    target = ids[(slot // share + 1) % len(servers)]
    for server in servers:
        server.command("CLUSTER", "SETSLOT", slot, "NODE", target)


async def _arrives(publisher: BusNode, receiver: BusNode, sent: EncodedMessage) -> None:
    """The message arrives, at the latest after the publisher has found the slot's new server."""
    publisher.broadcaster.publish(sent)
    await receiver.until(sent)


def test_an_address_shows_no_password(tmp_path: Path) -> None:
    """`address` has no password for any kind of URL."""
    for url in (f"redis://:{QUOTED}@host:1/0", f"unix://:{QUOTED}@{tmp_path}/s"):
        assert "s3cret" not in RedisAccess(url=url).address
