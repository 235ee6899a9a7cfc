"""Health checks and metrics of a node."""

from pathlib import Path

import httpx
import pytest
from dependency_injector import providers

from bootstrap.container import Container
from bootstrap.settings.choices import BroadcasterKind, Environment
from bootstrap.settings.links import RedisSettings
from tests.support.client import http_client
from tests.support.losing_broadcaster import LosingBroadcaster
from tests.support.metrics import metric
from tests.support.node import node_settings, running_node


async def test_a_healthy_node_is_ready(http: httpx.AsyncClient) -> None:
    """There are no reasons, and it is the only node of its cluster."""
    answer = await http.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "reasons": []})
    assert await metric(http, "synchub_broadcaster_up") == 1
    assert await metric(http, "synchub_nodes") == 1


async def test_without_a_broker_a_node_is_degraded_but_takes_work(tmp_path: Path) -> None:
    """The status is 200 with the reason."""

    def lose(container: Container) -> None:
        container.broadcaster.override(providers.Singleton(LosingBroadcaster))

    async with running_node(node_settings(tmp_path), lose) as node, http_client(node) as http:
        answer = await http.get("/health/ready")
        assert answer.status_code == 200
        assert answer.json() == {"status": "degraded", "reasons": ["broadcaster: it loses all"]}
        assert await metric(http, "synchub_broadcaster_up") == 0


async def test_a_draining_node_takes_no_work(tmp_path: Path) -> None:
    """The readiness check answers 503, so that a load balancer sends no new clients."""
    async with running_node(node_settings(tmp_path)) as node, http_client(node) as http:
        await node.container.drain().execute()
        answer = await http.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (503, "draining")


async def test_production_warns_of_links_without_tls(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """At its start, where a setting permits them."""
    settings = node_settings(
        tmp_path,
        env=Environment.PROD,
        broadcaster=BroadcasterKind.REDIS,
        redis=RedisSettings(url="redis://:opensesame@redis.invalid/0"),
        allow_plaintext_links=True,
    )
    async with running_node(settings):
        pass
    [warning] = [r.getMessage() for r in caplog.records if "not encrypted" in r.getMessage()]
    assert "redis.invalid" in warning
    assert "opensesame" not in caplog.text
