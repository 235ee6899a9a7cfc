"""`synchub audit`, and what the command line itself leaves in the log."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.client import PASSWORD, http_client, log_in
from tests.support.process import run_command, serving


async def make_admin(folder: Path, site_id: str, password: str = PASSWORD) -> int:
    arguments = ("create-admin", site_id, "--password-stdin")
    status, _ = await run_command(*arguments, folder=folder, stdin=f"{password}\n")
    return status


async def entries(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    status, output = await run_command("audit", *arguments, folder=folder)
    assert status == 0, output
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


async def verify(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    status, output = await run_command("audit", "verify", *arguments, folder=folder, **environment)
    return status, output.strip().splitlines()[-1]


@contextmanager
def tampering(folder: Path) -> Iterator[sqlite3.Connection]:
    """The database, without the triggers."""
    connection = sqlite3.connect(folder / "data" / "synchub.db", isolation_level=None)
    for name in ("log_no_update", "log_no_delete", "head_no_delete", "head_no_return"):
        connection.execute(f"DROP TRIGGER IF EXISTS audit_{name}")
    yield connection
    connection.close()


async def test_acts_on_the_command_line_are_entries(tmp_path: Path) -> None:
    """Done or refused, with the name of whoever did it, and without the password."""
    assert await make_admin(tmp_path, "boss") == 0
    assert await make_admin(tmp_path, "boss", password="short") == 1
    status, _ = await run_command("renew-epoch", folder=tmp_path)
    assert status == 0
    log = await entries(tmp_path, "list")
    assert [(entry["action"], entry["target"], entry["outcome"]) for entry in log] == [
        ("create-admin", "site_id=boss", "ok"),
        ("create-admin", "site_id=boss", "invalid_input"),
        ("renew-epoch", "", "ok"),
    ]
    assert all(entry["actor"].startswith("cli:") for entry in log)
    assert PASSWORD not in json.dumps(log)
    assert await entries(tmp_path, "tail", "-n", "1") == log[-1:]
    assert await entries(tmp_path, "list", "--after", "1") == log[1:]


async def test_a_running_node_and_the_command_line_share_the_log(tmp_path: Path) -> None:
    """The calls of an operator are between them, and the head that the node logs is right."""
    assert await make_admin(tmp_path, "boss") == 0
    async with serving(tmp_path) as server, http_client(server) as http:
        operator = await log_in(http, server, "boss", PASSWORD)
        await operator.ok("POST", "/api/admin/announce", {"message": "hello"})
        assert await make_admin(tmp_path, "other") == 0
        await http.get("/api/admin/audit")
        assert await server.stop() == 0
        log = await entries(tmp_path, "list")
        assert [entry["action"] for entry in log] == [
            "create-admin",
            "POST /api/admin/announce",
            "create-admin",
            "GET /api/admin/audit",
        ]
        assert f"4:{log[-1]['seal']}" in server.output
    status, line = await verify(tmp_path, "--head", f"4:{log[-1]['seal']}")
    assert (status, line) == (0, f"whole, 4 entries; head 4:{log[-1]['seal']}")


async def test_verify_names_the_first_wrong_entry(tmp_path: Path) -> None:
    """And exits with 1: a changed entry, a cut log, another secret."""
    for site_id in ("one", "two", "three"):
        assert await make_admin(tmp_path, site_id) == 0
    noted = (await verify(tmp_path))[1].rpartition(" ")[2]
    status, line = await verify(tmp_path, SYNCHUB_AUDIT_SECRET="s" * 32)
    assert (status, line) == (1, "entry 1: its key is none of those in the settings")
    with tampering(tmp_path) as database:
        database.execute("DELETE FROM audit_log WHERE number = 3")
        database.execute(
            "UPDATE audit_head SET (number, seal) ="
            " (SELECT number, seal FROM audit_log WHERE number = 2)"
        )
        assert (await verify(tmp_path))[0] == 0
        status, line = await verify(tmp_path, "--head", noted)
        assert (status, line) == (1, "entry 3: the noted entry is missing")
        database.execute("UPDATE audit_log SET target = 'site_id=two' WHERE number = 1")
    status, line = await verify(tmp_path)
    assert status == 1
    assert line.startswith("entry 1: it was changed")


async def test_a_head_that_is_none_is_refused(tmp_path: Path) -> None:
    status, output = await run_command("audit", "verify", "--head", "x", folder=tmp_path)
    assert status == 2
    assert "<number>:<seal>" in output
