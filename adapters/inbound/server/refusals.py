"""What is refused before any application sees it, as finished HTTP responses.

The bodies are problem documents (RFC 9457), like those of the application.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from math import ceil

from attrs import frozen

from domain.errors import TooManyRequests

PROBLEM = "application/problem+json"


@frozen
class Refusal:
    """One kind of refusal; `code` is stable and machine-readable."""

    status: int
    title: str
    code: str
    meaning: str


HEAD_TOO_LARGE = Refusal(
    431, "Request head too large", "head_too_large", "The request line and headers are too long."
)
HEAD_TOO_LATE = Refusal(
    408, "Request timeout", "head_too_late", "The request line and headers took too long to arrive."
)
BODY_TOO_LATE = Refusal(
    408, "Request timeout", "body_too_late", "The body took too long to arrive."
)
BODY_TOO_LARGE = Refusal(413, "Body too large", "body_too_large", "The body exceeds 64 KiB.")
MALFORMED = Refusal(
    400, "Malformed request", "malformed_request", "The request is not valid HTTP or JSON."
)
REFUSALS = (HEAD_TOO_LARGE, HEAD_TOO_LATE, BODY_TOO_LATE, BODY_TOO_LARGE, MALFORMED)

TOO_MANY = "Too many requests"


def response(refusal: Refusal, cors: Mapping[str, str]) -> bytes:
    """The whole response, with these headers; the connection is closed after it."""
    body = problem_body(refusal.status, refusal.title, refusal.code, refusal.meaning)
    return _response(refusal.status, body, {"Content-Type": PROBLEM, **cors})


def too_many_response(error: TooManyRequests, cors: Mapping[str, str]) -> bytes:
    """The same for what exceeds a limit."""
    headers = {"Content-Type": PROBLEM, **limit_headers(error), **cors}
    return _response(429, too_many_body(error), headers)


def preflight_response(cors: Mapping[str, str]) -> bytes:
    """The same for a preflight (`Cors.preflight`)."""
    return _response(204, b"", cors)


def too_many_body(error: TooManyRequests) -> bytes:
    """The problem document of what exceeds a limit."""
    return problem_body(429, TOO_MANY, error.error_code, str(error))


def problem_body(status: int, title: str, code: str, detail: str) -> bytes:
    """A problem document."""
    members = {"type": "about:blank", "title": title, "status": status, "code": code}
    return json.dumps({**members, "detail": detail}).encode()


def limit_headers(error: TooManyRequests) -> Mapping[str, str]:
    """When to try again, and the limit (draft-ietf-httpapi-ratelimit-headers-10)."""
    seconds = ceil(error.retry_after_s)
    headers = {"Retry-After": str(seconds)}
    if error.quota is not None:
        name, amount, window_s = error.quota
        headers["RateLimit-Policy"] = f'"{name}";q={amount};w={window_s}'
        headers["RateLimit"] = f'"{name}";r=0;t={seconds}'
    return headers


def _response(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "Connection: close",
        *([f"Content-Length: {len(body)}"] if body else []),
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
