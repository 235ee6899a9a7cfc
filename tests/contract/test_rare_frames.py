"""Frames that are sent when something happens to a token, to the node, or to a slow reader."""

import asyncio
import socket
from pathlib import Path

from websockets.asyncio.client import connect

from bootstrap.settings.realtime import RealtimeSettings
from tests.support.client import (
    LEGACY,
    MONITOR,
    PASSWORD,
    Client,
    Device,
    http_client,
    log_in,
    sign_up,
    sign_up_admin,
)
from tests.support.node import Node, node_settings, running_node
from tests.support.settings import small_realtime

SPINS = 50
"""At once, until a reader that takes nothing is full."""

ROUNDS = 100


async def test_monitors_renew_their_token(tmp_path: Path) -> None:
    """They are warned in time; a fresh token of the same operator prolongs the connection."""
    settings = node_settings(tmp_path, access_token_s=10)
    async with running_node(settings) as node, http_client(node) as http:
        operator = await sign_up_admin(http, node)
        async with operator.device(MONITOR) as monitor:
            expiring = await monitor.until("token_expiring")
            fresh = await log_in(http, node, operator.site_id, PASSWORD)
            await monitor.socket.send(f'{{"type": "auth", "token": "{fresh.access_token}"}}')
            renewed = await monitor.until("auth_ok")
            assert renewed["token_expires_at"] >= expiring["token_expires_at"]


async def test_all_endpoints_are_told_of_a_drain(tmp_path: Path) -> None:
    """Old clients ignore the frame, but they get it."""
    settings = node_settings(tmp_path, realtime=RealtimeSettings(drain_s=0.5))
    async with running_node(settings) as node, http_client(node) as http:
        operator = await sign_up_admin(http, node)
        async with operator.device(MONITOR) as monitor, operator.device(LEGACY) as legacy:
            await monitor.until("monitor_snapshot")
            await legacy.until("ws_ack")
            await node.container.drain().execute()
            for device in (monitor, legacy):
                assert (await device.until("reconnect"))["after_ms"] >= 0
                assert await device.close_code() == 3001


async def test_a_monitor_that_does_not_read_is_told_what_it_missed(tmp_path: Path) -> None:
    """The number of skipped frames, and a new snapshot."""
    settings = node_settings(tmp_path, realtime=small_realtime(buffer_bytes=2048))
    async with running_node(settings) as node, http_client(node) as http:
        operator, player = await sign_up_admin(http, node), await sign_up(http, node)
        monitor = await _slow_monitor(node, operator)
        try:
            for _ in range(ROUNDS):
                await asyncio.gather(*(player.spin() for _ in range(SPINS)))
                modes = {one.mode.name for one in node.container.hub().connections()}
                if "LIVE" not in modes:
                    break
            assert (await monitor.until("monitor_gap"))["missed"] > 0
            assert (await monitor.next())["type"] == "monitor_snapshot"
        finally:
            await monitor.socket.close()


async def _slow_monitor(node: Node, operator: Client) -> Device:
    """One with the least buffers, whose library reads only when it is asked to."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    host, _, port = node.ws_url.removeprefix("ws://").partition(":")
    await asyncio.get_running_loop().sock_connect(sock, (host, int(port)))
    url = f"{node.ws_url}{MONITOR}?token={operator.access_token}"
    return Device(await connect(url, sock=sock, max_queue=1, ping_interval=None), [])
