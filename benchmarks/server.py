"""The server that a benchmark measures: a process of its own, in production, on core 0."""

import json
import os
import resource
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from attrs import frozen


@frozen
class BenchServer:
    """A running server. Who knows its secret and its database needs no sign-up to have players."""

    base: str
    pid: int
    database_url: str
    jwt_secret: str

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])

    def rss_bytes(self) -> int:
        """Memory that the process occupies."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def cpu_s(self) -> float:
        """Processor time that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_server(database_url: str, **settings: str) -> Iterator[BenchServer]:
    """A production server on core 0, ended with the context."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    jwt_secret = secrets.token_urlsafe(32)
    environment = os.environ | {
        "SYNCHUB_ENV": "prod",
        "SYNCHUB_PORT": str(port),
        "SYNCHUB_DATABASE_URL": database_url,
        "SYNCHUB_JWT_SECRET": jwt_secret,
        **settings,
    }
    command = ["taskset", "-c", "0", sys.executable, "-m", "bootstrap", "serve"]
    server = subprocess.Popen(command, env=environment)
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(base)
        yield BenchServer(base, server.pid, database_url, jwt_secret)
    finally:
        server.terminate()
        server.wait(60)


@contextmanager
def server_for_many_sockets(**settings: str) -> Iterator[BenchServer]:
    """A server on a database of its own; it and this process may open as many files as allowed."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(f"sqlite:///{folder}/bench.db", **settings) as server,
    ):
        yield server


def wait_until_ready(base: str) -> None:
    for _ in range(200):
        try:
            with urlopen(f"{base}/health/ready", timeout=1):  # noqa: S310
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not become ready")


def sign_up(base: str) -> str:
    """A new player's access token."""
    name = f"bench{secrets.token_hex(6)}"
    body = json.dumps({"site_id": name, "nickname": "bench", "password": name}).encode()
    request = Request(  # noqa: S310
        f"{base}/api/auth/signup", body, {"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        token: str = json.load(answer)["access_token"]
        return token
