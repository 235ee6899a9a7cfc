"""The OpenAPI document names every error with which a call can be refused."""

from typing import Any

import httpx
import pytest_asyncio

from adapters.inbound.errors.error_table import ERROR_CODES

SOCKETS_ONLY = {"endpoint_switched_off", "wrong_user"}
ANYWHERE = {"no_such_route", "method_not_allowed", "request_failed", "no_access_declared"}
"""Errors of the web framework or of ours, before it is known which call is meant."""


@pytest_asyncio.fixture(scope="module")
async def paths(http: httpx.AsyncClient) -> Any:
    return (await http.get("/schema/openapi.json")).json()["paths"]


def described(call: Any, status: int) -> str:
    """What the document says about a status of a call."""
    return str(call["responses"].get(str(status), {}).get("description", ""))


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


def test_errors_are_problems(paths: Any) -> None:
    """Each error has the content type and the schema of RFC 9457, but for readiness."""
    for path, item in paths.items():
        for call in item.values():
            for status, response in call["responses"].items():
                if int(status) >= 400 and (path, status) != ("/health/ready", "503"):
                    assert list(response["content"]) == ["application/problem+json"]
