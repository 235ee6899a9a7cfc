"""Requests and responses as text, for examples."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from tools.contract_gate.findings import as_json
from tools.contract_gate.openapi.operations import Answer, Operation


def request_text(operation: Operation, request: dict[str, Any]) -> str:
    """The request line, headers and body of an object of the operation's request schema."""
    path = operation.path
    for name, value in request["path"].items():
        path = path.replace("{" + name + "}", quote(_plain(value), safe=""))
    query = {name: _plain(value) for name, value in request["query"].items()}
    target = f"{path}?{urlencode(query)}" if query else path
    lines = [f"{operation.method} {target} HTTP/1.1", *_headers(request["header"])]
    if request["cookie"]:
        pairs = (f"{name}={_plain(value)}" for name, value in request["cookie"].items())
        lines.append(f"cookie: {'; '.join(pairs)}")
    for media_type, content in request.get("body", {}).items():
        lines += [f"content-type: {media_type}", "", as_json(content)]
    return "\n".join(lines)


def answer_text(operation: Operation, answer: Answer, response: dict[str, Any]) -> str:
    """The status line, headers and body of an answer to the operation."""
    status, media_type = answer
    phrase = HTTPStatus(int(status)).phrase if status.isdigit() else ""
    lines = [f"{operation.name()} answers", f"HTTP/1.1 {status} {phrase}".rstrip()]
    lines += _headers(response["header"])
    if "content" in response:
        lines += [f"content-type: {media_type}", "", as_json(response["content"])]
    return "\n".join(lines)


def _headers(headers: dict[str, Any]) -> list[str]:
    return [f"{name}: {_plain(value)}" for name, value in headers.items()]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else as_json(value)
