"""Memory of the server per idle, authenticated session of `/api/realtime/sync`.

    python -m benchmarks.memory [--sessions 5000] [--users 500]

The server is pinned to core 0. The result is the growth of its resident memory (RSS) from before
the first session until every session has received its initial state.
"""

import argparse
import asyncio

from benchmarks.raw_socket import RawSocket
from benchmarks.server import BenchServer, server_for_many_sockets, sign_up

BATCH = 100
WARM_UP = 100
"""Sessions opened and closed before the measurement."""


def main() -> None:
    """Measure with the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=5000)
    parser.add_argument("--users", type=int, default=500)
    arguments = parser.parse_args()
    with server_for_many_sockets() as server:
        tokens = [sign_up(server.base) for _ in range(arguments.users)]
        asyncio.run(measure(server, tokens, arguments.sessions))


async def measure(server: BenchServer, tokens: list[str], sessions: int) -> None:
    """Print the memory before and after opening the sessions."""
    for socket in await open_all(server, tokens, WARM_UP):
        socket.close()
    before = server.rss_bytes()
    sockets = await open_all(server, tokens, sessions)
    after = server.rss_bytes()
    print(f"users                 {len(tokens):8d}")
    print(f"idle sessions         {len(sockets):8d}")
    print(f"RSS before            {before / 2**20:8.1f} MiB")
    print(f"RSS after             {after / 2**20:8.1f} MiB")
    print(f"per session           {(after - before) / len(sockets) / 1024:8.1f} KiB")
    for socket in sockets:
        socket.close()


async def open_all(server: BenchServer, tokens: list[str], number: int) -> list[RawSocket]:
    """Open sessions in batches; each has received its initial state."""
    sockets: list[RawSocket] = []
    while len(sockets) < number:
        batch = range(len(sockets), min(len(sockets) + BATCH, number))
        sockets += await asyncio.gather(
            *(open_one(server, tokens[index % len(tokens)]) for index in batch)
        )
    return sockets


async def open_one(server: BenchServer, token: str) -> RawSocket:
    """Open a session and wait for its initial state."""
    socket = await RawSocket.open(server.port, token)
    async for frame in socket.frames():
        if frame.startswith(b'{"type":"initial_state"'):
            return socket
    raise RuntimeError("the server closed a session")


if __name__ == "__main__":
    main()
