"""The OpenAPI document is valid and complete, and names every error of a call."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest_asyncio
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from adapters.inbound.errors.error_table import ERROR_CODES
from tests.support.client import Client

SOCKETS_ONLY = {"endpoint_switched_off", "wrong_user"}
ANYWHERE = {"method_not_allowed", "request_failed", "no_access_declared"}
"""Errors of the web framework or of ours, before it is known which call is meant."""

PROBLEM = "application/problem+json"

OPERATIONS = """
    adjustBalance betCrash blockAccount buyProduct cashOutCrash changeClientSeed changePassword
    changeRole checkLiveness checkReadiness claimStreak deleteAccount disconnectUser findUsers
    getKeySet getMe getNextRound getState getStats getStreak inspectUser issueTicket listProducts
    listEventsOfOld listProductsOfOld listRounds logIn logOut playRps pollEvents pullGacha
    readAuditLog readBalanceOfOld readProfileOfOld readStatsOfOld refreshLogin revokeLogins
    rotateSeeds sendNotice signUp spinSlot streamEvents unblockAccount updateProfile verifyRound
"""
"""Clients are generated from these names: a changed one breaks them."""


@pytest_asyncio.fixture(scope="module")
async def document(http: httpx.AsyncClient) -> Any:
    return (await http.get("/schema/openapi.json")).json()


@pytest_asyncio.fixture(scope="module")
async def paths(document: Any) -> Any:
    return document["paths"]


def calls_of(document: Any) -> Iterator[tuple[str, Any]]:
    """Each call, with its method and path to be shown."""
    for path, item in document["paths"].items():
        for method, call in item.items():
            yield f"{method} {path}", call


def described(call: Any, status: int) -> str:
    """What the document says about a status of a call."""
    return str(call["responses"].get(str(status), {}).get("description", ""))


def resolved(document: Any, part: Any) -> Any:
    """The part, or the component that it refers to."""
    while "$ref" in part:
        found = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


class Validator:
    """Validates values against schemas of the document."""

    def __init__(self, document: Any) -> None:
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry = Registry().with_resource("urn:document", resource)

    def errors(self, schema: Any, value: Any) -> list[str]:
        """What is wrong with the value."""
        text = json.dumps(schema).replace('"#/components/', '"urn:document#/components/')
        validator = Draft202012Validator(json.loads(text), registry=self._registry)
        return [error.message for error in validator.iter_errors(value)]


def test_the_document_is_valid(document: Any) -> None:
    """By OpenAPI 3.1: structure, references, unique ids, parameters of paths."""
    OpenAPIV31SpecValidator(document).validate()


def test_names_of_calls_are_stable(document: Any) -> None:
    """If this fails because of a new call, add its name; never change one."""
    names = sorted(call["operationId"] for _, call in calls_of(document))
    assert names == sorted(OPERATIONS.split())


def test_everything_is_described(document: Any) -> None:
    """Calls, tags, parameters, answers, classes and their fields."""
    assert document["info"]["description"]
    assert all(tag["description"] for tag in document["tags"])
    known = {tag["name"] for tag in document["tags"]}
    missing = []
    for name, call in calls_of(document):
        parameters = [resolved(document, one) for one in call["parameters"]]
        texts = [call["summary"], call["description"]]
        texts += [one.get("description") for one in parameters]
        texts += [response["description"] for response in call["responses"].values()]
        if not all(texts) or not known.issuperset(call["tags"]) or not call["tags"]:
            missing.append(name)
        assert "follows" not in call["responses"]["200"]["description"]
    for name, schema in document["components"]["schemas"].items():
        if not schema["description"]:
            missing.append(name)
        for field, described_field in schema.get("properties", {}).items():
            if not (described_field | resolved(document, described_field)).get("description"):
                missing.append(f"{name}.{field}")
    assert missing == []


def test_every_request_and_answer_has_a_valid_example(document: Any) -> None:
    """Each validates against the schema that it stands beside."""
    validator = Validator(document)
    shown = 0
    for name, call in calls_of(document):
        parts = [call["requestBody"]] if "requestBody" in call else []
        parts += call["responses"].values()
        for media in (media for part in parts for media in part.get("content", {}).values()):
            examples = media.get("examples") or {"": {"value": media.get("example")}}
            for example in (resolved(document, one) for one in examples.values()):
                assert example["value"] is not None, name
                assert validator.errors(media["schema"], example["value"]) == [], name
                shown += 1
    assert shown > 500


def test_examples_can_be_wrong(document: Any) -> None:
    """The check of the test above refuses unknown fields, and values of other types."""
    validator = Validator(document)
    spin = document["paths"]["/api/games/slot/spin"]["post"]
    schema = spin["requestBody"]["content"]["application/json"]["schema"]
    assert validator.errors(schema, {"bet_amount": 1}) == []
    assert validator.errors(schema, {"bet_amount": 0}) != []
    profile = document["paths"]["/api/profile"]["patch"]
    renaming = profile["requestBody"]["content"]["application/json"]["schema"]
    assert validator.errors(renaming, {"nickname": "Ada"}) == []
    assert validator.errors(renaming, {"nickname": "Ada", "nikname": "Ada"}) != []
    problem = spin["responses"]["409"]["content"][PROBLEM]
    example = resolved(document, problem["examples"]["insufficient_gold"])["value"]
    assert validator.errors(problem["schema"], example) == []
    assert validator.errors(problem["schema"], {**example, "code": 1}) != []


async def test_answers_are_as_documented(document: Any, player: Client) -> None:
    """A success, and refusals with the members and the headers that the examples have."""
    validator = Validator(document)
    spin = document["paths"]["/api/games/slot/spin"]["post"]["responses"]
    answer = await player.call("POST", "/api/games/slot/spin", {"bet_amount": 1})
    assert answer.headers["content-type"] == "application/json"
    assert (
        validator.errors(spin["200"]["content"]["application/json"]["schema"], answer.json()) == []
    )
    for status, code, body, headers in (
        ("409", "insufficient_gold", {"bet_amount": 9_999}, {}),
        ("422", "invalid_input", {"bet_amount": 0}, {}),
        ("401", "token_invalid", {"bet_amount": 1}, {"Authorization": "Bearer nothing"}),
    ):
        answer = await player.http.post(
            "/api/games/slot/spin",
            json=body,
            headers={"Authorization": f"Bearer {player.access_token}", **headers},
        )
        problem = spin[status]["content"][PROBLEM]
        example = resolved(document, problem["examples"][code])["value"]
        assert validator.errors(problem["schema"], answer.json()) == []
        assert answer.json().keys() == example.keys()
        assert [answer.json()[name] for name in ("type", "title", "status", "code")] == [
            example[name] for name in ("type", "title", "status", "code")
        ]
        assert answer.headers["content-type"] == PROBLEM
        for name in spin[status].get("headers", {}):
            assert name in answer.headers


def test_security_is_that_of_the_access(paths: Any) -> None:
    """None for public calls, the token in a header for others, also elsewhere for realtime."""
    assert paths["/api/auth/login"]["post"]["security"] == []
    assert paths["/health/live"]["get"]["security"] == []
    assert paths["/api/games/slot/spin"]["post"]["security"] == [{"bearer": []}]
    assert paths["/api/admin/announce"]["post"]["security"] == [{"bearer": ["operator"]}]
    ways = [next(iter(way)) for way in paths["/api/realtime/stream"]["get"]["security"]]
    assert ways == ["bearer", "ticket", "address"]


def test_the_stream_is_a_stream(paths: Any) -> None:
    """Its content type is that of Server-Sent Events."""
    success = paths["/api/realtime/stream"]["get"]["responses"]["200"]
    assert list(success["content"]) == ["text/event-stream"]
    assert "`close`" in success["description"]


def test_every_code_is_documented(paths: Any) -> None:
    """Each code of the error table stands at one call or more, with its status."""
    calls = [call for item in paths.values() for call in item.values()]
    missing = {
        entry.code
        for entry in ERROR_CODES
        if not any(f"`{entry.code}`" in described(call, entry.row.status) for call in calls)
    }
    assert missing == SOCKETS_ONLY | ANYWHERE


def test_errors_follow_from_what_a_call_declares(paths: Any) -> None:
    """Access, body and idempotency key bring theirs, the handler adds its own."""
    spin = paths["/api/games/slot/spin"]["post"]
    assert "`token_expired`" in described(spin, 401)
    assert "`insufficient_gold`" in described(spin, 409)
    assert "`idempotency_key_reused`" in described(spin, 422)
    assert "`body_too_large`" in described(spin, 413)
    assert "`admin_only`" in described(paths["/api/admin/announce"]["post"], 403)
    anywhere = {"200", "400", "408", "429", "431", "500"}
    assert paths["/health/live"]["get"]["responses"].keys() == anywhere


def test_errors_are_problems(document: Any) -> None:
    """Each error has the content type of RFC 9457 and names its codes, but for readiness."""
    for name, call in calls_of(document):
        for status, response in call["responses"].items():
            if int(status) >= 400 and (name, status) != ("get /health/ready", "503"):
                assert list(response["content"]) == [PROBLEM]
                problem = response["content"][PROBLEM]
                assert all(f"`{code}`" in response["description"] for code in problem["examples"])
