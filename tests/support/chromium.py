"""A headless Chromium that is driven over the DevTools protocol."""

import asyncio
import itertools
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from attrs import define, field
from websockets.asyncio.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
START_S = 60.0
ANSWER_S = 60.0


class PageError(Exception):
    """A script of the page threw."""


@define(eq=False)
class Page:
    """A page of the browser. `exceptions` are those that no script caught."""

    _socket: ClientConnection
    exceptions: list[str] = field(factory=list)
    _ids: "itertools.count[int]" = field(factory=itertools.count)
    _waiting: dict[int, "asyncio.Future[Any]"] = field(factory=dict)
    _loaded: asyncio.Event = field(factory=asyncio.Event)

    async def open(self, url: str) -> None:
        """Load the page and wait for its scripts."""
        await self._send("Page.enable")
        await self._send("Runtime.enable")
        self._loaded.clear()
        await self._send("Page.navigate", url=url)
        await asyncio.wait_for(self._loaded.wait(), ANSWER_S)

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression; a promise is awaited. PageError if it throws."""
        answer = await self._send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if details := answer.get("exceptionDetails"):
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    async def call(self, function: str, *arguments: object) -> Any:
        """The result of a function of the page."""
        return await self.evaluate(f"{function}({', '.join(map(json.dumps, arguments))})")

    async def until(self, condition: str, timeout_s: float = ANSWER_S) -> None:
        """Return when the expression is true; TimeoutError if it never is."""
        async with asyncio.timeout(timeout_s):
            while not await self.evaluate(f"Boolean({condition})"):  # noqa: ASYNC110 (page state)
                await asyncio.sleep(0.05)

    async def listen(self) -> None:
        """Read what the browser sends, until it ends."""
        async for text in self._socket:
            message = json.loads(text)
            if "id" in message:
                self._answer(message)
            elif message["method"] == "Page.loadEventFired":
                self._loaded.set()
            elif message["method"] == "Runtime.exceptionThrown":
                details = message["params"]["exceptionDetails"]
                exception = details.get("exception", {}).get("description")
                self.exceptions.append(exception or details["text"])

    def _answer(self, message: Any) -> None:
        waiting = self._waiting.pop(message["id"])
        if "error" in message:
            waiting.set_exception(PageError(message["error"]["message"]))
        else:
            waiting.set_result(message["result"])

    async def _send(self, method: str, **parameters: object) -> Any:
        number = next(self._ids)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": parameters}
        await self._socket.send(json.dumps(message))
        return await asyncio.wait_for(self._waiting[number], ANSWER_S)


@asynccontextmanager
async def browser_page(folder: Path) -> AsyncIterator[Page]:
    """An empty page of a browser whose profile is in `folder`."""
    assert CHROMIUM is not None, "is chromium installed?"
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = await asyncio.create_subprocess_exec(
        CHROMIUM,
        "--headless=new",
        "--remote-debugging-port=0",
        f"--user-data-dir={folder}",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        *sandbox,
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        address = await _address(folder / "DevToolsActivePort", browser)
        async with connect(address, max_size=None) as socket:
            page = Page(socket)
            listening = asyncio.create_task(page.listen())
            try:
                yield page
            finally:
                listening.cancel()
    finally:
        with suppress(ProcessLookupError):
            browser.terminate()
        await browser.wait()


def _first_line(file: Path) -> str:
    return file.read_text().splitlines()[0]


async def _address(file: Path, browser: asyncio.subprocess.Process) -> str:
    """The address of the first page, once the browser has written its port."""
    async with asyncio.timeout(START_S), httpx.AsyncClient() as http:
        while True:
            assert browser.returncode is None, "the browser has ended"
            with suppress(OSError, ValueError, IndexError, httpx.HTTPError):
                port = int(await asyncio.to_thread(_first_line, file))
                targets = (await http.get(f"http://127.0.0.1:{port}/json/list")).json()
                pages = [one for one in targets if one["type"] == "page"]
                return str(pages[0]["webSocketDebuggerUrl"])
            await asyncio.sleep(0.05)
