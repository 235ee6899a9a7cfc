"""Litestar's ChannelsPlugin: `python -m ... PORT CONTROL_PORT EVENT_FILE`."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from litestar import Litestar
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend

from benchmarks.peers.programs.control import listen


def main() -> None:
    """Run the server."""
    port, control, event = sys.argv[1:]
    before, after = Path(event).read_text().split("T" * 19)
    channels = ChannelsPlugin(
        MemoryChannelsBackend(), arbitrary_channels_allowed=True, create_ws_route_handlers=True
    )

    def publish(time: bytes, group: int, count: int) -> None:
        for _ in range(count):
            channels.publish((before + time.decode() + after).encode(), f"g{group:06d}")

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        server = await listen(int(control), publish)
        yield
        server.close()

    uvicorn.run(
        Litestar(plugins=[channels], lifespan=[lifespan]),
        port=int(port),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
