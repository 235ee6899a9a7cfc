"""The document of all realtime channels (AsyncAPI 3.1), made from the classes of the frames.

It describes the hub: `send` is what the hub sends and clients receive, `receive` what the hub takes
from clients.
"""

import json
from collections.abc import Iterable

import yaml

from adapters.wire.schemas.asyncapi.channels import CHANNELS, Channel, described, http_binding
from adapters.wire.schemas.asyncapi.messages import messages, names_in
from adapters.wire.schemas.frame_schemas import Schema, frame_components
from application.frames.close_codes import CLOSINGS

_DESCRIPTION = """\
The realtime side of Unified Sync Hub: every committed event of a user, in order and exactly once in
effect, on every device. The calls that cause events are in the OpenAPI document.

This document describes the hub: `send` is what the hub sends and clients receive, `receive` is what
the hub takes from clients.

- Every event has a `seq`, without a gap, and a version `v`. A client says what it accepts when it
  connects. Types and fields that it does not know are to be ignored: later releases add some.
- A client remembers the `epoch` of `sync_connected` and the last `seq`, and resumes with
  `since=<epoch>:<seq>`.
- A handshake that may not connect is answered by an HTTP error (`application/problem+json`). A
  client that offers the subprotocol `synchub.v1` is accepted and closed with a code instead.
"""

_REPLIES = {"Ping": ("Pong",), "Auth": ("AuthOk", "ErrorFrame")}

_SECURITY: Schema = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token in the header `Authorization`. `monitor` needs one of the "
        "role `admin`.",
    },
    "subprotocol": {
        "type": "httpApiKey",
        "in": "header",
        "name": "Sec-WebSocket-Protocol",
        "description": "The access token as the subprotocol `bearer.<token>`, offered beside "
        "`synchub.v1`: for browsers, which cannot set `Authorization` on a WebSocket.",
    },
    "ticket": {
        "type": "httpApiKey",
        "in": "query",
        "name": "ticket",
        "description": "A ticket of `POST /api/realtime/ticket`: for one connection, within 30 s, "
        "at the endpoint that it was made for, from the same origin.",
    },
    "query": {
        "type": "httpApiKey",
        "in": "query",
        "name": "token",
        "description": "The access token in the address, which ends up in logs and histories. A "
        "setting allows it; in production it is off by default.",
    },
}
_OVER_HTTP = ("bearer", "ticket", "query")


def asyncapi_document() -> Schema:
    """The whole document."""
    schemas = frame_components()
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Unified Sync Hub",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "MIT"},
            "tags": [{"name": "realtime"}],
        },
        "defaultContentType": "application/json",
        "servers": {
            "ws": _server("ws", "WebSockets; `wss` behind a proxy that terminates TLS.", _SECURITY),
            "http": _server("http", "Server-Sent Events; `https` behind a proxy.", _OVER_HTTP),
        },
        "channels": {
            channel.name: described(channel, _messages_of(channel, schemas)) for channel in CHANNELS
        },
        "operations": {
            name: operation
            for channel in CHANNELS
            for name, operation in _operations(channel, schemas)
        },
        "components": {
            "schemas": schemas,
            "messages": messages(schemas),
            "securitySchemes": _SECURITY,
            "correlationIds": {
                "cause": {
                    "description": "The `Idempotency-Key` of the request that caused the event: a "
                    "device recognizes its own echo by it.",
                    "location": "$message.payload#/cause",
                }
            },
        },
        "x-close-codes": [
            {
                "code": int(code),
                "name": code.name.lower(),
                "meaning": closing.meaning,
                "advice": closing.advice,
            }
            for code, closing in CLOSINGS.items()
        ],
    }


def asyncapi_yaml() -> str:
    """The whole document in YAML."""
    apart = json.loads(json.dumps(asyncapi_document()))  # shared parts would become anchors
    text: str = yaml.safe_dump(apart, sort_keys=False, allow_unicode=True, width=100)
    return text


def _server(protocol: str, description: str, security: Iterable[str]) -> Schema:
    return {
        "host": "{host}",
        "protocol": protocol,
        "description": description,
        "variables": {
            "host": {"default": "127.0.0.1:8000", "description": "Host and port of a node."}
        },
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in security],
    }


def _messages_of(channel: Channel, schemas: Schema) -> Schema:
    names = [*names_in(schemas, channel.frames), *channel.takes]
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _operations(channel: Channel, schemas: Schema) -> Iterable[tuple[str, Schema]]:
    title = channel.name.capitalize()
    yield (
        f"send{title}Frames",
        {
            "action": "send",
            "channel": _channel(channel),
            "title": f"Frames of {channel.name}",
            "summary": channel.summary,
            "description": channel.first_frames,
            "messages": _references(channel, names_in(schemas, channel.frames)),
            **({"bindings": http_binding(channel)} if channel.protocol == "http" else {}),
        },
    )
    for name in channel.takes:
        yield (
            f"receive{title}{name}",
            {
                "action": "receive",
                "channel": _channel(channel),
                "title": f"{name} at {channel.name}",
                "summary": schemas[name]["description"],
                "messages": _references(channel, [name]),
                "reply": {
                    "channel": _channel(channel),
                    "messages": _references(channel, _REPLIES[name]),
                },
            },
        )


def _channel(channel: Channel) -> Schema:
    return {"$ref": f"#/channels/{channel.name}"}


def _references(channel: Channel, names: Iterable[str]) -> list[Schema]:
    return [{"$ref": f"#/channels/{channel.name}/messages/{name}"} for name in names]
