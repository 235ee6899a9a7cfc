"""The realtime contract as a page: the AsyncAPI document for readers.

Plain HTML that the server makes, with a style sheet of ours: no script and no other address.
"""

import json
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

from adapters.inbound.pages.field_rows import FieldRow, field_rows
from adapters.inbound.pages.markup import element, prose, table, words
from adapters.inbound.pages.page import API_DOCS_PATH
from adapters.wire.schemas.asyncapi.document import asyncapi_document

Json = dict[str, Any]


class ContractPage(OpenAPIRenderPlugin):
    """The page. It is made at the first request for it."""

    def __init__(self, *, path: list[str]) -> None:
        super().__init__(path=path)
        self._page: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._page is None:
            self._page = contract_page(asyncapi_document()).encode()
        return self._page


def contract_page(document: Json) -> str:
    """The page of a document."""
    title = f"{document['info']['title']}: events"
    parts = [
        _introduction(document),
        _section("tokens", "Carry a token", _tokens(document)),
        _section("channels", "Channels", _channels(document)),
        _section("close-codes", "Close codes", [_close_codes(document)]),
        _section("messages", "Messages", _messages(document)),
    ]
    return f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{escape(title)}</title>
  <link rel="icon" href="{API_DOCS_PATH}/favicon-32x32.png" type="image/png">
  <link rel="stylesheet" href="{API_DOCS_PATH}/contract.css">
</head>
<body>
<main>
{"".join(parts)}
</main>
</body>
</html>
"""


def _introduction(document: Json) -> str:
    links = {
        "#tokens": "Tokens",
        "#channels": "Channels",
        "#close-codes": "Close codes",
        "#messages": "Messages",
        "/schema/asyncapi.json": "AsyncAPI (JSON)",
        "/schema/asyncapi.yaml": "AsyncAPI (YAML)",
        "/schema": "REST calls",
    }
    items = "".join(f'<li><a href="{address}">{text}</a></li>' for address, text in links.items())
    heading = element("h1", f"{document['info']['title']}: events")
    nav = f'<nav aria-label="On this page"><ul>{items}</ul></nav>'
    return f"<header>{heading}{prose(document['info']['description'])}{nav}</header>\n"


def _section(anchor: str, title: str, parts: Iterable[str]) -> str:
    return f'<section id="{anchor}">\n<h2>{title}</h2>\n{"".join(parts)}</section>\n'


def _tokens(document: Json) -> Iterator[str]:
    yield prose("In any of these places; the first one that is there counts.")
    schemes = document["components"]["securitySchemes"]
    rows = ((words(f"`{name}`"), words(way["description"])) for name, way in schemes.items())
    yield table(("way", "the token stands"), rows)


def _channels(document: Json) -> Iterator[str]:
    for name, channel in document["channels"].items():
        reference = {"$ref": f"#/channels/{name}"}
        operations = document["operations"].values()
        yield _channel(name, channel, [each for each in operations if each["channel"] == reference])


def _channel(name: str, channel: Json, operations: list[Json]) -> str:
    note = '<span class="tag">deprecated</span>' if channel.get("x-deprecated") else ""
    address = words(f"`{channel['address']}`")
    parts = [f"<h3>{words(channel['title'])} {address}{note}</h3>", prose(channel["description"])]
    query = _query(channel, operations)
    if query:
        rows = (
            (words(f"`{key}`"), words(parameter["description"])) for key, parameter in query.items()
        )
        parts.append(table(("parameter", "meaning"), rows))
    for action, label in (("send", "Frames"), ("receive", "Messages of clients")):
        names = [
            reference["$ref"].rpartition("/")[2]
            for operation in operations
            if operation["action"] == action
            for reference in operation["messages"]
        ]
        if names:
            linked = ", ".join(f'<a href="#{each}">{each}</a>' for each in names)
            parts.append(f"<p>{label}: {linked}</p>")
    return f'<article id="channel-{name}">\n{"".join(parts)}\n</article>\n'


def _query(channel: Json, operations: list[Json]) -> Json:
    bindings = channel.get("bindings") or operations[0].get("bindings", {})
    for binding in bindings.values():
        query: Json = binding["query"]["properties"]
        return query
    return {}


def _close_codes(document: Json) -> str:
    rows = (
        (escape(str(entry["code"])), words(entry["meaning"]), words(entry["advice"]))
        for entry in sorted(document["x-close-codes"], key=lambda entry: int(entry["code"]))
    )
    return table(("code", "meaning", "the client should"), rows)


def _messages(document: Json) -> Iterator[str]:
    schemas = document["components"]["schemas"]
    for name, message in document["components"]["messages"].items():
        yield _message(name, message, schemas)


def _message(name: str, message: Json, schemas: Json) -> str:
    sunset = message.get("x-sunset")
    note = f'<span class="tag">deprecated, ends {escape(sunset)}</span>' if sunset else ""
    rows = [_row(row) for row in field_rows(schemas[name], schemas)]
    example = json.dumps(message["examples"][0]["payload"], indent=2, ensure_ascii=False)
    return (
        f'<article id="{name}">\n<h3>{escape(message["title"])}{note}</h3>'
        f"{prose(message['description'])}"
        f"{table(('field', 'type', 'meaning'), rows)}"
        f"<details><summary>Example</summary><pre>{escape(example)}</pre></details>"
        f"\n</article>\n"
    )


def _row(row: FieldRow) -> tuple[str, str, str]:
    optional = "" if row.required else ' <span class="muted">optional</span>'
    return words(f"`{row.path}`") + optional, words(row.kind), words(row.meaning)
