"""A deployed client in a real browser, on a page of another origin: its calls, its frames, the end
of its token, a restart of the server, a cut connection.

The page (`tests/support/deployed_client`) is written from what such clients send and read. It plays
once; the tests look at what it noted. Runs where Chromium is installed (`apt-get install
chromium`).
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from attrs import define, field

from tests.support.chromium import CHROMIUM, Page, browser_page
from tests.support.client import PASSWORD
from tests.support.eventually import eventually
from tests.support.metrics import metric
from tests.support.node import free_port
from tests.support.process import Process, serving
from tests.support.proxy import Proxy, proxying
from tests.support.static_files import serving_files

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is missing"),
    pytest.mark.timeout(300),
]

PAGE = Path(__file__).parents[1] / "support" / "deployed_client"
SITE_ID = "deployed-client"
TOKEN_S = 5
TRIES = 5
EVENTS_OF_PLAY = ("user_action", "game_event", "stats_update", "profile_update", "event_progress")
FRAMES = (
    *EVENTS_OF_PLAY,
    "achievement_progress",
    "initial_state",
    "purchase_update",
    "reward_granted",
    "streak_update",
    "sync_connected",
)


@define
class Story:
    """What happened to the page, step by step."""

    answers: dict[str, Any] = field(factory=dict)
    missing: list[str] = field(factory=list)
    exceptions: list[str] = field(factory=list)
    closes: list[int] = field(factory=list)


@pytest_asyncio.fixture(scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """The whole life of a page: two servers on one port and one database, one after the other."""
    folder = tmp_path_factory.mktemp("deployed_client")
    with serving_files(PAGE) as origin:
        common = {
            "SYNCHUB_PORT": str(free_port()),
            "SYNCHUB_CORS_ORIGINS": origin,
            "SYNCHUB_REALTIME_DRAIN_S": "0",
        }
        short = {
            "SYNCHUB_ACCESS_TOKEN_S": str(TOKEN_S),
            "SYNCHUB_REALTIME_TOKEN_WARNING_S": "1",
        }
        async with (
            proxying(int(common["SYNCHUB_PORT"])) as proxy,
            browser_page(folder / "browser") as page,
        ):
            api = f"http{proxy.ws_url.removeprefix('ws')}"
            await page.open(f"{origin}/index.html?api={api}")
            story = Story()
            async with serving(folder, **common) as server:
                await _sign_in_and_connect(page, story)
                await _play(page, story)
                await _write_over_a_cut_connection(page, proxy, server, story)
            async with serving(folder, **common, **short) as server:
                await _return_after_the_restart(page, story)
                await _outlive_the_token(page, server, story)
            story.missing = await page.evaluate("client.missing")
            story.closes = await page.evaluate("client.closes")
            story.exceptions = page.exceptions
            yield story


async def _sign_in_and_connect(page: Page, story: Story) -> None:
    key = "sign-up-1"
    story.answers["signup"] = await page.call("client.signUp", SITE_ID, PASSWORD, key)
    story.answers["signup again"] = await page.call("client.signUp", SITE_ID, PASSWORD, key)
    story.answers["login"] = await page.call("client.logIn", SITE_ID, PASSWORD)
    story.answers["load"] = await page.call("client.load")
    await page.call("client.connect")
    await page.until("client.seen.initial_state && client.pongs")


async def _play(page: Page, story: Story) -> None:
    answers = story.answers
    answers["spins"] = [await page.call("client.spin") for _ in range(8)]
    answers["rps"] = await page.call("client.playRps")
    answers["gacha"] = await page.call("client.pullGacha")
    answers["crash"] = await page.call("client.betCrash", 1.01)
    first, second = [await page.call("client.betCrash") for _ in range(2)]
    answers["rounds"] = [first["game_id"], second["game_id"]]
    cash_outs = [await page.call("client.cashOut", name) for name in (first["game_id"], "crash")]
    answers["cashed out"] = [answer["game_id"] for answer in cash_outs]
    products = await page.call("client.catalog")
    answers["buy"] = await page.call("client.buy", products[0]["id"])
    answers["stats"] = await page.call("client.gameStats")
    last = answers["buy"]["balance"]
    await page.until(f"client.state.profile.gold === {last} && client.state.purchases.length")
    answers["seen"] = await page.evaluate("client.seen")
    answers["streak"] = await page.call("client.loadStreak")


async def _write_over_a_cut_connection(
    page: Page, proxy: Proxy, server: Process, story: Story
) -> None:
    """The purchase is carried out, its answer never arrives, and the page repeats it."""
    before = await page.evaluate("client.state.profile.gold")
    proxy.bytes_per_s = 1
    for connection in proxy.connections:
        connection.throttle(1)
    buying = asyncio.create_task(page.call("client.buy", "gold_100", "purchase-1"))

    async def cut() -> bool:
        """Whether the page has noticed. Only what was carried out is cut off."""
        if await _balance(server) < before:
            for connection in list(proxy.connections):
                connection.reset()
        return bool(await page.evaluate("client.networkErrors"))

    await eventually(cut, timeout_s=60)
    proxy.bytes_per_s = None
    for connection in list(proxy.connections):
        connection.reset()
    story.answers["bought again"] = await buying
    story.answers["paid"] = before - await _balance(server)
    await page.until("client.socket.readyState === WebSocket.OPEN")


async def _balance(server: Process) -> int:
    """The balance in the database, asked for on a way without the proxy."""
    async with httpx.AsyncClient(base_url=server.url) as http:
        body = {"site_id": SITE_ID, "password": PASSWORD}
        answer = (await http.post("/api/auth/login", json=body)).json()
    balance: int = answer["user"]["gold"]
    return balance


async def _return_after_the_restart(page: Page, story: Story) -> None:
    """The page comes back by itself, with its old token, and gets the state again."""
    seen = story.answers["seen"]["initial_state"]
    await page.until(f"client.socket.readyState === WebSocket.OPEN && client.pongs > {seen}")
    story.answers["spin after the restart"] = await page.call("client.spin")
    balance = story.answers["spin after the restart"]["balance"]
    await page.until(f"client.state.profile.gold === {balance}")


async def _outlive_the_token(page: Page, server: Process, story: Story) -> None:
    """A token that ends on an open socket; then one that never was any."""
    await page.evaluate("client.reconnectMs = 50")
    await page.call("client.refresh")
    await page.call("client.disconnect")
    opens = await page.evaluate("client.opens")
    await page.evaluate("client.closes = []")
    await page.call("client.connect")
    await page.until("client.gaveUp")
    story.answers["opens"] = await page.evaluate("client.opens") - opens
    story.answers["closed"] = await page.evaluate("client.closes")
    story.answers["load at the end"] = await page.call("client.load")
    await page.evaluate("client.gaveUp = false, client.attempts = 0, client.accessToken = 'bad'")
    await page.call("client.connect")
    await page.until("client.gaveUp")
    async with httpx.AsyncClient(base_url=server.url) as http:
        story.answers["refused"] = {
            code: await metric(
                http, "synchub_websocket_handshakes_total", endpoint="sync", result=code
            )
            for code in ("token_expired", "token_invalid")
        }


def _reads(story: Story, *, of_frames: bool) -> list[str]:
    """What was read in vain. The page notes frames by their types, and answers by other words."""
    return sorted({note for note in story.missing if note.startswith(FRAMES) is of_frames})


async def test_every_answer_has_what_the_client_reads(story: Story) -> None:
    """Nothing is missing in any call, and no script of the page throws."""
    assert _reads(story, of_frames=False) == []
    assert story.exceptions == []
    assert story.answers["load"] is True


async def test_every_frame_has_what_the_client_reads(story: Story) -> None:
    """Nothing is missing in any frame, and those of a play have all come."""
    assert "\n".join(_reads(story, of_frames=True)) == ""
    assert set(EVENTS_OF_PLAY) <= story.answers["seen"].keys()


async def test_calls_mean_what_they_meant(story: Story) -> None:
    """A cash-out is of the round that is named, or of the newest one."""
    assert story.answers["cashed out"] == story.answers["rounds"]
    assert story.answers["stats"]["total_bets"] == 13
    assert story.answers["stats"]["game_breakdown"].keys() == {"slot", "rps", "gacha", "crash"}
    assert story.answers["crash"]["status"] in ("auto_cashed", "crashed")


async def test_a_repeated_write_is_carried_out_once(story: Story) -> None:
    """The same key: one account, one purchase."""
    assert story.answers["signup"]["id"] == story.answers["signup again"]["id"]
    assert story.answers["bought again"]["success"] is True
    assert story.answers["paid"] == 100


async def test_the_client_stops_when_its_token_has_ended(story: Story) -> None:
    """The open socket is closed with 3005; then the handshake is refused, five times and no more.
    A token that was never valid opens no socket at all."""
    assert story.answers["opens"] == 1
    assert story.answers["closed"] == [3005, *[1006] * TRIES]
    assert story.answers["load at the end"] is False
    assert story.answers["refused"] == {"token_expired": TRIES, "token_invalid": TRIES + 1}
