"""`docs/protocol.md` is true: each of its conversations is held with a real node."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from application.frames.close_codes import CLOSINGS, CloseCode
from application.frames.control_frames import NotRecovered
from application.ports.storage.stores import Stores
from bootstrap.settings.realtime import RealtimeSettings
from tests.support.client import PASSWORD, Client, http_client, sign_up, sign_up_admin
from tests.support.conversations import Conversation, Speaker, conversations
from tests.support.documentation import ROOT, Document
from tests.support.node import Node, node_settings, running_node

PAGE = Document(Path("docs/protocol.md"), (ROOT / "docs/protocol.md").read_text("utf-8"))
CONVERSATIONS = conversations(PAGE.text)
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "": {},
    "short tokens": {"access_token_s": 5},
    "stopping": {"realtime": RealtimeSettings(drain_s=0.5)},
}
"""What the node of a conversation needs, by the tags of its block."""


@pytest_asyncio.fixture(scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    """A node as it is deployed, with its limits."""
    settings = node_settings(tmp_path_factory.mktemp("protocol"), realtime=RealtimeSettings())
    async with running_node(settings) as running:
        yield running


async def _trim(node: Node, player: Client) -> None:
    """Leave nothing of the journal of the player."""
    later = node.container.clock().now() + timedelta(hours=1)

    def trim(stores: Stores) -> int:
        return stores.journal.trim(player.user_id, before=later, keep=0, limit=10_000)

    assert await node.container.unit_of_work().write(trim) > 0


async def _send_pings(speaker: Speaker) -> None:
    assert speaker.socket is not None
    for _ in range(61):
        await speaker.socket.send("ping")


def _actions(node: Node, player: Client, operator: Client) -> Any:
    """What the lines with `#` do."""
    disconnect = f"/api/admin/users/{player.user_id}/disconnect"
    return {
        "the journal is trimmed": lambda _: _trim(node, player),
        "an operator disconnects the user": lambda _: operator.ok("POST", disconnect),
        "the node shuts down": lambda _: node.container.drain().execute(),
        "the client sends 61 pings at once": _send_pings,
    }


async def _hold(node: Node, held: list[Conversation]) -> None:
    """All conversations of one node, in the order of the page, with one player."""
    async with http_client(node) as http:
        player = await sign_up(http, node)
        operator = await sign_up_admin(http, node)
        await player.spin()
        names = {"site_id": player.site_id, "password": PASSWORD, "user": player.user_id}
        for conversation in held:
            known = names if _tells_token(conversation) else {**names, "token": player.access_token}
            speaker = Speaker(node, http, dict(known), _actions(node, player, operator))
            await speaker.hold(conversation)


def _tells_token(conversation: Conversation) -> bool:
    return any('"access_token": "<token>"' in line.text for line in conversation.lines)


@pytest.mark.parametrize("tags", SETTINGS)
async def test_the_page_is_true(tags: str, node: Node, tmp_path: Path) -> None:
    """Every line that the client sends gets what the page says."""
    held = [conversation for conversation in CONVERSATIONS if conversation.tags == tags]
    assert held
    if not tags:
        await _hold(node, held)
        return
    async with running_node(node_settings(tmp_path, **SETTINGS[tags])) as special:
        await _hold(special, held)


async def test_a_page_that_is_wrong_fails(node: Node) -> None:
    """Another value, a missing member, a frame that the page does not mention."""
    for wrong in ('{"type": "ping"}', '{"type": "pong", "v": 1}', "close 1000"):
        text = "\n".join(
            (
                "```wire",
                "> WS /api/realtime/sync",
                "    Authorization: Bearer <token>",
                "< …",
                '< {"type": "initial_state", "…": "…"}',
                "> ping",
                f"< {wrong}",
                "```",
            )
        )
        with pytest.raises(AssertionError):
            await _hold(node, conversations(text))


def test_every_conversation_has_its_node() -> None:
    assert {conversation.tags for conversation in CONVERSATIONS} == SETTINGS.keys()


def test_the_tables_are_complete() -> None:
    """Close codes and reasons, as the code has them."""
    rows = PAGE.table("code", "meaning", "the client should")
    assert rows == [
        [str(int(code)), closing.meaning, closing.advice]
        for code, closing in sorted(CLOSINGS.items())
    ]
    assert len(rows) == len(CloseCode)
    assert {row[0] for row in PAGE.table("reason", "why")} == {f"`{one}`" for one in NotRecovered}
