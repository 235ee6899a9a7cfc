"""Runs the application under uvicorn."""

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, cast

import uvicorn

from adapters.inbound.server.front_protocol import FrontProtocol, FrontSettings
from adapters.inbound.server.http_connection import HttpConnection, HttpSettings
from adapters.inbound.server.interval_timer import IntervalTimer
from adapters.inbound.server.request_limits import RequestLimits
from adapters.inbound.server.security_headers import security_headers
from adapters.inbound.server.tcp_options import set_options
from adapters.inbound.websocket.transport.incoming_frames import FrameLimits
from adapters.inbound.websocket.transport.websocket_connection import (
    WebSocketConnection,
    WebSocketSettings,
)
from application.ports.telemetry import Counted
from bootstrap.container import Container, build_container
from bootstrap.container.worker import Worker
from bootstrap.server.app import build_app
from bootstrap.server.interpreter import settle_interpreter
from bootstrap.server.management import listen_for_management
from bootstrap.server.ports import bind_management, check_ports
from bootstrap.server.workers import Workers
from bootstrap.settings.explain import SettingsError
from bootstrap.settings.settings import Settings

logger = logging.getLogger("synchub.server")

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

CHECKS_PER_HEAD = 8
"""How often HTTP connections look at the time, within the time for a request head."""


class NodeServer(uvicorn.Server):
    """uvicorn's server, except that it drains before it closes its sockets, and that being told
    to stop is no failure: the process ends with 0. The second signal ends it at once."""

    def __init__(
        self, settings: Settings, container: Container, stop_fd: int | None = None
    ) -> None:
        """It also stops when something can be read from `stop_fd`."""
        super().__init__(server_config(settings, container))
        self._settings = settings
        self._drain = container.drain()
        self._stop_fd = stop_fd
        self._owns_process = False

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve in a process of its own."""
        self._owns_process = True
        super().run(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain at the first signal, end at the second."""
        if self._drain.begun or not self.started:
            self.should_exit = self.force_exit = True
        else:
            self._drain.begun = True
            self._loop.call_soon_threadsafe(self._begin_drain)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Prepare the listening sockets, and listen."""
        self._loop = asyncio.get_running_loop()
        main, *management = sockets or self._listeners()
        set_options(main)
        await super().startup([main])
        for listening in management:
            self.servers.append(await listen_for_management(self, listening))
        for listening in (main, *management):
            logger.info("listening", extra={"address": _address(listening)})
        if self._stop_fd is not None:
            self._loop.add_reader(self._stop_fd, self._stop, self._stop_fd)
        if self._owns_process:
            settle_interpreter()

    def _listeners(self) -> list[socket.socket]:
        management = bind_management(self._settings)
        return [self.config.bind_socket(), *management]

    def _stop(self, stop_fd: int) -> None:
        self._loop.remove_reader(stop_fd)
        if not self._drain.begun:
            self._begin_drain()

    def _begin_drain(self) -> None:
        self._draining = asyncio.create_task(self._drain.execute())
        self._draining.add_done_callback(self._end)

    def _end(self, drained: "asyncio.Task[None]") -> None:
        self.should_exit = True
        if not drained.cancelled() and (error := drained.exception()):
            logger.error("draining failed", exc_info=error)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle the signals while serving, without raising them again afterwards."""
        before = {number: signal.signal(number, self.handle_exit) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _address(listening: socket.socket) -> str:
    host, port, *_ = listening.getsockname()
    return f"{host}:{port}"


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status."""
    check_ports(settings)
    if settings.workers > 1:
        return Workers(settings, partial(_serve_as_worker, settings)).run()
    NodeServer(settings, build_container(settings)).run()
    return 0


def check_workers(settings: Settings) -> None:
    """SettingsError if there are several and they could not hear of each other."""
    capabilities = build_container(settings).broadcaster().capabilities
    if settings.workers > 1 and not capabilities.reaches_other_processes:
        raise SettingsError(
            f"SYNCHUB_WORKERS takes 1 while SYNCHUB_BROADCASTER is {settings.broadcaster}, which "
            "reaches no other process: choose redis or kafka"
        )


def _serve_as_worker(settings: Settings, worker: Worker, listeners: list[socket.socket]) -> None:
    container = build_container(settings, worker)
    NodeServer(settings, container, worker.stop_fd).run(sockets=listeners)


def server_config(settings: Settings, container: Container) -> uvicorn.Config:
    """How uvicorn serves the node that this container holds."""
    limits = settings.limits
    front = partial(FrontProtocol, settings=front_settings(settings, container))
    return uvicorn.Config(
        limited(build_app(container), container),
        host=settings.host,
        port=settings.port,
        http=cast("type[asyncio.Protocol]", front),
        ws=WebSocketConnection,  # never made by uvicorn: see HttpConnection
        loop="uvloop",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # addresses are those of `AddressPolicy`
        server_header=False,
        headers=security_headers(settings.hsts_s()),
        timeout_keep_alive=limits.idle_s,
        timeout_graceful_shutdown=5,
    )


def limited(app: Any, container: Container) -> RequestLimits:
    """The application behind the limits of addresses."""
    return RequestLimits(
        app,
        container.address_policy(),
        container.rate_limiter(),
        container.rate_limits().address_requests,
        container.cors(),
    )


def front_settings(settings: Settings, container: Container) -> FrontSettings:
    """How connections are treated, from the first byte on."""
    limits, telemetry = settings.limits, container.telemetry()
    addresses = container.address_limits()
    websocket = partial(
        WebSocketConnection,
        settings=WebSocketSettings(
            heartbeats=IntervalTimer(settings.realtime.heartbeat_s),
            admissions=IntervalTimer(limits.head_s),
            addresses=addresses,
            used_budgets=container.used_budgets(),
            coalescer=container.end_of_tick(),
            telemetry=telemetry,
            high_water=container.high_water(),
            frame_limits=FrameLimits(
                frames=limits.frames_per_10s,
                bytes=limits.bytes_per_10s,
                message_bytes=limits.message_bytes,
            ),
        ),
    )
    http = partial(
        HttpConnection,
        settings=HttpSettings(
            websocket=websocket,
            addresses=addresses,
            cors=container.cors(),
            checks=IntervalTimer(limits.head_s / CHECKS_PER_HEAD),
            refused=partial(telemetry.count, Counted.REFUSED_REQUESTS),
            head_s=limits.head_s,
            max_head_bytes=limits.head_bytes,
            body_s=limits.body_s,
            max_body_bytes=limits.body_bytes,
            idle_s=limits.idle_s,
            unread_s=limits.unread_s,
            max_pipelined=limits.pipelined_requests,
        ),
    )
    return FrontSettings(
        http=http,
        websocket=websocket,
        deadlines=IntervalTimer(limits.head_s),
        refused=partial(telemetry.count, Counted.REFUSED_HANDSHAKES),
        addresses=addresses,
        cors=container.cors(),
        max_head_bytes=limits.head_bytes,
    )
