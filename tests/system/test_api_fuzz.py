"""Schemathesis against the OpenAPI document of a running node: nothing undocumented, no 5xx.

CHAOS_API_EXAMPLES=1000 python -m pytest -s tests/system/test_api_fuzz.py
"""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from tests.support.client import PASSWORD, http_client, log_in
from tests.support.process import run_command, serving
from tests.support.scale import LONG, SEED, scale

EXAMPLES = scale("API_EXAMPLES", 3)
CALLS = scale("API_CALLS", 300)
"""How many calls there have to be at least."""

CONFIG = Path(__file__).parents[1] / "support/schemathesis.toml"


@pytest.mark.timeout(2 * LONG)
async def test_nothing_is_undocumented(tmp_path: Path) -> None:
    """Every answer to right and wrong calls of an operator is one that the document declares."""
    async with serving(tmp_path) as server, http_client(server) as http:
        arguments = ("create-admin", "operator", "--password-stdin")
        status, output = await run_command(*arguments, folder=tmp_path, stdin=PASSWORD + "\n")
        assert status == 0, output
        operator = await log_in(http, server, "operator", PASSWORD)
        status, output = await schemathesis(
            tmp_path,
            f"{server.url}/schema/openapi.json",
            f"--header=Authorization: Bearer {operator.access_token}",
            f"--max-examples={EXAMPLES}",
            f"--seed={SEED}",
        )
        assert status == 0, output
        generated = re.search(r"(\d+) generated", output)
        assert generated is not None
        assert int(generated[1]) >= CALLS
        print(output)
        assert '"level": "error"' not in server.output
        assert "Traceback" not in server.output


async def schemathesis(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run it in a folder, where it keeps its files; returns its status and what it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(CONFIG)),
        *("run", "--checks=all", "--continue-on-failure", "--output-truncate=false", *arguments),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()
