"""Centrifugo 6, in Go.

Settings, after its documentation: the memory engine, which is its default for one node; no history,
presence or join messages; logs of errors only; `GOMAXPROCS=1`, since it has one core (its
documentation: as many as cores). Its writer joins what waits for a client by itself. Clients speak
its JSON protocol. Publishing comes over its HTTP API: one event by `publish`, several by one
`batch`, on one keep-alive connection.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.event import GROUP, envelope
from benchmarks.machine import BUILD, first_line, free_port, process
from benchmarks.peer import Peer, Request, Running, http_post


class Centrifugo(Peer):
    name = "Centrifugo"
    publishing = "HTTP, batched"

    def missing(self) -> str | None:
        if _program() is None:
            return "go install github.com/centrifugal/centrifugo/v6@latest"
        return None

    def version(self) -> str:
        program = _program()
        assert program is not None
        return first_line(program, "version")

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
        "http_server": {"address": "127.0.0.1", "port": str(port)},
        "http_api": {"insecure": True},
        "log": {"level": "error"},
        "client": {
            "allow_anonymous_connect_without_token": True,
            "allowed_origins": ["*"],
        },
        "channel": {
            "without_namespace": {
                "allow_subscribe_for_client": True,
                "allow_subscribe_for_anonymous": True,
            }
        },
    }


def _request(burst: int) -> Request:
    publication = b'{"channel":"g%b","data":%b}' % (GROUP.encode(), envelope())
    if burst == 1:
        return http_post("/api/publish", publication)
    commands = b",".join([b'{"publish":%b}' % publication] * burst)
    return http_post("/api/batch", b'{"commands":[%b]}' % commands, events=burst)


def _program() -> str | None:
    """On the path, where `go install` puts it, or among the benchmarks' own."""
    places = [os.environ.get("PATH", ""), str(Path.home() / "go/bin"), str(BUILD / "bin")]
    return shutil.which("centrifugo", path=os.pathsep.join(places))
