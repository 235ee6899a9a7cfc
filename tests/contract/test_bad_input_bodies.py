"""Invalid bodies get a 4xx problem that names the field, and change nothing."""

import json

import pytest

from application.ports.storage.stores import Stores
from tests.support.cases import all_cases
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

STRICT = [endpoint for endpoint in WITH_BODY if not endpoint.tolerant]
"""What the other calls tolerate is tested with deployed clients."""


def _needed(endpoint: Endpoint) -> list[str]:
    """The fields without which the call is refused, or refused together with an unknown one."""
    tolerated = {*endpoint.absent_ok, "round_id"} if endpoint.tolerant else ()
    return [name for name in endpoint.body if name not in tolerated]


each_endpoint_with_texts = pytest.mark.parametrize(
    "endpoint",
    [endpoint for endpoint in WITH_BODY if any(isinstance(v, str) for v in endpoint.body.values())],
    ids=str,
)


def texts(endpoint: Endpoint) -> list[str]:
    """The fields that take a text."""
    return [name for name, value in endpoint.body.items() if isinstance(value, str)]


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


async def has_no_account(node: Node, site_id: str) -> bool:
    def read(stores: Stores) -> bool:
        return stores.accounts.by_site_id(site_id) is None

    missing: bool = await node.container.unit_of_work().read(read)
    return missing


@each_endpoint
async def test_broken_json(victim: Client, endpoint: Endpoint) -> None:
    """A body that is not JSON is a malformed request."""
    with all_cases() as case:
        async with nothing_changes(victim):
            for label, content in NO_JSON.items():
                with case(label):
                    response = await send(victim, endpoint, content)
                    assert_problem(response, 400, "malformed_request")


@each_endpoint
async def test_no_object(victim: Client, endpoint: Endpoint) -> None:
    """JSON that is not an object is invalid as a whole."""
    with all_cases() as case:
        async with nothing_changes(victim):
            for label, content in NO_OBJECT.items():
                with case(label):
                    assert_wrong(await send(victim, endpoint, content), "body")


@pytest.mark.parametrize("endpoint", [e for e in WITH_BODY if _needed(e)], ids=str)
async def test_missing_field(victim: Client, endpoint: Endpoint) -> None:
    """A missing required field is named; a field with a default may be missing."""
    with all_cases() as case:
        async with nothing_changes(victim):
            for name in _needed(endpoint):
                with case(name):
                    rest = {key: value for key, value in endpoint.body.items() if key != name}
                    wrong = name
                    if name in endpoint.absent_ok:
                        rest[wrong := "unheard_of"] = 1
                    assert_wrong(await send(victim, endpoint, json.dumps(rest).encode()), wrong)


@pytest.mark.parametrize("endpoint", STRICT, ids=str)
async def test_extra_field(node: Node, victim: Client, endpoint: Endpoint) -> None:
    """An unknown field is named."""
    with all_cases() as case:
        async with nothing_changes(victim):
            for name in ("unheard_of", "", "Bet_Amount", "user_id", "__class__", "a.b"):
                with case(name):
                    extra = f"other_{name}" if name in endpoint.body else name
                    content = json.dumps({**endpoint.body, extra: 1}).encode()
                    assert_wrong(await send(victim, endpoint, content), extra or "body")
        assert await has_no_account(node, "newcomer")


@each_endpoint
async def test_wrong_value(node: Node, victim: Client, endpoint: Endpoint) -> None:
    """A value of a wrong type or out of range is refused, never converted, and named."""
    with all_cases() as case:
        async with nothing_changes(victim):
            for name in endpoint.body:
                for label, literal in VALUES.items():
                    if takes(endpoint, name, json.loads(literal)):
                        continue
                    with case(f"{name}: {label}"):
                        content = with_literal(endpoint, name, literal)
                        assert_wrong(await send(victim, endpoint, content), name)
        assert await has_no_account(node, "newcomer")


@each_endpoint
async def test_value_that_is_no_json(victim: Client, endpoint: Endpoint) -> None:
    """JavaScript's numbers, lone surrogates and raw control characters are no JSON."""
    with all_cases() as case:
        async with nothing_changes(victim):
            for name in endpoint.body:
                for label, literal in NO_VALUES.items():
                    with case(f"{name}: {label}"):
                        content = with_literal(endpoint, name, literal)
                        response = await send(victim, endpoint, content)
                        assert_problem(response, 400, "malformed_request")


@each_endpoint_with_texts
async def test_impossible_text(victim: Client, endpoint: Endpoint) -> None:
    """A text that is far too long or contains NUL is refused in every field."""
    with all_cases() as case:
        async with nothing_changes(victim):
            for name in texts(endpoint):
                for label, text in IMPOSSIBLE_TEXTS.items():
                    with case(f"{name}: {label}"):
                        content = with_literal(endpoint, name, json.dumps(text))
                        assert_wrong(await send(victim, endpoint, content), name)


@each_endpoint_with_texts
async def test_meaningless_text(victim: Client, endpoint: Endpoint) -> None:
    """An empty or unprintable text is refused, or nothing is found by it."""
    with all_cases() as case:
        async with nothing_changes(victim):
            for name in texts(endpoint):
                for label, text in LITTLE_TEXTS.items():
                    with case(f"{name}: {label}"):
                        content = with_literal(endpoint, name, json.dumps(text))
                        response = await send(victim, endpoint, content)
                        problem = assert_problem(response, *endpoint.unknown)
                        wrong = [error["field"] for error in problem.get("errors", [])]
                        assert wrong in ([], [name])
                        assert (response.status_code == 422) == bool(problem.get("errors"))
