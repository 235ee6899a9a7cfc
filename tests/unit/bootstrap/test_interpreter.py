"""A process that serves has settings of the interpreter that suit it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bootstrap.server.interpreter import THRESHOLDS
from tests.support.node import free_port

PRODUCT = Path(__file__).parents[3]

SERVE = """
import gc, json, sys
from pathlib import Path
from bootstrap.container import build_container
from bootstrap.server.node_server import NodeServer
from bootstrap.settings.settings import Settings

class Started(NodeServer):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        self.should_exit = True
        found = {"thresholds": gc.get_threshold(), "frozen": gc.get_freeze_count()}
        print(json.dumps({**found, "switch_interval_s": sys.getswitchinterval()}))

folder, port = sys.argv[1:]
settings = Settings(port=int(port), database_url=f"sqlite:///{folder}/synchub.db")
Started(settings, build_container(settings)).run()
"""
"""A server as `serve` runs it, which says what it has once it listens, and ends."""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("node")
    ran = subprocess.run(
        [sys.executable, "-c", SERVE, str(folder), str(free_port())],
        cwd=PRODUCT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_threads_get_the_gil_soon(started: dict[str, Any]) -> None:
    """A tenth of what Python has by itself."""
    assert started["switch_interval_s"] == pytest.approx(0.0005)


def test_garbage_collection_leaves_alone_what_stays(started: dict[str, Any]) -> None:
    """Everything that lived at the start, and anything else for longer than by default."""
    assert started["thresholds"] == list(THRESHOLDS)
    assert started["frozen"] > 0
