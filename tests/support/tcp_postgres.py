"""PostgreSQL on a TCP port of loopback, with passwords; with TLS if its build has it."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
from attrs import define, field, frozen

from tests.support.node import free_port
from tests.support.servers import PostgresServer
from tests.support.tls_terminator import DECRYPTED_FROM

START_S = 20.0
SYSTEM_USER = "pgserver"
"""PostgreSQL does not run as root; the wheel makes this user if need be."""


@define(eq=False)
class TcpPostgres:
    """Started by `tcp_postgres`. Administrators reach it by a unix socket in `folder`."""

    programs: Path
    folder: Path
    port: int = field(factory=free_port)

    def show(self, certificate: Path) -> None:
        """Show this one after the next start or reload; also its key is in that file."""
        file = self.folder / "server.pem"
        shutil.copy(certificate, file)
        file.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(file, SYSTEM_USER, SYSTEM_USER)

    async def execute(self, *statements: str) -> None:
        """Run SQL as the administrator."""
        connection = await asyncpg.connect(
            host=str(self.folder), port=self.port, user="postgres", database="postgres"
        )
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@frozen
class ServerTls:
    """Of a server that is built with it; with `client_ca` clients must show a certificate."""

    programs: Path
    certificate: Path
    client_ca: Path | None


@contextmanager
def tcp_postgres(tls: ServerTls | None = None) -> Iterator[TcpPostgres]:
    """A new server, out of the wheel unless it shall have TLS itself."""
    folder = Path(tempfile.mkdtemp(prefix="synchub-pg-"))
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    programs = tls.programs if tls else _new_data_of_the_wheel(data)
    server = TcpPostgres(programs, folder)
    if os.geteuid() == 0:
        for path in (folder, data):
            shutil.chown(path, SYSTEM_USER, SYSTEM_USER)
    if tls is not None:
        _run([programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust"])
    line = f"host all all {DECRYPTED_FROM}/32 scram-sha-256"
    options = []
    if tls is not None:
        server.show(tls.certificate)
        shutil.copy(tls.client_ca or tls.certificate, folder / "ca.pem")
        line = "hostssl all all 127.0.0.1/32 scram-sha-256"
        line += " clientcert=verify-ca" if tls.client_ca else ""
        options = ["ssl=on", f"ssl_ca_file={folder}/ca.pem"]
        options += [f"ssl_{what}_file={folder}/server.pem" for what in ("cert", "key")]
    (data / "pg_hba.conf").write_text(f"local all all trust\n{line}\n")
    settings = [f"port={server.port}", "listen_addresses=127.0.0.1", "fsync=off", *options]
    settings.append(f"unix_socket_directories={folder}")
    command = [str(server.programs / "postgres"), "-D", str(data)]
    for setting in settings:
        command += ["-c", setting]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        user=_system_user(),
        group=_system_user(),
    )
    try:
        _until_ready(server, process)
        yield server
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def _new_data_of_the_wheel(data: Path) -> Path:
    """Returns the folder of its programs; it also makes the system's user."""
    server = PostgresServer(data)
    server.stop()
    return server.programs


def _until_ready(server: TcpPostgres, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_S
    check = [str(server.programs / "pg_isready"), "-h", str(server.folder), "-p", str(server.port)]
    while subprocess.run(check, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        assert process.poll() is None, "PostgreSQL ended while starting"
        assert time.monotonic() < deadline, "PostgreSQL does not start"
        time.sleep(0.02)


def _run(command: list[str | Path]) -> None:
    subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        user=_system_user(),
        group=_system_user(),
    )


def _system_user() -> str | None:
    return SYSTEM_USER if os.geteuid() == 0 else None
