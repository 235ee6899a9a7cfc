"""Who sees metrics, API docs and the details of health: two ports, or one."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from attrs import frozen
from dependency_injector import providers
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bootstrap.container import Container
from bootstrap.server.ports import PortTaken
from bootstrap.settings.choices import Environment, ManagementServe
from bootstrap.settings.protection import ManagementSettings
from tests.support.client import LIMITS, SYNC, TRUST, http_client, sign_up
from tests.support.endpoints import assert_problem
from tests.support.losing_broadcaster import LosingBroadcaster
from tests.support.node import Node, free_port, node_settings, running_node

MANAGEMENT = ("/metrics", "/schema", "/schema/openapi.json", "/api-docs/swagger-ui.css")
MAIN = ("/", "/static/style.css", "/api/auth/me", "/api/admin/audit", SYNC)


@frozen
class TwoPorts:
    """A node, and a client for each of its ports."""

    node: Node
    main: httpx.AsyncClient
    management: httpx.AsyncClient


def lose(container: Container) -> None:
    container.broadcaster.override(providers.Singleton(LosingBroadcaster))


@pytest_asyncio.fixture(scope="module")
async def ports(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TwoPorts]:
    """A node with a port for management, and a broker that delivers nothing."""
    separate = ManagementSettings(serve=ManagementServe.SEPARATE, port=free_port())
    settings = node_settings(tmp_path_factory.mktemp("ports"), management=separate)
    management_url = f"http://127.0.0.1:{separate.port}"
    async with (
        running_node(settings, lose) as node,
        httpx.AsyncClient(base_url=node.url, limits=LIMITS, verify=TRUST) as main,
        httpx.AsyncClient(base_url=management_url, limits=LIMITS, verify=TRUST) as management,
    ):
        yield TwoPorts(node, main, management)


@pytest.mark.parametrize("path", MANAGEMENT)
async def test_management_is_on_its_own_port(ports: TwoPorts, path: str) -> None:
    """The main port knows nothing of it."""
    assert (await ports.management.get(path)).status_code == 200
    assert_problem(await ports.main.get(path), 404, "no_such_route")


@pytest.mark.parametrize("path", MAIN)
async def test_nothing_else_is_on_that_port(ports: TwoPorts, path: str) -> None:
    """Neither pages nor calls, with or without a token."""
    player = await sign_up(ports.main, ports.node)
    for headers in ({}, {"Authorization": f"Bearer {player.access_token}"}):
        answer = await ports.management.get(path, headers=headers)
        assert_problem(answer, 404, "no_such_route")


async def test_no_socket_is_opened_on_that_port(ports: TwoPorts) -> None:
    player = await sign_up(ports.main, ports.node)
    url = str(ports.management.base_url).replace("http", "ws")
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"{url}{SYNC}?token={player.access_token}"):
            pass
    assert refused.value.response.status_code == 404


async def test_probes_are_on_both_ports(ports: TwoPorts) -> None:
    """The reasons are on the port for management only."""
    for port in (ports.main, ports.management):
        assert (await port.get("/health/live")).json() == {"status": "alive"}
    main, management = [await port.get("/health/ready") for port in (ports.main, ports.management)]
    assert (main.status_code, main.json()) == (200, {"status": "degraded"})
    assert management.json() == {"status": "degraded", "reasons": ["broadcaster: it loses all"]}


async def test_the_header_cannot_choose_the_port(ports: TwoPorts) -> None:
    """What counts is the socket, not what the client says."""
    host = ports.management.base_url.netloc.decode()
    headers = {"Host": host, "X-Forwarded-Host": host, "X-Forwarded-Port": host.split(":")[1]}
    assert (await ports.main.get("/metrics", headers=headers)).status_code == 404
    assert (await ports.main.get(f"http://{host}/metrics")).status_code == 200


@pytest.mark.parametrize("env", Environment)
async def test_the_main_port_may_serve_everything(tmp_path: Path, env: Environment) -> None:
    """In development by default, in production if the settings say so."""
    serve = ManagementServe.MAIN if env is Environment.PROD else ManagementServe.AUTO
    settings = node_settings(tmp_path, env=env, management=ManagementSettings(serve=serve))
    async with running_node(settings) as node, http_client(node) as http:
        for path in (*MANAGEMENT, "/", "/health/live"):
            assert (await http.get(path)).status_code == 200
        assert (await http.get("/health/ready")).json() == {"status": "ready", "reasons": []}


async def test_production_has_two_ports(tmp_path: Path) -> None:
    settings = node_settings(tmp_path, env=Environment.PROD)
    port = settings.management_port()
    async with running_node(settings) as node, httpx.AsyncClient(verify=TRUST) as http:
        assert (await http.get(f"{node.url}/metrics")).status_code == 404
        assert (await http.get(f"http://127.0.0.1:{port}/metrics")).status_code == 200


async def test_a_port_that_is_taken_is_named(ports: TwoPorts, tmp_path: Path) -> None:
    """The node does not start without it."""
    taken = ports.node.container.settings().management
    with pytest.raises(PortTaken, match=str(taken.port)):
        async with running_node(node_settings(tmp_path, management=taken)):
            pass
