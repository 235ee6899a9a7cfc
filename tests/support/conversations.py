"""Conversations of `docs/protocol.md`: what goes over the wire, to be sent and compared.

A fenced block `wire` is one conversation. Lines with `>` are sent, lines with `<` are expected,
lines with `#` are what somebody else does (`Actions`), indented lines continue the one above.

    > WS /api/realtime/sync       opens a socket; the indented lines below are headers
    > {"type": "ping"}            a message; > ping: the bare text
    < {"type": "pong"}            the next frame
    < …                           any frames, up to one that the next line expects
    > POST /path {"a": 1}         a request; < 200 {"b": 2}: its answer
    < id: …  and  < data: {…}     an event of a stream that a GET has opened
    < close 3005                  the server closes; > close: the client closes

In JSON, `"<name>"` stands for any value at first and for the same one later, `"<seq + 1>"` is
computed, and a member `"…"` stands for further members.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx
from attrs import define, field, frozen
from websockets import Subprotocol
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.client import PATIENCE_S, Server
from tests.support.event_stream import EventStream

FURTHER = "…"

_BLOCK = re.compile(r"^```wire(?P<tags>[^\n]*)\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"<(\w+)>")
_SUM = re.compile(r"<(\w+) \+ (\d+)>")
_CALL = re.compile(r"(GET|POST|PATCH) (\S+)(?: (.*))?", re.DOTALL)
_ANSWER = re.compile(r"(\d{3})(?: (.*))?", re.DOTALL)

Actions = Mapping[str, Callable[["Speaker"], Awaitable[None]]]
"""What others do meanwhile, by its words."""


@frozen
class Line:
    """A line with those that continue it; `sign` is `>`, `<` or `#`."""

    sign: str
    text: str
    more: Sequence[str] = ()


@frozen
class Conversation:
    """A block of the page; `tags` say what its node needs."""

    tags: str
    lines: Sequence[Line]


def conversations(page: str) -> list[Conversation]:
    """All blocks of a page."""
    return [
        Conversation(match["tags"].strip(), [*_lines(match["text"])])
        for match in _BLOCK.finditer(page)
    ]


def _lines(text: str) -> Iterator[Line]:
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith((">", "<", "#")):
            if current:
                yield Line(current[0][0], current[0][1:].strip(), current[1:])
            current = [line]
        elif line.strip():
            current.append(line.strip())
    if current:
        yield Line(current[0][0], current[0][1:].strip(), current[1:])


@define
class Speaker:
    """Holds one conversation with a server. `names` keeps what placeholders stand for."""

    server: Server
    http: httpx.AsyncClient
    names: dict[str, Any]
    actions: Actions
    socket: ClientConnection | None = None
    _answer: httpx.Response | None = None
    _refusal: InvalidStatus | None = None
    _stream: EventStream | None = None
    _event_id: str | None = None
    _skip: bool = False
    _open: AsyncExitStack = field(factory=AsyncExitStack)

    async def hold(self, conversation: Conversation) -> None:
        """Send and compare every line; AssertionError where the server says something else."""
        async with self._open:
            for line in conversation.lines:
                if line.sign == "#":
                    await self.actions[line.text](self)
                elif line.sign == ">":
                    await self._send(line)
                else:
                    await self._expect(line)

    async def _send(self, line: Line) -> None:
        text = self._filled(line.text)
        if text.startswith("WS "):
            await self._connect(text.removeprefix("WS "), self._headers(line))
        elif call := _CALL.fullmatch(text):
            await self._call(call[1], call[2], call[3], self._headers(line))
        elif text == "close":
            assert self.socket is not None
            await self.socket.close()
        else:
            assert self.socket is not None
            await self.socket.send(" ".join([text, *map(self._filled, line.more)]))

    async def _connect(self, target: str, headers: dict[str, str]) -> None:
        offered = headers.pop("Sec-WebSocket-Protocol", "")
        protocols = [Subprotocol(name.strip()) for name in offered.split(",") if name.strip()]
        opening = connect(
            self.server.ws_url + target, subprotocols=protocols or None, additional_headers=headers
        )
        try:
            self.socket = await self._open.enter_async_context(opening)
        except InvalidStatus as refused:
            self._refusal = refused

    async def _call(self, method: str, path: str, body: str | None, headers: Any) -> None:
        content = None if body is None else json.loads(body)
        if headers.get("Accept") == "text/event-stream":
            opening = self.http.stream(method, path, headers=headers)
            response = await self._open.enter_async_context(opening)
            self._stream = EventStream(response, response.aiter_lines())
            return
        self._answer = await self.http.request(method, path, json=content, headers=headers)

    async def _expect(self, line: Line) -> None:
        text = " ".join([line.text, *(one for one in line.more if not _is_header(one))])
        if text == FURTHER:
            self._skip = True
        elif text.startswith("close "):
            await self._expect_close(int(text.removeprefix("close ")))
        elif answer := _ANSWER.fullmatch(text):
            self._expect_answer(int(answer[1]), answer[2], self._raw_headers(line))
        elif text.startswith("id: "):
            self._event_id = text.removeprefix("id: ")
        elif text.startswith("data: "):
            await self._expect_event(json.loads(text.removeprefix("data: ")))
        else:
            await self._expect_frame(json.loads(text))

    async def _expect_frame(self, expected: Any) -> None:
        skip, self._skip = self._skip, False
        while True:
            frame = await self._frame()
            problem = self.mismatch(expected, frame)
            if problem is None:
                return
            assert skip, f"{frame}: {problem}"

    async def _frame(self) -> Any:
        assert self.socket is not None, f"the handshake was refused: {self._refusal}"
        return json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE_S))

    async def _expect_event(self, expected: Any) -> None:
        assert self._stream is not None
        skip, self._skip = self._skip, False
        wanted_id, self._event_id = self._event_id, None
        while True:
            event = await self._stream.next()
            problem = self.mismatch(expected, event.frame) if event.data else "a comment"
            if problem is None:
                break
            assert skip or not event.data, f"{event}: {problem}"
        if wanted_id is not None:
            assert self.mismatch(wanted_id, event.id) is None, event

    async def _expect_close(self, code: int) -> None:
        assert self.socket is not None
        if self._skip:
            await asyncio.wait_for(self.socket.wait_closed(), PATIENCE_S)
        else:
            await asyncio.wait_for(self._closed(), PATIENCE_S)
        self._skip = False
        assert self.socket.close_code == code

    async def _closed(self) -> None:
        assert self.socket is not None
        with suppress(ConnectionClosed):
            frame = await self.socket.recv()
            raise AssertionError(f"the page does not mention {frame!r}")

    def _expect_answer(self, status: int, body: str | None, headers: Mapping[str, str]) -> None:
        if self._refusal is not None:
            response: Any = self._refusal.response
            content, self._refusal = response.body, None
        else:
            response = self._answer
            content = response.content
        assert response.status_code == status, content
        for name, value in headers.items():
            assert self.mismatch(value, response.headers[name]) is None, response.headers
        if body is not None:
            problem = self.mismatch(json.loads(body), json.loads(content))
            assert problem is None, f"{content!r}: {problem}"

    def mismatch(self, expected: Any, actual: Any) -> str | None:
        """What differs, if anything does; new placeholders are bound only if nothing does."""
        names = dict(self.names)
        problem = _mismatch(expected, actual, names, "")
        if problem is None:
            self.names = names
        return problem

    def _filled(self, text: str) -> str:
        text = _SUM.sub(lambda match: str(self.names[match[1]] + int(match[2])), text)
        return _NAME.sub(lambda match: str(self.names[match[1]]), text)

    def _headers(self, line: Line) -> dict[str, str]:
        return {name: self._filled(value) for name, value in self._raw_headers(line).items()}

    def _raw_headers(self, line: Line) -> dict[str, str]:
        pairs = (one.partition(": ") for one in line.more if _is_header(one))
        return {name: value for name, _, value in pairs}


def _is_header(text: str) -> bool:
    return re.match(r"[A-Za-z-]+: ", text) is not None


def _mismatch(expected: Any, actual: Any, names: dict[str, Any], place: str) -> str | None:
    if isinstance(expected, dict) and isinstance(actual, dict):
        members = {name for name in expected if name != FURTHER}
        if members - actual.keys() or (FURTHER not in expected and actual.keys() - members):
            return f"{place}: members are {sorted(actual)}, not {sorted(members)}"
        found = (
            _mismatch(expected[name], actual[name], names, f"{place}.{name}")
            for name in expected
            if name != FURTHER
        )
        return next((problem for problem in found if problem is not None), None)
    if isinstance(expected, list) and isinstance(actual, list):
        if FURTHER not in expected and len(expected) != len(actual):
            return f"{place}: {len(actual)} items, not {len(expected)}"
        listed = [item for item in expected if item != FURTHER]
        found = (_mismatch(*pair, names, place) for pair in zip(listed, actual, strict=False))
        return next((problem for problem in found if problem is not None), None)
    if isinstance(expected, str) and "<" in expected:
        return _mismatch_of_text(expected, actual, names, place)
    return None if expected == actual else f"{place}: {actual!r}, not {expected!r}"


def _mismatch_of_text(expected: str, actual: Any, names: dict[str, Any], place: str) -> str | None:
    if whole := _NAME.fullmatch(expected):
        if names.setdefault(whole[1], actual) == actual:
            return None
        return f"{place}: {actual!r}, not {names[whole[1]]!r}"
    if computed := _SUM.fullmatch(expected):
        wanted = names[computed[1]] + int(computed[2])
        return None if actual == wanted else f"{place}: {actual!r}, not {wanted!r}"
    filled = _SUM.sub(lambda match: str(names[match[1]] + int(match[2])), expected)
    filled = _NAME.sub(lambda match: str(names[match[1]]), filled)
    return None if filled == actual else f"{place}: {actual!r}, not {filled!r}"
