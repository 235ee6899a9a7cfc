"""Arbitrary JSON at every endpoint gets a result or a problem, and never a 5xx."""

import json
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.client import Client
from tests.support.endpoints import NOBODY, Endpoint, assert_problem, each_endpoint, send

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


def bodies(endpoint: Endpoint) -> st.SearchStrategy[Any]:
    """Arbitrary JSON, or the right keys with right and wrong values, some left out. A sign-up may
    succeed, so it uses a name that no other test checks."""
    right = {**endpoint.body, "site_id": "fuzzed"} if "site_id" in endpoint.body else endpoint.body
    values = {name: st.just(value) | ANY_JSON for name, value in right.items()}
    if "user_id" in values:  # never a user of another test
        values["user_id"] = st.just(NOBODY) | ANY_JSON.filter(lambda v: not isinstance(v, int))
    return ANY_JSON | st.fixed_dictionaries(values) | st.fixed_dictionaries({}, optional=values)


@each_endpoint
@settings(max_examples=40)
@given(data=st.data())
async def test_anything(victim: Client, endpoint: Endpoint, data: st.DataObject) -> None:
    """The answer to any body is a result or a problem with a 4xx status."""
    body = data.draw(bodies(endpoint))
    logs_out = endpoint.path == "/api/auth/logout"
    assume(not (logs_out and body in ({}, {"everywhere": False}, {"everywhere": True})))

    response = await send(victim, endpoint, json.dumps(body).encode())

    if response.status_code != 200:
        assert 400 <= response.status_code < 500, response.text
        assert_problem(response, response.status_code, response.json()["code"])
    if response.status_code == 422:
        assert response.json()["errors"]
