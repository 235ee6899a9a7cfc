"""Centrifugo 5, in Go.

Settings, after its documentation: the memory engine, which is its default for one node; no history,
presence or join messages; logs of errors only; `GOMAXPROCS=1`, since it has one core (its
documentation: as many as cores). Its writer joins what waits for a client by itself. Clients speak
its JSON protocol. Publishing comes over its HTTP API: one event by `publish`, several by one
`batch`, on one keep-alive connection. Version 6 configures the same engine in another format; 5 is
what the public Go proxy has.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.event import GROUP, envelope
from benchmarks.machine import BUILD, HERE, free_port, process
from benchmarks.peer import Peer, Request, Running, http_post

MODULE = HERE / "peers/programs/centrifugo"


class Centrifugo(Peer):
    name = "Centrifugo"
    publishing = "HTTP, batched"

    def missing(self) -> str | None:
        if _program() is None:
            return "make bench-peers, with Go 1.24 or later"
        return None

    def version(self) -> str:
        """As locked: a program built from its module does not know it."""
        required = [line.split() for line in (MODULE / "go.mod").read_text().splitlines()]
        return next(words[-1] for words in required if "centrifugo/v5" in " ".join(words))

    @contextmanager
    def run(self, groups: int, folder: Path) -> Iterator[Running]:
        program = _program()
        assert program is not None
        port = free_port()
        configuration = folder / "centrifugo.json"
        configuration.write_text(json.dumps(_configuration(port)))
        command = [program, "--config", str(configuration)]
        with process(command, listens=[port], env={"GOMAXPROCS": "1"}) as server:
            yield Running(
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


def _request(burst: int) -> Request:
    publication = b'{"channel":"g%b","data":%b}' % (GROUP.encode(), envelope())
    if burst == 1:
        return http_post("/api/publish", publication)
    commands = b",".join([b'{"publish":%b}' % publication] * burst)
    return http_post("/api/batch", b'{"commands":[%b]}' % commands, events=burst)


def _program() -> str | None:
    """Where `make bench-peers` puts it."""
    return shutil.which("centrifugo", path=str(BUILD / "bin"))
