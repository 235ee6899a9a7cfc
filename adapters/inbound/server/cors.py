"""Cross-origin answers that are made before the application, so that scripts can read them.

The application's own answers get the same headers from Litestar, with the same lists.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from attrs import frozen

PREFLIGHT_S = 3600
"""How long browsers keep the answer to a preflight; none of them keeps it longer than a day."""

METHODS: tuple[Literal["GET", "POST", "PATCH", "DELETE"], ...] = ("GET", "POST", "PATCH", "DELETE")
REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Last-Event-ID",
    "X-Idempotency-Key",
    "X-Request-Id",
)
RESPONSE_HEADERS = ("ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate")

RawHeaders = Iterable[tuple[bytes, bytes]]

_FIELD = re.compile(rb"^([!-9;-~]+):[ \t]*([^\r\n]*?)[ \t]*\r?$", re.MULTILINE)


@frozen
class Cors:
    """`origins` are those whose pages may use the API, such as `https://play.example`."""

    origins: frozenset[str]

    def headers(self, request: RawHeaders) -> Mapping[str, str]:
        """For an answer to a request with these headers, whose names are in lower case."""
        varies = {"Vary": "Origin"}
        origin = self._origin(request)
        if origin is None:
            return varies
        return {
            **varies,
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Expose-Headers": ", ".join(RESPONSE_HEADERS),
        }

    def preflight(self, method: str, request: RawHeaders) -> Mapping[str, str] | None:
        """The headers of the answer to a preflight of a listed origin; None if it is none. Browsers
        do not tell scripts why a preflight was refused: so it is accepted also over a limit, and
        the request itself is refused."""
        fields = list(request)
        origin = self._origin(fields)
        asks = any(name == b"access-control-request-method" for name, _ in fields)
        if method != "OPTIONS" or origin is None or not asks:
            return None
        return {
            "Vary": "Origin",
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Allow-Methods": ", ".join(METHODS),
            "Access-Control-Allow-Headers": ", ".join(REQUEST_HEADERS),
            "Access-Control-Max-Age": str(PREFLIGHT_S),
        }

    def _origin(self, request: RawHeaders) -> str | None:
        named = [value.decode("latin-1") for name, value in request if name == b"origin"]
        return named[0] if len(named) == 1 and named[0] in self.origins else None


def fields_of(head: bytes | bytearray) -> list[tuple[bytes, bytes]]:
    """The header fields of a request head that nobody has parsed, as far as it has come."""
    _, _, lines = head.partition(b"\r\n\r\n")[0].partition(b"\r\n")
    return [(match[1].lower(), match[2]) for match in _FIELD.finditer(lines)]
