"""Fixtures that most tests share."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, settings

from tests.support.client import Client, http_client, sign_up, sign_up_admin
from tests.support.forgetful_budgets import forget_budgets
from tests.support.node import Node, node_settings, running_node

pytest_plugins = ["tests.support.contract_recorder"]

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "unshrunk",
    parent=settings.get_profile("default"),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=2000)
# The same examples in every run: CI judges the change, the search for new examples is ours.
settings.register_profile("repeatable", parent=settings.get_profile("default"), derandomize=True)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "repeatable" if "CI" in os.environ else "default")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests, those of processes, begin first: at the end of a run on several cores,
    only short ones are left to be divided."""
    system = Path(__file__).with_name("system")
    items.sort(key=lambda item: system not in item.path.parents)


@pytest_asyncio.fixture(scope="session")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    """One node for all tests that need nothing special of it."""
    settings = node_settings(tmp_path_factory.mktemp("node"))
    async with running_node(settings, forget_budgets) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def http(node: Node) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(node) as client:
        yield client


@pytest_asyncio.fixture
async def player(http: httpx.AsyncClient, node: Node) -> Client:
    """A new player with 1,000 gold."""
    return await sign_up(http, node)


@pytest_asyncio.fixture
async def admin(http: httpx.AsyncClient, node: Node) -> Client:
    return await sign_up_admin(http, node)
