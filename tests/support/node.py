"""A whole node on a free loopback port, inside the test's event loop: real sockets, and its
container at hand, so that a test can put a fake clock or loaded dice in place."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import SystemRandom
from typing import Any

from argon2 import PasswordHasher
from attrs import frozen
from dependency_injector import providers

from adapters.outbound.security.argon2_passwords import Argon2Passwords
from bootstrap.container import Container, build_container
from bootstrap.server.node_server import NodeServer
from bootstrap.settings.protection import ManagementSettings, PasswordSettings
from bootstrap.settings.realtime import LegacySettings, RealtimeSettings
from bootstrap.settings.settings import Settings
from tests.support.database import database_with_schema
from tests.support.settings import UNLIMITED

Adjust = Callable[[Container], None]
Wrap = Callable[[Any], Any]

SERVER_PORTS = range(10_000, 30_000)
"""Below those from which systems take the ports of outgoing connections (Linux from 32768 on)."""

UNDELAYED = PasswordSettings(free_failures=10**6, address_failures=10**6)

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""With the real parameters, signing up would be most of what a test costs."""

_random = SystemRandom()


@frozen
class Node:
    """A running node, its address and its container."""

    url: str
    container: Container

    @property
    def ws_url(self) -> str:
        return f"ws{self.url.removeprefix('http')}"


def node_settings(
    folder: Path,
    *,
    realtime: RealtimeSettings | None = None,
    legacy: LegacySettings | None = None,
    **settings: Any,
) -> Settings:
    """Settings for a node of its own under `folder`; presence has a short grace, and failed
    sign-ins are not delayed."""
    settings.setdefault("management", ManagementSettings(port=free_port()))
    settings.setdefault("database_url", f"sqlite:///{database_with_schema(folder)}")
    settings.setdefault("passwords", UNDELAYED)
    settings.setdefault("limits", UNLIMITED)
    return Settings(
        port=free_port(),
        realtime=realtime or RealtimeSettings(presence_grace_s=0.3, check_interval_s=0.2),
        legacy=legacy or LegacySettings(),
        **settings,
    )


@asynccontextmanager
async def running_node(
    settings: Settings, adjust: Adjust | None = None, wrap: Wrap | None = None
) -> AsyncIterator[Node]:
    """Serve until the context ends, with cheap hashes of passwords. `adjust` may override providers
    before anything is built; `wrap` may put something in front of the application."""
    container = build_container(settings)
    container.passwords.override(providers.Singleton(Argon2Passwords, container.hash_queue, CHEAP))
    if adjust:
        adjust(container)
    server = NodeServer(settings, container)
    if wrap:
        server.config.app = wrap(server.config.app)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            await serving
            raise RuntimeError("the server ended while starting")
        await asyncio.sleep(0.01)
    try:
        yield Node(f"http://127.0.0.1:{settings.port}", container)
    finally:
        server.should_exit = True
        await serving


def free_port() -> int:
    """A port that nothing uses at the moment, and that the system gives to no connection: so it
    is still free when a server starts there, or starts there again."""
    while True:
        port = _random.choice(SERVER_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
