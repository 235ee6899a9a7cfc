"""The tools of `tests/npm`, which check the published documents."""

import asyncio
from pathlib import Path

TOOLS = Path(__file__).parents[1] / "npm"
COMMANDS = TOOLS / "node_modules/.bin"


async def run_tool(*arguments: str | Path, stdin: str = "") -> tuple[int, str]:
    """Run a program to its end; returns its status and what it prints."""
    process = await asyncio.create_subprocess_exec(
        *map(str, arguments),
        cwd=TOOLS,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate(stdin.encode())
    assert process.returncode is not None
    return process.returncode, output.decode()
