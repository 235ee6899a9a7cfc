"""Validation of HTTP answers against the published OpenAPI document."""

import json
import re
from functools import cache
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator

from adapters.inbound.server.refusals import PROBLEM
from tests.support.contract import SCHEMAS

Operation = dict[str, Any]

OF_NO_CALL = {"no_such_route", "method_not_allowed"}
"""Codes of answers that are given before it is known which call is meant."""

_PARAMETER = re.compile(r"\\\{\w+\\\}")


def check_answer(response: httpx.Response, *, with_body: bool) -> None:
    """AssertionError, saying what is wrong, unless the document declares this answer to this call.
    Calls that are not in the document are not ours to check."""
    request = response.request
    operation = operation_of(request.method, request.url.path)
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if operation is None or (with_body and _is_of_no_call(response, media_type)):
        return
    call = f"{request.method} {request.url.path}: {response.status_code}"
    declared = operation["responses"].get(str(response.status_code))
    assert declared is not None, f"{call} is not documented: {response.text if with_body else ''}"
    content = declared.get("content", {})
    if not content or not (with_body and response.content):
        return
    assert media_type in content, f"{call} as {media_type} is not documented"
    if media_type.endswith("json"):
        key = f"{request.method} {operation['path']} {response.status_code} {media_type}"
        problems = [error.message for error in _validator(key).iter_errors(response.json())]
        assert not problems, f"{call} {response.text}: {problems}"
    if media_type == PROBLEM:
        code = response.json()["code"]
        assert code in content[PROBLEM]["examples"], f"{call} with the code {code}"


def _is_of_no_call(response: httpx.Response, media_type: str) -> bool:
    return media_type == PROBLEM and response.json().get("code") in OF_NO_CALL


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
