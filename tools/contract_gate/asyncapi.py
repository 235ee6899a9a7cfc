"""AsyncAPI 3: channels with the messages that we send and take, and close codes."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from tools.contract_gate.findings import Finding, Instance, Member, Outcome, change_of, in_words
from tools.contract_gate.frames import compare_sent
from tools.contract_gate.schema.breaks import breaks_of_taken
from tools.contract_gate.schema.reading.rewriting import Schema, inlined, resolved
from tools.contract_gate.sunset import has_ended

CLOSE_CODES = "x-close-codes"
"""A list of entries with `code` and perhaps `name`, or an object by code."""

KEEP_CHANNEL = "Keep the channel, with x-sunset, and add a new one beside it."
KEEP_HANDSHAKE = "Keep taking the handshakes of today's clients; add optional parameters only."
KEEP_MESSAGE = "Keep taking what clients send today, and add an optional field or a new message."
KEEP_CODE = "Clients decide by it whether they return: keep it, and add another one for new cases."


def compare_asyncapi(name: str, old: Any, new: Any, today: date) -> list[Outcome]:
    """New channels, messages and close codes are compatible."""
    findings: list[Outcome] = []
    before, after = old.get("channels", {}), new.get("channels", {})
    addresses = frozenset(_address(key, each) for key, each in after.items())
    known = frozenset(_address(key, each) for key, each in before.items())
    for key, channel in before.items():
        address = _address(key, channel)
        current = next(
            (name for name, each in after.items() if _address(name, each) == address), None
        )
        if current is None:
            if not has_ended(channel, today):
                text = f"GET {address} HTTP/1.1\nupgrade: websocket"
                example = Member(text, address, known, addresses)
                place = f"the channel {address}"
                findings.append(Finding(name, place, "was removed", KEEP_CHANNEL, example))
            continue
        title = f"{name}, channel {address}"
        findings += _handshake(title, (old, channel), (new, after[current]))
        sent = _payloads(old, key, "send"), _payloads(new, current, "send")
        findings += compare_sent(title, *sent, today)
        findings += _taken(
            title, _payloads(old, key, "receive"), _payloads(new, current, "receive")
        )
    return [*findings, *_close_codes(name, old, new)]


def _address(key: str, channel: dict[str, Any]) -> str:
    return str(channel.get("address") or key)


def _handshake(title: str, old: tuple[Any, Any], new: tuple[Any, Any]) -> Iterator[Finding]:
    for part in ("query", "headers"):
        before, after = (_binding(document, channel, part) for document, channel in (old, new))
        for each in breaks_of_taken(before, after):
            place = f"the handshake's {part} {in_words(each.place)}"
            example = Instance(each)
            yield Finding(title, place, change_of(each, sent=False), KEEP_HANDSHAKE, example)


def _binding(document: Any, channel: dict[str, Any], part: str) -> Schema:
    bindings = resolved(channel.get("bindings", {}), document)
    nothing: Schema = {"type": "object", "properties": {}}
    return inlined(bindings.get("ws", {}).get(part, nothing), document)


def _payloads(document: Any, channel: str, action: str) -> list[Schema]:
    """The payloads of all messages that we send to a channel, or receive from it."""
    listed: dict[str, Any] = {}
    reference = f"#/channels/{channel.replace('~', '~0').replace('/', '~1')}"
    for operation in document.get("operations", {}).values():
        if operation["action"] == action and operation["channel"]["$ref"] == reference:
            messages = operation.get("messages")
            if messages is None:
                messages = [
                    {"$ref": f"{reference}/messages/{key}"}
                    for key in document["channels"][channel].get("messages", {})
                ]
            listed.update({each["$ref"]: resolved(each, document) for each in messages})
    return [_payload(document, message) for message in listed.values()]


def _payload(document: Any, message: dict[str, Any]) -> Schema:
    payload = message.get("payload", True)
    if isinstance(payload, dict) and "schemaFormat" in payload:
        payload = payload["schema"]
    schema = inlined(payload, document)
    if isinstance(schema, dict) and "x-sunset" in message:
        return {**schema, "x-sunset": message["x-sunset"]}
    return schema


def _taken(title: str, old: list[Schema], new: list[Schema]) -> list[Finding]:
    # anyOf of nothing would be no valid schema.
    before: Schema = {"anyOf": old} if old else False
    after: Schema = {"anyOf": new} if new else False
    return [
        Finding(
            title, in_words(each.place), change_of(each, sent=False), KEEP_MESSAGE, Instance(each)
        )
        for each in breaks_of_taken(before, after)
    ]


def _close_codes(name: str, old: Any, new: Any) -> Iterator[Finding]:
    before, after = frozenset(_codes(old, "")), frozenset(_codes(new, ""))
    for place, code, meaning in sorted(before - after):
        where = f"the close code {code}" + (f" ({meaning})" if meaning else "")
        others = [each for each in after if each[0] == place and each[2] == meaning and meaning]
        change = f"is {others[0][1]} now" if others else "was removed"
        example = Member(
            f"close frame {code} {meaning}".strip(), (place, code, meaning), before, after
        )
        yield Finding(name, where, change, KEEP_CODE, example)


def _codes(document: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Place, code and name of each close code."""
    if isinstance(document, list):
        for each in document:
            yield from _codes(each, place)
    if not isinstance(document, dict):
        return
    for key, value in document.items():
        if key != CLOSE_CODES:
            yield from _codes(value, f"{place}/{key}")
            continue
        entries = value if isinstance(value, list) else [_entry(*each) for each in value.items()]
        for entry in entries:
            listed = entry if isinstance(entry, dict) else {"code": entry}
            yield (place, str(listed["code"]), str(listed.get("name", "")))


def _entry(code: str, described: Any) -> dict[str, Any]:
    return {**(described if isinstance(described, dict) else {}), "code": code}
