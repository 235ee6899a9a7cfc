"""Django Channels on Redis: `python -m ... PORT CONTROL_PORT EVENT_FILE REDIS_URL`."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import django
import uvicorn
import uvloop
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

from benchmarks.peers.programs.control import listen


class Subscriber(AsyncWebsocketConsumer):  # type: ignore[misc]  # its base is untyped
    """A WebSocket in the group of its path."""

    async def connect(self) -> None:
        """Join the group."""
        self._group = self.scope["url_route"]["kwargs"]["group"]
        await self.channel_layer.group_add(self._group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard(self._group, self.channel_name)

    async def fan_out(self, message: dict[str, Any]) -> None:
        """Send an event of the group."""
        await self.send(message["text"])


def main() -> None:
    """Run the server."""
    port, control, event, redis_url = sys.argv[1:]
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    settings.configure(
        ALLOWED_HOSTS=["*"],
        CHANNEL_LAYERS={"default": {"BACKEND": backend, "CONFIG": {"hosts": [redis_url]}}},
    )
    django.setup()
    application = ProtocolTypeRouter(
        {
            "http": get_asgi_application(),
            "websocket": URLRouter([path("<str:group>", Subscriber.as_asgi())]),
        }
    )
    uvloop.run(serve(application, int(port), int(control), Path(event).read_text()))


async def serve(application: Any, port: int, control: int, event: str) -> None:
    """Serve WebSockets and the control connection."""
    before, after = event.split("T" * 19)
    channels = get_channel_layer()
    bursts: asyncio.Queue[tuple[str, int, int]] = asyncio.Queue()

    async def publish_all() -> None:
        while True:
            time, group, count = await bursts.get()
            for _ in range(count):
                message = {"type": "fan.out", "text": before + time + after}
                await channels.group_send(f"g{group:06d}", message)

    publishing = asyncio.create_task(publish_all())
    await listen(control, lambda time, group, n: bursts.put_nowait((time.decode(), group, n)))
    config = uvicorn.Config(
        application,
        port=port,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
    await uvicorn.Server(config).serve()
    publishing.cancel()


if __name__ == "__main__":
    main()
