"""Invalid bodies get a 4xx problem that names the field, and change nothing."""

import json

import pytest

from application.ports.storage.stores import Stores
from tests.support.client import Client
from tests.support.endpoints import (
    WITH_BODY,
    Endpoint,
    assert_problem,
    assert_wrong,
    each_endpoint,
    nothing_changes,
    send,
)
from tests.support.node import Node

NO_JSON = {
    "truncated": b'{"bet_amount": ',
    "blank": b"   ",
    "no_utf8": b"\xff\xfe",
    "no_utf8_in_a_string": b'{"nickname": "\xff\xfe"}',
    "no_utf8_in_a_key": b'{"\xc3\x28": 1}',
    "byte_order_mark": b"\xef\xbb\xbf{}",
    "nul": b"\x00",
    "two_values": b"{}{}",
    "trailing_comma": b'{"bet_amount": 1,}',
    "single_quotes": b"{'bet_amount': 1}",
    "form": b"bet_amount=1",
    "xml": b"<bet>1</bet>",
    "nested_arrays": b"[" * 30_000 + b"]" * 30_000,
    "nested_objects": b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    "never_closed": b"[" * 60_000,
}
NO_OBJECT = {
    "empty": b"",
    "array": b"[]",
    "array_of_objects": b'[{"bet_amount": 1}]',
    "string": b'"hello"',
    "null": b"null",
    "number": b"1",
    "true": b"true",
}
VALUES = {
    "text": '"hello"',
    "number_in_text": '"7"',
    "true_in_text": '"true"',
    "nan_in_text": '"nan"',
    "true": "true",
    "null": "null",
    "list": "[]",
    "list_of_one": "[7]",
    "object": "{}",
    "fraction": "0.5",
    "whole_float": "1.0",
    "zero": "0",
    "minus_zero": "-0",
    "negative": "-1",
    "minus_2_to_63": str(-(2**63)),
    "minus_2_to_64": str(-(2**64)),
    "2_to_63": str(2**63),
    "2_to_64": str(2**64),
    "10_to_400": str(10**400),
    "1e308": "1e308",
    "-1e308": "-1e308",
}
NO_VALUES = {
    "nan": "NaN",
    "infinity": "Infinity",
    "minus_infinity": "-Infinity",
    "1e400": "1e400",
    "octal": "01",
    "hex": "0x10",
    "plus": "+1",
    "undefined": "undefined",
    "lone_high_surrogate": '"ab\\ud800cd"',
    "lone_low_surrogate": '"ab\\udc00cd"',
    "raw_control_character": '"ab\x01cd"',
    "unknown_escape": '"ab\\xcd"',
}
LITTLE_TEXTS = {"empty": "", "control_character": "a\x01", "spaces": "  ", "escape": "\x1b["}
IMPOSSIBLE_TEXTS = {
    "nul": "ab\x00cdefgh",
    "10000_characters": "a" * 10_000,
    "5000_emoji": "\N{PILE OF POO}" * 5_000,
}

FIELDS = [(endpoint, name) for endpoint in WITH_BODY for name in endpoint.body]
REFUSED_WITHOUT = [
    (endpoint, name)
    for endpoint, name in FIELDS
    if not endpoint.tolerant or name not in {*endpoint.absent_ok, "round_id"}
]
STRICT = [endpoint for endpoint in WITH_BODY if not endpoint.tolerant]
"""What the other calls tolerate is tested with deployed clients."""

TEXTS = [(endpoint, name) for endpoint, name in FIELDS if isinstance(endpoint.body[name], str)]


def ids(fields: list[tuple[Endpoint, str]]) -> list[str]:
    return [f"{endpoint}:{name}" for endpoint, name in fields]


def with_literal(endpoint: Endpoint, name: str, literal: str) -> bytes:
    """The valid body, with this JSON text as the field's value."""
    marked = json.dumps({**endpoint.body, name: "<here>"})
    return marked.replace('"<here>"', literal).encode()


def takes(endpoint: Endpoint, name: str, value: object) -> bool:
    """Whether one of VALUES is right for a field; of the numbers among them, only 0 may be, and a
    negative one where something is taken away."""
    if name == "delta" and type(value) is int and value == -1:
        return True
    right = type(endpoint.body[name])
    if type(value) is int and value == 0:
        return name in endpoint.zero_ok
    return name in endpoint.null_ok if value is None else type(value) is right in (str, bool)


WRONG_VALUES = [
    pytest.param(endpoint, name, literal, id=f"{endpoint}:{name}:{label}")
    for endpoint, name in FIELDS
    for label, literal in VALUES.items()
    if not takes(endpoint, name, json.loads(literal))
]


async def has_no_account(node: Node, site_id: str) -> bool:
    def read(stores: Stores) -> bool:
        return stores.accounts.by_site_id(site_id) is None

    missing: bool = await node.container.unit_of_work().read(read)
    return missing


@each_endpoint
@pytest.mark.parametrize("content", NO_JSON.values(), ids=NO_JSON)
async def test_broken_json(victim: Client, endpoint: Endpoint, content: bytes) -> None:
    """A body that is not JSON is a malformed request."""
    async with nothing_changes(victim):
        assert_problem(await send(victim, endpoint, content), 400, "malformed_request")


@each_endpoint
@pytest.mark.parametrize("content", NO_OBJECT.values(), ids=NO_OBJECT)
async def test_no_object(victim: Client, endpoint: Endpoint, content: bytes) -> None:
    """JSON that is not an object is invalid as a whole."""
    async with nothing_changes(victim):
        assert_wrong(await send(victim, endpoint, content), "body")


@pytest.mark.parametrize(("endpoint", "name"), REFUSED_WITHOUT, ids=ids(REFUSED_WITHOUT))
async def test_missing_field(victim: Client, endpoint: Endpoint, name: str) -> None:
    """A missing required field is named; a field with a default may be missing."""
    rest = {key: value for key, value in endpoint.body.items() if key != name}
    if name in endpoint.absent_ok:
        rest["unheard_of"] = 1
    async with nothing_changes(victim):
        response = await send(victim, endpoint, json.dumps(rest).encode())
        assert_wrong(response, "unheard_of" if name in endpoint.absent_ok else name)


@pytest.mark.parametrize("endpoint", STRICT, ids=str)
@pytest.mark.parametrize("name", ["unheard_of", "", "Bet_Amount", "user_id", "__class__", "a.b"])
async def test_extra_field(node: Node, victim: Client, endpoint: Endpoint, name: str) -> None:
    """An unknown field is named."""
    name = f"other_{name}" if name in endpoint.body else name
    async with nothing_changes(victim):
        response = await send(victim, endpoint, json.dumps({**endpoint.body, name: 1}).encode())
        assert_wrong(response, name or "body")
    assert await has_no_account(node, "newcomer")


@pytest.mark.parametrize(("endpoint", "name", "literal"), WRONG_VALUES)
async def test_wrong_value(
    node: Node, victim: Client, endpoint: Endpoint, name: str, literal: str
) -> None:
    """A value of a wrong type or out of range is refused, never converted, and named."""
    async with nothing_changes(victim):
        assert_wrong(await send(victim, endpoint, with_literal(endpoint, name, literal)), name)
    assert await has_no_account(node, "newcomer")


@pytest.mark.parametrize(("endpoint", "name"), FIELDS, ids=ids(FIELDS))
@pytest.mark.parametrize("literal", NO_VALUES.values(), ids=NO_VALUES)
async def test_value_that_is_no_json(
    victim: Client, endpoint: Endpoint, name: str, literal: str
) -> None:
    """JavaScript's numbers, lone surrogates and raw control characters are no JSON."""
    async with nothing_changes(victim):
        response = await send(victim, endpoint, with_literal(endpoint, name, literal))
        assert_problem(response, 400, "malformed_request")


@pytest.mark.parametrize(("endpoint", "name"), TEXTS, ids=ids(TEXTS))
@pytest.mark.parametrize("text", IMPOSSIBLE_TEXTS.values(), ids=IMPOSSIBLE_TEXTS)
async def test_impossible_text(victim: Client, endpoint: Endpoint, name: str, text: str) -> None:
    """A text that is far too long or contains NUL is refused in every field."""
    async with nothing_changes(victim):
        assert_wrong(
            await send(victim, endpoint, with_literal(endpoint, name, json.dumps(text))), name
        )


@pytest.mark.parametrize(("endpoint", "name"), TEXTS, ids=ids(TEXTS))
@pytest.mark.parametrize("text", LITTLE_TEXTS.values(), ids=LITTLE_TEXTS)
async def test_meaningless_text(victim: Client, endpoint: Endpoint, name: str, text: str) -> None:
    """An empty or unprintable text is refused, or nothing is found by it."""
    async with nothing_changes(victim):
        response = await send(victim, endpoint, with_literal(endpoint, name, json.dumps(text)))
        problem = assert_problem(response, *endpoint.unknown)
        assert [error["field"] for error in problem.get("errors", [])] in ([], [name])
        assert (response.status_code == 422) == bool(problem.get("errors"))
