"""Runs the application under uvicorn."""

import uvicorn

from adapters.inbound.websocket.transport_sink import HubProtocol
from bootstrap.app import build_app
from bootstrap.container import Container, build_container
from bootstrap.settings import Settings

MAX_MESSAGE_BYTES = 64 * 1024
"""Clients only ever send pings."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    uvicorn.Server(server_config(settings, build_container(settings))).run()


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
