"""Validation of HTTP answers against the published OpenAPI document."""

import json
import re
from functools import cache
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator

from tests.support.contract import SCHEMAS

Operation = dict[str, Any]

_PARAMETER = re.compile(r"\\\{\w+\\\}")


def check_answer(response: httpx.Response, *, with_body: bool) -> None:
    """AssertionError, saying what is wrong, unless the document declares this answer to this call.
    Calls that are not in the document are not ours to check."""
    request = response.request
    operation = operation_of(request.method, request.url.path)
    if operation is None:
        return
    call = f"{request.method} {request.url.path}: {response.status_code}"
    declared = operation["responses"].get(str(response.status_code))
    assert declared is not None, f"{call} is not documented: {response.text if with_body else ''}"
    content = declared.get("content", {})
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if not content or not (with_body and response.content):
        return
    assert media_type in content, f"{call} as {media_type} is not documented"
    if media_type.endswith("json"):
        key = f"{request.method} {operation['path']} {response.status_code} {media_type}"
        problems = [error.message for error in _validator(key).iter_errors(response.json())]
        assert not problems, f"{call} {response.text}: {problems}"


def operation_of(method: str, path: str) -> Operation | None:
    """The documented operation of a call."""
    for pattern, operations in _operations():
        if pattern.fullmatch(path) and method.lower() in operations:
            operation: Operation = operations[method.lower()]
            return operation
    return None


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SCHEMAS / "openapi.json").read_text("utf-8"))
    return document


@cache
def _operations() -> list[tuple[re.Pattern[str], dict[str, Operation]]]:
    """By path; paths without parameters first, since they are more special."""
    found = []
    for path, operations in sorted(_document()["paths"].items(), key=lambda item: "{" in item[0]):
        pattern = re.compile(_PARAMETER.sub("[^/]+", re.escape(path)))
        found.append((pattern, {name: {**one, "path": path} for name, one in operations.items()}))
    return found


@cache
def _validator(key: str) -> Draft202012Validator:
    method, path, status, media_type = key.split(" ")
    responses = _document()["paths"][path][method.lower()]["responses"]
    schema = responses[status]["content"][media_type]["schema"]
    return Draft202012Validator({**schema, "components": _document()["components"]})
