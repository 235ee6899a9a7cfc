"""No secret of the settings leaves a real node: not in logs, errors, health, metrics or answers."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.support.certificates import make_certificates
from tests.support.client import Client, http_client, sign_up
from tests.support.eventually import eventually
from tests.support.links import LINKS, PASSWORD, USER, Link, PostgresLink, postgres_link
from tests.support.process import run_command, serving

JWT_SECRET = "jwt-SECRET-of-this-node-1234567890123456"
PREVIOUS = "previous-SECRET-of-this-node-12345678901"
BROKER_SECRET = "broker-SECRET-of-all-nodes-1234567890123"
SECRETS = (PASSWORD, JWT_SECRET, PREVIOUS, BROKER_SECRET)


def environment(database: Link, broker: Link) -> Mapping[str, str]:
    """A node that uses both links, and logs all that it ever logs."""
    url = f"127.0.0.1:{broker.port}"
    ca = str(database.certificates.ca)
    return {
        "SYNCHUB_LOG_LEVEL": "debug",
        "SYNCHUB_REALTIME_DRAIN_S": "0",
        "SYNCHUB_JWT_SECRET": JWT_SECRET,
        "SYNCHUB_JWT_PREVIOUS_SECRETS": PREVIOUS,
        "SYNCHUB_BROKER_SECRET": BROKER_SECRET,
        "SYNCHUB_DATABASE_URL": f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{database.port}/postgres",
        "SYNCHUB_POSTGRES_TLS": "verify-full",
        "SYNCHUB_POSTGRES_CA_FILE": ca,
        "SYNCHUB_BROADCASTER": broker.name,
        "SYNCHUB_REDIS_URL": f"rediss://{USER}:{PASSWORD}@{url}/0",
        "SYNCHUB_REDIS_PREFIX": "links.",
        "SYNCHUB_REDIS_CA_FILE": ca,
        "SYNCHUB_KAFKA_BOOTSTRAP_SERVERS": url,
        "SYNCHUB_KAFKA_SECURITY_PROTOCOL": "sasl_ssl",
        "SYNCHUB_KAFKA_SASL_MECHANISM": "SCRAM-SHA-256",
        "SYNCHUB_KAFKA_USERNAME": USER,
        "SYNCHUB_KAFKA_PASSWORD": PASSWORD,
        "SYNCHUB_KAFKA_CA_FILE": ca,
    }


@pytest_asyncio.fixture(scope="module")
async def database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresLink]:
    certificates = make_certificates(tmp_path_factory.mktemp("certificates"))
    async with postgres_link(certificates) as running:
        await running.server.execute(f"GRANT ALL ON SCHEMA public TO {USER}")
        yield running


@pytest.mark.parametrize("broker_name", ["redis", "kafka"])
async def test_no_secret_leaves_a_node(
    tmp_path: Path, database: PostgresLink, broker_name: str
) -> None:
    """While it works, while both links are broken, and when they are mended, without a restart."""
    certificates = database.certificates
    async with LINKS[broker_name](certificates) as broker:
        settings = environment(database, broker)
        seen: list[str] = []
        async with serving(tmp_path, **settings) as server, http_client(server) as http:
            await _health(http, seen, "ready")
            player = await sign_up(http, server)
            await _play(player)
            for link in (broker, database):
                await link.present(certificates.expired())
            await _health(http, seen, "unavailable", "certificate has expired")
            await database.present(certificates.server())
            await _health(http, seen, "degraded", "certificate has expired")
            await broker.present(certificates.server())
            await _health(http, seen, "ready")
            await _play(player)
            paths = ("/metrics", "/schema/openapi.json", "/nowhere")
            seen += [(await http.get(path)).text for path in paths]
        seen.append(server.output)
    found = [secret for secret in SECRETS if secret in "\n".join(seen)]
    assert found == []
    assert "connected to PostgreSQL" in server.output


async def test_a_node_that_cannot_start_says_why_in_one_line(
    tmp_path: Path, database: PostgresLink
) -> None:
    """Without a traceback, and without a secret."""
    certificates = database.certificates
    wrong = {
        **environment(database, database),
        "SYNCHUB_BROADCASTER": "memory",
        "SYNCHUB_POSTGRES_CA_FILE": str(certificates.foreign_ca),
    }
    status, output = await run_command("serve", folder=tmp_path, **wrong)
    assert status == 1
    assert output.startswith("Error: the database cannot be used: [SSL: CERTIFICATE_VERIFY")
    assert len(output.splitlines()) == 1
    assert not [secret for secret in SECRETS if secret in output]


async def _play(player: Client) -> None:
    async with player.device() as device:
        await device.until("initial_state")
        answer = await player.spin()
        await device.until_seq(answer["events"][-1]["seq"])


async def _health(http: httpx.AsyncClient, seen: list[str], status: str, why: str = "") -> None:
    async def has() -> bool:
        answer = (await http.get("/health/ready")).text
        seen.append(answer)
        return f'"{status}"' in answer and why in answer

    try:
        await eventually(has, timeout_s=60)
    except TimeoutError:
        pytest.fail(f"expected {status} {why}, got {dict.fromkeys(seen)}")
