"""The port for management: metrics, API docs and the details of health, apart from the main port.

It is served by the same process and application; the application tells requests by the port that
they came in through (`adapters.inbound.access.guards`). Every worker listens on it, like on the
main port, and each can show the metrics of all.
"""

import asyncio
import socket
from asyncio.base_events import Server
from typing import cast

import uvicorn
from litestar.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapters.inbound.access.guards import management_port


def management_config(main: uvicorn.Config) -> uvicorn.Config:
    """As the main port, but for HTTP only, and without the limits that are meant for clients."""
    config = uvicorn.Config(
        management_port(cast("ASGIApp", main.app)),
        http=HttpToolsProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=main.timeout_keep_alive,
    )
    config.load()
    return config


async def listen_for_management(server: uvicorn.Server, listener: socket.socket) -> Server:
    """Serve the application of a started server on this socket, too."""
    config = management_config(server.config)

    def protocol() -> asyncio.Protocol:
        return HttpToolsProtocol(
            config=config, server_state=server.server_state, app_state=server.lifespan.state
        )

    return await asyncio.get_running_loop().create_server(protocol, sock=listener)
