"""Links to PostgreSQL, Redis and Kafka: encrypted, verified, signed in to, and never anything less.

A server joins with an entry of `LINKS` in `tests/support/links.py`.
"""

import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError

from adapters.outbound.tls.tls_options import TlsOptions
from tests.support.certificates import Certificates, make_certificates
from tests.support.eventually import eventually
from tests.support.links import LINKS, PASSWORD, Link, LinkClient, RedisLink

WRONG = "wrong-guess-7"
PATIENCE_S = 60.0

REFUSALS = {
    "redis": "invalid username-password",
    "kafka": "Authentication failed",
    "postgres": "password authentication failed",
}
UNENCRYPTED = {
    "redis": "does the server require it?",
    "kafka": "does the server require it?",
    "postgres": "no pg_hba.conf entry",
}
NO_TLS = {
    "redis": "does the server speak it here?",
    "kafka": "does the server speak it here?",
    "postgres": "rejected SSL upgrade",
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    return make_certificates(folder)


@pytest_asyncio.fixture(scope="module", params=LINKS)
async def link(request: pytest.FixtureRequest, certificates: Certificates) -> AsyncIterator[Link]:
    """A server that requires TLS and a password; each test leaves it as it was."""
    async with LINKS[request.param](certificates) as running:
        yield running


@asynccontextmanager
async def connected(client: LinkClient) -> AsyncIterator[LinkClient]:
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def until_usable(client: LinkClient) -> None:
    async def usable() -> bool:
        return await client.failure() is None

    await eventually(usable, timeout_s=PATIENCE_S)
    await client.use()


async def until_failing(client: LinkClient, *words: str) -> None:
    """Until the failure has these words."""
    seen: list[str | None] = []

    async def failing() -> bool:
        seen.append(await client.failure())
        return all(word in str(seen[-1]) for word in words)

    try:
        await eventually(failing, timeout_s=PATIENCE_S)
    except TimeoutError:
        pytest.fail(f"expected {words}, got {dict.fromkeys(seen)}")


async def test_it_works_with_tls_and_a_password(link: Link) -> None:
    """The CA, the name and the password are right."""
    async with connected(link.client(link.reach())) as client:
        await until_usable(client)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_kafka_takes_each_mechanism(link: Link, mechanism: str) -> None:
    """All that the settings offer."""
    if link.name == "kafka":
        async with connected(link.client(link.reach(mechanism=mechanism))) as client:
            await until_usable(client)
        wrong = link.client(link.reach(mechanism=mechanism, password=WRONG))
        async with connected(wrong) as client:
            await until_failing(client, REFUSALS["kafka"])


CLIENT_FAULTS: dict[str, tuple[Callable[[Link], dict[str, Any]], Callable[[str], str]]] = {
    "another-ca": (
        lambda link: {"ca": link.certificates.foreign_ca},
        lambda name: "certificate verify failed",
    ),
    "wrong-password": (lambda link: {"password": WRONG}, lambda name: REFUSALS[name]),
    "without-tls": (lambda link: {"tls": False}, lambda name: UNENCRYPTED[name]),
    "server-without-tls": (lambda link: {"port": link.plain_port}, lambda name: NO_TLS[name]),
    "no-ca-file": (
        lambda link: {"ca": link.certificates.folder / "none.pem"},
        lambda name: "none.pem",
    ),
}


@pytest.mark.parametrize("fault", CLIENT_FAULTS)
async def test_what_is_wrong_with_us_is_named(
    link: Link, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One warning, no password, and the reason in the health check; the link is not used.

    On a busy machine the first attempt may have timed out: then the reason is logged below."""
    changes, expected = CLIENT_FAULTS[fault]
    if fault == "server-without-tls" and link.plain_port == link.port:
        pytest.skip("this server has TLS on all its ports")
    caplog.set_level(logging.DEBUG, "synchub")
    async with connected(link.client(link.reach(**changes(link)))) as client:
        await until_failing(client, expected(link.name))
        warnings = [record for record in ours(caplog) if record.levelno >= logging.WARNING]
        assert [r.getMessage().partition(":")[0] for r in warnings] == [AWAY[link.name]]
        assert any(expected(link.name) in _text(record) for record in ours(caplog))
        assert warnings[0].exc_info is None
    for secret in (PASSWORD, WRONG):
        assert secret not in "".join(map(_text, caplog.records))


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Nodes silence what aiokafka logs besides."""
    return [record for record in caplog.records if record.name.startswith("synchub.")]


AWAY = {
    "redis": "Redis is away",
    "kafka": "Kafka is away",
    "postgres": "the database is away",
}


def _text(record: logging.LogRecord) -> str:
    return f"{record.getMessage()} {vars(record)}"


SERVER_FAULTS: dict[str, tuple[Callable[[Certificates], Path], str]] = {
    "another-host": (Certificates.other_host, "not valid for"),
    "expired": (Certificates.expired, "certificate has expired"),
    "another-issuer": (Certificates.foreign, "certificate verify failed"),
}


@pytest.mark.parametrize("fault", SERVER_FAULTS)
async def test_a_wrong_certificate_is_refused_until_it_is_mended(link: Link, fault: str) -> None:
    """Also while the node runs; it goes on by itself."""
    certificate, expected = SERVER_FAULTS[fault]
    async with connected(link.client(link.reach())) as client:
        await until_usable(client)
        try:
            await link.present(certificate(link.certificates))
            await until_failing(client, expected)
        finally:
            await link.present(link.certificates.server())
        await until_usable(client)


async def test_a_changed_password_is_named_until_it_is_mended(link: Link) -> None:
    """The node goes on by itself when the server takes its password again."""
    async with connected(link.client(link.reach())) as client:
        await until_usable(client)
        try:
            await link.change_password(WRONG)
            await until_failing(client, REFUSALS[link.name])
        finally:
            await link.change_password(PASSWORD)
        await until_usable(client)


async def test_a_mended_ca_file_is_read_again(link: Link, tmp_path: Path) -> None:
    """Without a restart."""
    ca = tmp_path / "ca.pem"
    ca.write_bytes(link.certificates.foreign_ca.read_bytes())
    async with connected(link.client(link.reach(ca=ca))) as client:
        await until_failing(client, "certificate verify failed")
        ca.write_bytes(link.certificates.ca.read_bytes())
        await until_usable(client)


@pytest.mark.parametrize("name", LINKS)
async def test_a_client_certificate_is_shown(name: str, certificates: Certificates) -> None:
    """Where the server requires one; without it the link is refused."""
    async with LINKS[name](certificates, certificates.ca) as link:
        own = link.client(link.reach(certificate=certificates.client()))
        async with connected(own) as client:
            await until_usable(client)
        async with connected(link.client(link.reach())) as client:
            await until_failing(client, "")


async def test_the_acl_keeps_a_user_to_its_channels(link: Link) -> None:
    """With the rights that the documentation names, a node works, and reaches nothing else."""
    if isinstance(link, RedisLink):
        url = f"rediss://hub:{PASSWORD}@127.0.0.1:{link.port}/0"
        async with Redis.from_url(url, ssl_ca_certs=str(link.certificates.ca)) as client:
            for command in ("PUBLISH other.user.1 x", "GET a", "CONFIG GET *", "CLIENT LIST"):
                with pytest.raises(NoPermissionError):
                    await client.execute_command(*command.split())  # type: ignore[no-untyped-call]


def test_the_contexts_verify() -> None:
    """Nothing is left to a library's default."""
    context = TlsOptions().context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
