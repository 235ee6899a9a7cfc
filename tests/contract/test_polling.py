"""`GET /api/realtime/events`: the socket's frames, for networks that break sockets."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from application.frames.accepted_events import BY_DEFAULT
from tests.support.client import Client
from tests.support.contract import check_frame
from tests.support.view import View

EVENTS = "/api/realtime/events"
PAGE_BYTES = 256 * 1024
SMALL_EVENT_BYTES = 200


async def _poll(player: Client, since: str, etag: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {player.access_token}"}
    if etag:
        headers["If-None-Match"] = etag
    return await player.http.get(EVENTS, params={"since": since}, headers=headers)


def _last_seq(answer: Any) -> int:
    seq: int = answer["events"][-1]["seq"]
    return seq


async def test_without_a_position_there_is_the_state(player: Client) -> None:
    """The frame is the socket's `initial_state`, with its position."""
    await player.spin()
    answer = await player.ok("GET", EVENTS)
    state = await player.ok("GET", "/api/realtime/state")
    assert (answer["recovered"], answer["reason"], answer["more"]) == (False, None, False)
    (frame,) = answer["frames"]
    check_frame("sync", frame)
    assert frame["type"] == "initial_state"
    assert frame["data"] == state["state"]
    assert answer["position"] == state["position"]


async def test_it_brings_the_bytes_of_the_socket(player: Client) -> None:
    """The missing events are equal to the socket's byte for byte."""
    position = (await player.ok("GET", EVENTS))["position"]
    async with player.device(since=position) as device:
        await device.until("sync_connected")
        last = _last_seq(await player.spin())
        on_socket = [str(await device.socket.recv()) for _ in range(last)]
    response = await _poll(player, position)
    answer = response.json()
    assert f'"frames":[{",".join(on_socket)}]' in response.text
    assert (answer["recovered"], answer["reason"], answer["more"]) == (True, None, False)
    assert answer["position"] == f"{position.partition(':')[0]}:{last}"


async def test_nothing_new_is_an_empty_answer(player: Client) -> None:
    """The answer is recovered, at the same position, without frames."""
    position = (await player.ok("GET", EVENTS))["position"]
    answer = (await _poll(player, position)).json()
    assert answer == {
        "position": position, "recovered": True, "reason": None, "more": False, "frames": [],
        "events": dict(BY_DEFAULT.versions),
    }  # fmt: skip


async def test_long_absence_comes_in_pages(player: Client) -> None:
    """Pages have about 256 KiB, `more` is set until the head, and each event comes once."""
    start = await player.ok("GET", EVENTS)
    view = View(player.user_id)
    view.see(start["frames"][0])
    while (last := await _spin_many(player, 50)) * SMALL_EVENT_BYTES < PAGE_BYTES:
        pass
    position, sizes, more = start["position"], list[int](), True
    while more:
        response = await _poll(player, position)
        answer = response.json()
        position, more = answer["position"], answer["more"]
        sizes.append(len(response.content))
        for frame in answer["frames"]:
            view.see(frame)
    assert len(sizes) > 1
    assert max(sizes) < PAGE_BYTES * 1.1
    assert min(sizes[:-1]) > PAGE_BYTES * 0.9
    assert view.seq == last
    view.expect((await player.ok("GET", "/api/realtime/state"))["state"])


async def _spin_many(player: Client, times: int) -> int:
    """The number of the last event."""
    return max(map(_last_seq, await asyncio.gather(*(player.spin() for _ in range(times)))))


async def test_the_etag_says_that_nothing_has_happened(player: Client) -> None:
    """The answer is 304 without a body until there is an event."""
    position = (await player.ok("GET", EVENTS))["position"]
    etag = (await _poll(player, position)).headers["ETag"]
    unchanged = await _poll(player, position, etag)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["ETag"] == etag
    last = _last_seq(await player.spin())
    changed = await _poll(player, position, etag)
    assert changed.status_code == 200
    assert _seqs(changed.json()["frames"]) == list(range(1, last + 1))
    assert changed.headers["ETag"] != etag
    assert changed.headers["Cache-Control"] == "no-store"


def _seqs(frames: Sequence[Any]) -> list[int]:
    return [frame["seq"] for frame in frames]


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        ("another-epoch:0", "new_epoch"),
        ("no position at all", "new_epoch"),
        ("", "new_epoch"),
        ("{epoch}:999999", "from_future"),
    ],
)
async def test_what_cannot_be_continued_starts_afresh(
    player: Client, since: str, reason: str
) -> None:
    """The answer has the reason and the state, and no event."""
    await player.spin()
    state = await player.ok("GET", "/api/realtime/state")
    epoch = state["position"].partition(":")[0]
    answer = (await _poll(player, since.format(epoch=epoch))).json()
    assert (answer["recovered"], answer["reason"]) == (False, reason)
    assert [frame["type"] for frame in answer["frames"]] == ["initial_state"]
    assert answer["frames"][0]["data"] == state["state"]
    assert answer["position"] == state["position"]


async def test_a_poll_sees_what_a_stranger_does_not(player: Client) -> None:
    """Without a token the answer is 401."""
    refused = await player.http.get(EVENTS)
    assert refused.status_code == 401
    assert json.loads(refused.content)["code"] == "token_missing"
