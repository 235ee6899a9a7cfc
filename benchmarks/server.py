"""A server process in production mode on core 0, for the measurements besides the comparison."""

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
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from attrs import frozen

UNLIMITED = {
    f"SYNCHUB_LIMITS_{name}": "1000000000"
    for name in (
        "SOCKETS_PER_USER",
        "SOCKETS_PER_ADDRESS",
        "HANDSHAKES_PER_ADDRESS",
        "REQUESTS_PER_ADDRESS",
        "REQUESTS_PER_USER",
        "SIGN_UPS_PER_ADDRESS",
    )
}
"""Settings for load of one machine, and of few users: counted as ever, and never refused."""


@frozen
class BenchServer:
    """A running server, with its database and secret so that players can be created directly."""

    base: str
    pid: int
    database_url: str
    jwt_secret: str

    @property
    def port(self) -> int:
        """TCP port of the server."""
        return int(self.base.rpartition(":")[2])

    def rss_bytes(self) -> int:
        """Resident memory of the process."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self) -> float:
        """CPU time that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_server(
    database_url: str, log: Path | None = None, **settings: str
) -> Iterator[BenchServer]:
    """Run a server on core 0; `settings` are environment variables."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    jwt_secret = secrets.token_urlsafe(32)
    environment = os.environ | {
        "SYNCHUB_ENV": "prod",
        "SYNCHUB_REALTIME_QUERY_TOKEN": "on",
        "SYNCHUB_MANAGEMENT_SERVE": "main",  # one port, which is known to be free
        "SYNCHUB_LOG_LEVEL": "warning",
        "SYNCHUB_PORT": str(port),
        "SYNCHUB_DATABASE_URL": database_url,
        "SYNCHUB_JWT_SECRET": jwt_secret,
        **UNLIMITED,
        **settings,
    }
    command = ["taskset", "-c", "0", sys.executable, "-m", "bootstrap", "serve"]
    with ExitStack() as files:
        stderr = files.enter_context(log.open("ab")) if log else None
        server = subprocess.Popen(command, env=environment, stderr=stderr)
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(base)
        yield BenchServer(base, server.pid, database_url, jwt_secret)
    finally:
        server.terminate()
        server.wait(60)


@contextmanager
def server_for_many_sockets(log: Path | None = None, **settings: str) -> Iterator[BenchServer]:
    """Run a server on a new SQLite database, with the highest limit of open files. It
    logs to the file, or to standard error."""
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(f"sqlite:///{folder}/bench.db", log, **settings) as server,
    ):
        yield server


def wait_until_ready(base: str) -> None:
    """Return when the server is ready; raise after a minute."""
    for _ in range(1200):
        try:
            with urlopen(f"{base}/health/ready", timeout=1):  # noqa: S310
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not become ready")


def sign_up(base: str) -> str:
    """Create a player; returns the access token."""
    name = f"bench{secrets.token_hex(6)}"
    account = {"site_id": name, "nickname": "bench", "password": "correct horse battery"}
    body = json.dumps(account).encode()
    request = Request(  # noqa: S310
        f"{base}/api/auth/signup", body, {"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=30) as response:  # noqa: S310
        token: str = json.load(response)["access_token"]
        return token
