"""Parts of the OpenAPI document that many calls share: headers, and the event stream."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def _header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


REQUEST_ID: Json = {"$ref": "#/components/parameters/RequestId"}
CACHE_CONTROL = _header("Cache-Control")
ETAG = _header("ETag")

_TEXT = {"type": "string"}

COMPONENTS: Mapping[str, Json] = {
    "parameters": {
        "RequestId": {
            "name": "X-Request-Id",
            "in": "header",
            "description": "The id of the request in our log: 1 to 64 letters, digits or any of "
            "`. _ -`. Without it, or with another one, the node chooses an id.",
            "required": False,
            "schema": _TEXT,
        }
    },
    "headers": {
        "Cache-Control": {
            "description": "`no-store`, except for what is public.",
            "schema": _TEXT,
            "example": "no-store",
        },
        "ETag": {
            "description": 'The position after the frames, in quotes: `"<epoch>:<seq>"`.',
            "required": True,
            "schema": _TEXT,
            "example": '"c81a5f0e:46"',
        },
        "WWW-Authenticate": {
            "description": "The scheme of the token (RFC 9110, section 11.6.1).",
            "required": True,
            "schema": {"type": "string", "const": "Bearer"},
            "example": "Bearer",
        },
        "Retry-After": {
            "description": "When to try again, in seconds (RFC 9110, section 10.2.3).",
            "required": True,
            "schema": {"type": "string", "pattern": "^[0-9]+$"},
            "example": "3",
        },
        "RateLimit": {
            "description": "What remains of the limit, and the seconds until it is full again "
            "(draft-ietf-httpapi-ratelimit-headers).",
            "schema": _TEXT,
            "example": '"user";r=0;t=3',
        },
        "RateLimit-Policy": {
            "description": "The limit, and its window in seconds.",
            "schema": _TEXT,
            "example": '"user";q=300;w=10',
        },
    },
}

PROBLEM_HEADERS: Mapping[str, Json] = {
    "401": {"WWW-Authenticate": _header("WWW-Authenticate")},
    "429": {name: _header(name) for name in ("Retry-After", "RateLimit", "RateLimit-Policy")},
    "503": {"Retry-After": _header("Retry-After")},
}

EVENT_STREAM: Json = {
    "description": "A stream that does not end by itself (WHATWG HTML, section 9.2). Each frame of "
    "the socket is the `data` of an event; the `id` of an event is the position after it. "
    "Comments are heartbeats. The last event has the type `close`, and as data the code with which "
    "a socket would be closed, and the reason.",
    "content": {
        "text/event-stream": {
            "schema": {
                "type": "string",
                "description": "UTF-8 text; the `data` of each event without a type is a frame.",
            },
            "example": 'data: {"type":"pong"}\n\n'
            ": heartbeat\n\n"
            'event: close\ndata: {"code": 3001, "reason": "shutting down"}\n\n',
        }
    },
}
