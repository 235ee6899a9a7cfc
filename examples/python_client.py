"""Print a player's frames, and resume after a lost connection.

Beside `make run`: python examples/python_client.py [URL]. Then spin on the page.
"""

import asyncio
import json
import sys
from urllib.request import Request, urlopen

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

BASE = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
CREDENTIALS = {"site_id": "player", "password": "player-password"}


def sign_in() -> str:
    """Return an access token."""
    body, headers = json.dumps(CREDENTIALS).encode(), {"Content-Type": "application/json"}
    with urlopen(Request(f"{BASE}/api/auth/login", body, headers)) as answer:
        return str(json.load(answer)["access_token"])


async def follow() -> None:
    """Connect again and again, each time from the last position."""
    token, epoch, query = "", "", ""
    while True:
        try:
            token = token or sign_in()
            url = f"ws{BASE.removeprefix('http')}/api/realtime/sync{query}"
            headers = {"Authorization": f"Bearer {token}"}
            async with connect(url, additional_headers=headers) as socket:
                async for text in socket:
                    print(text, flush=True)
                    frame = json.loads(text)
                    if frame["type"] == "sync_connected":
                        epoch = frame["epoch"]  # its seq is no position yet: the state follows
                    elif "seq" in frame:
                        query = f"?since={epoch}:{frame['seq']}"
        except ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code in (3005, 4401):
                token = ""  # expired or revoked
        except InvalidStatus as refused:
            if refused.response.status_code == 401:
                token = ""  # expired or revoked
        except (OSError, InvalidHandshake):
            pass  # the server is away
        await asyncio.sleep(1)


asyncio.run(follow())
