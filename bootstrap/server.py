"""Runs the application under uvicorn."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from adapters.inbound.websocket.transport_sink import HubProtocol
from bootstrap.app import build_app
from bootstrap.container import Container, build_container
from bootstrap.settings import Settings

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

MAX_MESSAGE_BYTES = 64 * 1024
"""Clients only ever send pings."""


class NodeServer(uvicorn.Server):
    """uvicorn's server, except that being told to stop is no failure: the process ends with 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    NodeServer(server_config(settings, build_container(settings))).run()


def server_config(settings: Settings, container: Container) -> uvicorn.Config:
    """How uvicorn serves the node that this container holds."""
    return uvicorn.Config(
        build_app(container),
        host=settings.host,
        port=settings.port,
        ws=HubProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=settings.realtime.heartbeat_s,
        ws_ping_timeout=settings.realtime.heartbeat_s,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
    )
