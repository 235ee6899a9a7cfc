"""Servers that require TLS and a password, and clients of ours for them.

Servers out of wheels have no TLS: a terminator ends it in front of them. With `LINK_SERVERS=real`
(`make test-links`) the same tests run against servers that do it themselves.
"""

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from glob import glob
from pathlib import Path
from typing import Any

import redis
from attrs import define, field, frozen

from adapters.outbound.broadcast.kafka.kafka_access import KafkaAccess
from adapters.outbound.redis.redis_access import RedisAccess
from adapters.outbound.sql.engines import parse_database_url
from adapters.outbound.sql.postgres.postgres_unit_of_work import PostgresUnitOfWork
from adapters.outbound.tls.tls_options import TlsOptions
from application.ports.storage.unit_of_work import StorageUnavailable
from tests.contract.ports.test_broadcaster import (
    BusNode,
    kafka_broadcaster,
    message,
    redis_broadcaster,
)
from tests.support.apache_kafka import ApacheKafka, apache_kafka
from tests.support.certificates import Certificates
from tests.support.kafka_sasl import SaslGate
from tests.support.kafka_servers import Tansu
from tests.support.node import free_port
from tests.support.redis_servers import VALKEY, RedisServer
from tests.support.tcp_postgres import ServerTls, TcpPostgres, tcp_postgres
from tests.support.tls_terminator import TlsTerminator

REAL = os.environ.get("LINK_SERVERS") == "real"
USER = "hub"
PASSWORD = "open-sesame-7"
OPERATOR = "of-the-server"
PREFIX = "links."

ACL = (
    *("resetchannels", f"&{PREFIX}*", "resetkeys", "-@all"),
    *("+publish", "+subscribe", "+unsubscribe", "+ping", "+client|setname"),
)
"""What a node may do at Redis, as `docs/security.md` recommends it."""


@frozen(kw_only=True)
class Reach:
    """How a client reaches a server; by default, as it should."""

    ca: Path
    password: str = PASSWORD
    tls: bool = True
    port: int
    mechanism: str = "SCRAM-SHA-512"
    certificate: Path | None = None

    @property
    def options(self) -> TlsOptions:
        own = str(self.certificate) if self.certificate else None
        return TlsOptions(ca_file=str(self.ca), cert_file=own, key_file=own)


class LinkClient(ABC):
    """The part of a node that talks to the server."""

    @abstractmethod
    async def start(self) -> None: ...

    @abstractmethod
    async def stop(self) -> None: ...

    @abstractmethod
    async def failure(self) -> str | None:
        """What the health check would say; None if the server can be used."""

    @abstractmethod
    async def use(self) -> None:
        """Do what the server is there for; raises or hangs if that fails."""


@define(eq=False)
class BrokerClient(LinkClient):
    """A broadcaster."""

    node: BusNode
    _count: int = 0

    async def start(self) -> None:
        await self.node.start()

    async def stop(self) -> None:
        await self.node.broadcaster.stop()

    async def failure(self) -> str | None:
        return self.node.broadcaster.failure()

    async def use(self) -> None:
        self._count += 1
        await self.node.broadcaster.subscribe("topic")
        self.node.broadcaster.publish(message("topic", self._count))
        await self.node.until(message("topic", self._count))


@define(eq=False)
class DatabaseClient(LinkClient):
    """Transactions."""

    unit_of_work: PostgresUnitOfWork

    async def start(self) -> None:
        await self.unit_of_work.start()

    async def stop(self) -> None:
        await self.unit_of_work.stop()

    async def failure(self) -> str | None:
        try:
            await self.use()
        except StorageUnavailable as error:
            return str(error)
        return None

    async def use(self) -> None:
        await self.unit_of_work.read(lambda stores: None)


@define(eq=False)
class Link(ABC):
    """A running server. `port` requires TLS and a password, `plain_port` has no TLS."""

    name: str
    certificates: Certificates
    port: int = field(factory=free_port, kw_only=True)
    plain_port: int = field(factory=free_port, kw_only=True)

    @abstractmethod
    def client(self, reach: Reach) -> LinkClient: ...

    @abstractmethod
    async def present(self, certificate: Path) -> None:
        """The server shows this certificate from now on, and ends all connections."""

    @abstractmethod
    async def change_password(self, password: str) -> None:
        """The user signs in with this one from now on."""

    def reach(self, **changes: Any) -> Reach:
        return Reach(**{"ca": self.certificates.ca, "port": self.port, **changes})


@define(eq=False)
class RedisLink(Link):
    """With an ACL user, besides the operator of the server."""

    server: RedisServer
    terminator: TlsTerminator | None

    def client(self, reach: Reach) -> LinkClient:
        scheme = "rediss" if reach.tls else "redis"
        url = f"{scheme}://{USER}:{reach.password}@127.0.0.1:{reach.port}/0"
        access = RedisAccess(url=url, prefix=PREFIX, tls=reach.options)
        return BrokerClient(BusNode(redis_broadcaster(access)))

    async def present(self, certificate: Path) -> None:
        if self.terminator is not None:
            self.terminator.present(certificate)
            return
        self.command("CONFIG", "SET", "tls-cert-file", certificate, "tls-key-file", certificate)
        self.command("CLIENT", "KILL", "USER", USER)

    async def change_password(self, password: str) -> None:
        self.command("ACL", "SETUSER", USER, "on", "resetpass", f">{password}", *ACL)
        self.command("CLIENT", "KILL", "USER", USER)

    def command(self, *words: object) -> Any:
        with redis.Redis(port=self.plain_port, password=OPERATOR) as client:
            return client.execute_command(*map(str, words))


@asynccontextmanager
async def redis_link(
    certificates: Certificates, client_ca: Path | None = None
) -> AsyncIterator[RedisLink]:
    port, plain_port = free_port(), free_port()
    certificate = certificates.server()
    options = ["--requirepass", OPERATOR]
    if REAL:
        options += ["--tls-port", str(port), "--tls-cert-file", str(certificate)]
        options += ["--tls-key-file", str(certificate), "--tls-ca-cert-file", str(certificates.ca)]
        options += ["--tls-auth-clients", "yes" if client_ca else "no"]
    binary = _program("redis-server") if REAL else VALKEY
    server = _LockedRedis(binary, certificates.folder, options, port=plain_port)
    server.start()
    try:
        terminator = TlsTerminator(port, plain_port, certificate, client_ca)
        async with _running(None if REAL else terminator) as running:
            link = RedisLink(
                "redis", certificates, server, running, port=port, plain_port=plain_port
            )
            await link.change_password(PASSWORD)
            yield link
    finally:
        server.kill()


class _LockedRedis(RedisServer):
    def command(self, *words: object) -> Any:
        with redis.Redis(port=self.port, password=OPERATOR) as client:
            return client.execute_command(*words)


@define(eq=False)
class KafkaLink(Link):
    """Tansu, with TLS and SASL in front of it."""

    terminator: TlsTerminator
    gate: SaslGate

    def client(self, reach: Reach) -> LinkClient:
        return kafka_client(reach)

    async def present(self, certificate: Path) -> None:
        self.terminator.present(certificate)

    async def change_password(self, password: str) -> None:
        self.gate.password = password
        self.terminator.present(self.terminator.certificate)


def kafka_client(reach: Reach) -> LinkClient:
    access = KafkaAccess(
        servers=(f"127.0.0.1:{reach.port}",),
        topic="links",
        partitions=2,
        security_protocol="SASL_SSL" if reach.tls else "SASL_PLAINTEXT",
        sasl_mechanism=reach.mechanism,
        username=USER,
        password=reach.password,
        tls=reach.options,
    )
    return BrokerClient(BusNode(kafka_broadcaster(access)))


@asynccontextmanager
async def kafka_link(
    certificates: Certificates, client_ca: Path | None = None
) -> AsyncIterator[Link]:
    if REAL:
        with apache_kafka(certificates, USER, PASSWORD, client_ca) as server:
            yield ApacheKafkaLink(
                "kafka", certificates, server, port=server.port, plain_port=server.plain
            )
        return
    gate, port = SaslGate(USER, PASSWORD), free_port()
    broker = Tansu(advertised=port)
    broker.start()
    try:
        terminator = TlsTerminator(port, broker.port, certificates.server(), client_ca, gate=gate)
        async with terminator.running():
            yield KafkaLink(
                "kafka", certificates, terminator, gate, port=port, plain_port=broker.port
            )
    finally:
        broker.kill()


@define(eq=False)
class ApacheKafkaLink(Link):
    """Kafka itself."""

    server: ApacheKafka

    def client(self, reach: Reach) -> LinkClient:
        return kafka_client(reach)

    async def present(self, certificate: Path) -> None:
        self.server.restart(certificate=certificate)

    async def change_password(self, password: str) -> None:
        self.server.restart(password=password)


@define(eq=False)
class PostgresLink(Link):
    """With scram-sha-256."""

    server: TcpPostgres
    terminator: TlsTerminator | None

    def client(self, reach: Reach) -> LinkClient:
        url = f"postgresql://{USER}:{reach.password}@127.0.0.1:{reach.port}/postgres"
        tls = reach.options if reach.tls else None
        return DatabaseClient(PostgresUnitOfWork(parse_database_url(url), tls))

    async def present(self, certificate: Path) -> None:
        if self.terminator is not None:
            self.terminator.present(certificate)
            return
        self.server.show(certificate)
        await self.server.execute("SELECT pg_reload_conf()", _END_CONNECTIONS)

    async def change_password(self, password: str) -> None:
        await self.server.execute(f"ALTER ROLE {USER} PASSWORD '{password}'", _END_CONNECTIONS)


_END_CONNECTIONS = (
    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{USER}'"  # noqa: S608 (a constant)
)


@asynccontextmanager
async def postgres_link(
    certificates: Certificates, client_ca: Path | None = None
) -> AsyncIterator[PostgresLink]:
    tls = None
    if REAL:
        programs = Path(max(glob("/usr/lib/postgresql/*/bin")))
        tls = ServerTls(programs, certificates.server(), client_ca)
    with tcp_postgres(tls) as server:
        await server.execute(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        port = server.port if REAL else free_port()
        terminator = TlsTerminator(
            port, server.port, certificates.server(), client_ca, postgres=True
        )
        async with _running(None if REAL else terminator) as running:
            yield PostgresLink(
                "postgres", certificates, server, running, port=port, plain_port=server.port
            )


@asynccontextmanager
async def _running(terminator: TlsTerminator | None) -> AsyncIterator[TlsTerminator | None]:
    if terminator is None:
        yield None
        return
    async with terminator.running():
        yield terminator


def _program(name: str) -> str:
    path = shutil.which(name)
    assert path is not None, f"{name} is not installed"
    return path


LINKS: dict[str, Callable[..., AbstractAsyncContextManager[Link]]] = {
    "redis": redis_link,
    "kafka": kafka_link,
    "postgres": postgres_link,
}
