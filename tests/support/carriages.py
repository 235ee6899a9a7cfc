"""The ways to carry a token, or what stands for one, in a handshake."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from attrs import field, frozen

from tests.support.client import LEGACY, MONITOR, SYNC, Client

NAMES = {SYNC: "sync", LEGACY: "legacy", MONITOR: "monitor"}
"""The names of the endpoints, for tickets and metrics."""


@frozen(kw_only=True)
class Attempt:
    """What a handshake carries beside its path."""

    query: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    offers: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()


def by_header(token: str) -> Attempt:
    return Attempt(headers={"Authorization": f"Bearer {token}"})


def by_subprotocol(token: str) -> Attempt:
    return Attempt(offers=(f"bearer.{token}",))


def by_query(token: str) -> Attempt:
    return Attempt(query=f"?token={quote(token)}")


def by_ticket(ticket: str) -> Attempt:
    return Attempt(query=f"?ticket={quote(ticket)}")


BY_TOKEN: Mapping[str, Callable[[str], Attempt]] = {
    "header": by_header,
    "subprotocol": by_subprotocol,
    "query": by_query,
}


async def new_ticket(player: Client, endpoint: str = "sync", origin: str | None = None) -> str:
    """A fresh ticket for an endpoint, asked for by a page of this origin."""
    headers = {"Authorization": f"Bearer {player.access_token}"}
    if origin is not None:
        headers["Origin"] = origin
    response = await player.http.post(
        "/api/realtime/ticket", json={"endpoint": endpoint}, headers=headers
    )
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    assert answer["expires_in"] == 30
    return str(answer["ticket"])
