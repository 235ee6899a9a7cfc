"""The operations of an OpenAPI document, in the form of schemas.

A request is described by one schema for an object with `path`, `query`, `header`, `cookie` and
`body`, a response by one for an object with `header` and `content`. So parameters, headers and
media types are compared like the fields of a body.
"""

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from tools.contract_gate.schema.reading.rewriting import Schema, inlined, on_parts, resolved

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
PLACES = ("path", "query", "header", "cookie")
PROBLEM = "application/problem+json"

Key = tuple[str, str]
"""Method, in capitals, and path."""

Answer = tuple[str, str]
"""Status and media type; the latter is empty without a body."""

_DESCRIBED_CODE = re.compile(r"^`([a-z0-9_]+)`:", re.MULTILINE)


@frozen
class Operation:
    """One call of the document."""

    method: str
    path: str
    described: dict[str, Any]
    shared: list[Any]
    document: dict[str, Any]

    def name(self) -> str:
        """For example: POST /api/shop/buy."""
        return f"{self.method} {self.path}"

    def operation_id(self) -> str | None:
        """The name of the call in generated clients."""
        return self.described.get("operationId")

    def request(self) -> Schema:
        """What the call takes."""
        parts: dict[str, Any] = {
            place: {"type": "object", "properties": {}, "required": []} for place in PLACES
        }
        for each in [*self.shared, *self.described.get("parameters", [])]:
            parameter = resolved(each, self.document)
            # The names of headers are not case-sensitive.
            place, name = parameter["in"], parameter["name"]
            name = name.lower() if place == "header" else name
            parts[place]["properties"][name] = self._schema(parameter)
            if parameter.get("required"):
                parts[place]["required"].append(name)
        body = resolved(self.described.get("requestBody"), self.document)
        required = list(PLACES)
        if body:
            parts["body"] = {"anyOf": [self._of_type(*each) for each in body["content"].items()]}
            if body.get("required"):
                required.append("body")
        return {"type": "object", "properties": parts, "required": required}

    def _of_type(self, media_type: str, described: Any) -> Schema:
        content = {media_type: self._schema(described)}
        return {"type": "object", "properties": content, "required": [media_type]}

    def _schema(self, described: Any) -> Schema:
        """Of a parameter, a header or a media type; some have it within `content`."""
        if "content" in described:
            described = next(iter(described["content"].values()))
        return inlined(described.get("schema", True), self.document)

    def responses(self) -> Mapping[str, dict[str, Any]]:
        """By status."""
        responses = self.described.get("responses", {}).items()
        return {str(status): resolved(each, self.document) for status, each in responses}

    def answers(self) -> dict[Answer, Schema]:
        """What the call answers."""
        answers: dict[Answer, Schema] = {}
        for status, response in self.responses().items():
            header = self._headers(response)
            for media_type, described in response.get("content", {}).items():
                content = self._schema(described)
                if media_type == PROBLEM:
                    content = _without_codes(content)
                properties = {"header": header, "content": content}
                answers[status, media_type] = _all_of(properties)
            if not response.get("content"):
                answers[status, ""] = _all_of({"header": header})
        return answers

    def _headers(self, response: dict[str, Any]) -> Schema:
        headers = {
            name.lower(): resolved(each, self.document)
            for name, each in response.get("headers", {}).items()
        }
        return {
            "type": "object",
            "properties": {name: self._schema(each) for name, each in headers.items()},
            "required": [name for name, each in headers.items() if each.get("required")],
        }

    def codes(self, status: str) -> frozenset[str]:
        """The problem codes of a status: in the description, the schema or the examples."""
        response = self.responses().get(status, {})
        codes = set(_DESCRIBED_CODE.findall(response.get("description", "")))
        described = response.get("content", {}).get(PROBLEM, {})
        _collect_codes(self._schema(described), codes)
        named = resolved(list(described.get("examples", {}).values()), self.document)
        for each in [*(one.get("value", {}) for one in named), described.get("example", {})]:
            if isinstance(each, dict) and "code" in each:
                codes.add(each["code"])
        return frozenset(codes)

    def security(self) -> list[dict[str, list[str]]]:
        """The alternatives, each a set of schemes with scopes; an empty one needs nothing."""
        listed = self.described.get("security", self.document.get("security"))
        return listed or [{}]


def operations(document: dict[str, Any]) -> dict[Key, Operation]:
    """All calls of a document."""
    return {
        (method.upper(), path): Operation(
            method.upper(), path, item[method], item.get("parameters", []), document
        )
        for path, item in document.get("paths", {}).items()
        for method in METHODS
        if method in item
    }


def _all_of(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _without_codes(schema: Schema) -> Schema:
    """A problem without its given `code` and `type`: those are compared by themselves, because
    clients must expect new codes."""
    if isinstance(schema, bool):
        return schema
    parts = on_parts(schema, _without_codes)
    properties = parts.get("properties", {})
    for name in {"code", "type"} & properties.keys():
        if {"const", "enum"} & properties[name].keys():
            properties[name] = {"type": "string"}
    return parts


def _collect_codes(schema: Schema, codes: set[str]) -> None:
    if isinstance(schema, bool):
        return
    code = schema.get("properties", {}).get("code", {})
    if isinstance(code, dict):
        codes.update(code.get("enum", []), [code["const"]] if "const" in code else [])

    def collect(part: Schema) -> Schema:
        _collect_codes(part, codes)
        return part

    on_parts(schema, collect)
