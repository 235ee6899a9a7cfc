"""Centrifugo 5, in Go.

Settings, after its documentation: the memory engine, the default for one node; no history, presence
or join messages; error logs only; `GOMAXPROCS=1` for its one core. It batches queued messages for a
client by itself. Clients use its JSON protocol. Events are published over its HTTP API on one
keep-alive connection: a single event with `publish`, several with `batch`. The public Go proxy has
version 5; version 6 configures the same engine in another format.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.event import GROUP, envelope
from benchmarks.machine import BUILD, ROOT, free_port, pinned_process
from benchmarks.peer import Peer, PublishRequest, RunningPeer, http_post

MODULE = ROOT / "peers/programs/centrifugo"


class Centrifugo(Peer):
    """One node with the memory engine."""

    name = "Centrifugo"

    def missing(self) -> str | None:
        """Check for the program."""
        if _program() is None:
            return "make bench-peers, with Go 1.24 or later"
        return None

    def version(self) -> str:
        """Version in go.mod; a program built from its module does not report one."""
        required = [line.split() for line in (MODULE / "go.mod").read_text().splitlines()]
        return next(words[-1] for words in required if "centrifugo/v5" in " ".join(words))

    @contextmanager
    def run(self, groups: int, folder: Path) -> Iterator[RunningPeer]:
        """Run one node."""
        program = _program()
        assert program is not None
        port = free_port()
        configuration = folder / "centrifugo.json"
        configuration.write_text(json.dumps(_configuration(port)))
        command = [program, "--config", str(configuration)]
        with pinned_process(command, listens=[port], env={"GOMAXPROCS": "1"}) as server:
            yield RunningPeer(
                processes=[server],
                ports=[port],
                paths=["/connection/websocket"] * groups,
                publish_port=port,
                request=_request,
                hellos=[
                    json.dumps({"id": 1, "connect": {}}),
                    json.dumps({"id": 2, "subscribe": {"channel": f"g{GROUP}"}}),
                ],
                ready_frames=2,
                ping="{}",
                pong="{}",
            )


def _configuration(port: int) -> dict[str, object]:
    return {
        "address": "127.0.0.1",
        "port": str(port),
        "api_insecure": True,
        "log_level": "error",
        "allow_anonymous_connect_without_token": True,
        "allowed_origins": ["*"],
        "allow_subscribe_for_client": True,
        "allow_subscribe_for_anonymous": True,
    }


def _request(burst: int) -> PublishRequest:
    publication = b'{"channel":"g%b","data":%b}' % (GROUP.encode(), envelope())
    if burst == 1:
        return http_post("/api/publish", publication)
    commands = b",".join([b'{"publish":%b}' % publication] * burst)
    return http_post("/api/batch", b'{"commands":[%b]}' % commands, events=burst)


def _program() -> str | None:
    """Path of the program that `make bench-peers` builds."""
    return shutil.which("centrifugo", path=str(BUILD / "bin"))
