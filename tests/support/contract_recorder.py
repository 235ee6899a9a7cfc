"""Checks all that tests receive against the published contract (a pytest plugin).

Frames are seen where tests receive them: in the WebSocket library, in Server-Sent Events, and on
raw sockets. A whole run of the tests must have seen a frame of every schema. HTTP answers are seen
in the HTTP library.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import ClientConnection

from tests.support.contract import Key, check_frame, key_of, validators
from tests.support.rest_contract import check_answer

ENDPOINT_OF = {
    "/api/realtime/sync": "sync",
    "/api/realtime/stream": "sync",
    "/api/games/ws": "legacy",
    "/api/games/ws/monitor": "monitor",
}

_OUTPUT = "seen_schemas"
_seen: set[Key] = set()
_receive = ClientConnection.recv
_send = httpx.AsyncClient.send


def see(target: str, message: str | bytes) -> None:
    """Check a frame that came from this address; messages of other addresses are not ours."""
    endpoint = ENDPOINT_OF.get(urlsplit(target).path)
    if endpoint is not None:
        frame = json.loads(message)
        check_frame(endpoint, frame)
        _seen.add(key_of(endpoint, frame))


async def _recording_recv(connection: ClientConnection, *args: Any, **options: Any) -> Any:
    message = await _receive(connection, *args, **options)
    if connection.request is not None:
        see(connection.request.path, message)
    return message


async def _checking_send(
    client: httpx.AsyncClient, request: httpx.Request, *, stream: bool = False, **options: Any
) -> httpx.Response:
    response = await _send(client, request, stream=stream, **options)
    check_answer(response, with_body=not stream)
    return response


def pytest_configure() -> None:
    """See what the libraries receive."""
    ClientConnection.recv = _recording_recv  # type: ignore[method-assign, assignment]
    httpx.AsyncClient.send = _checking_send  # type: ignore[method-assign, assignment]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect what a worker of pytest-xdist has seen."""
    _seen.update(tuple(key) for key in getattr(node, "workeroutput", {}).get(_OUTPUT, ()))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a whole run that has not seen every schema."""
    output: Any = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_OUTPUT] = sorted(_seen)
    elif exitstatus == pytest.ExitCode.OK and _is_whole_run(session.config):
        missing = sorted(set(validators()) - _seen)
        if missing:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            reporter = session.config.pluginmanager.get_plugin("terminalreporter")
            if reporter is not None:
                reporter.write_line(f"no test has received a frame of: {missing}", red=True)


def _is_whole_run(config: pytest.Config) -> bool:
    arguments: Sequence[str] = config.invocation_params.args
    selecting = ("-k", "-m", "--deselect", "--lf", "--ff", "--collect-only", "--co")
    return config.args == config.getini("testpaths") and not any(
        argument.startswith(selecting) for argument in arguments
    )
