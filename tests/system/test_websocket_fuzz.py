"""Random WebSocket conversations against a node, while honest players play.

CHAOS_FUZZ_CONVERSATIONS=10000 CHAOS_SEED=2 python -m pytest -s tests/system/test_websocket_fuzz.py
"""

import pytest

from benchmarks.attack.fuzzer import fuzz
from benchmarks.attack.runner import DECLARED_CLOSES, DECLARED_STATUSES, besieged
from benchmarks.server import UNLIMITED
from tests.support.scale import LONG, SEED, scale

CONVERSATIONS = scale("FUZZ_CONVERSATIONS", 400)
NO_LIMITS = {
    **UNLIMITED,
    "SYNCHUB_LIMITS_BYTES_PER_10S": "1000000000",
    "SYNCHUB_LIMITS_FRAMES_PER_10S": "1000000",
    "SYNCHUB_REALTIME_MESSAGES_PER_10S": "100000",
}
"""So that the fuzzer, which is few users, gets beyond the handshake."""

MAX_GROWTH = 16 * 2**20
"""Bytes by which the node may grow after the warm-up: what an allocator keeps."""


@pytest.mark.timeout(LONG)
async def test_nobody_notices_a_fuzzer() -> None:
    """Nothing fails in the node, no honest player loses anything, the memory comes back, and the
    fuzzer gets declared answers only."""
    async with besieged(players=4, limits=NO_LIMITS) as siege:
        port, tokens = siege.server.port, [account.token for account in siege.attackers]
        seen = await fuzz(port, tokens, CONVERSATIONS // 10, SEED + 1)  # warms up
        before = siege.server.rss_bytes()
        seen += await fuzz(port, tokens, CONVERSATIONS, SEED)
        await siege.players.until_all_is_seen()
        growth = siege.server.rss_bytes() - before
        print(f"memory: {growth / 2**20:+.1f} MiB; {dict(sorted(seen.items()))}")
        assert not siege.players.take_harm()
        errors = siege.errors()
        assert errors == [], errors[0]
        declared = {*map(str, DECLARED_STATUSES), *(f"close {code}" for code in DECLARED_CLOSES)}
        assert seen.keys() <= {*declared, "conversations", "ended"}
        assert {"101", "400", "close 1002"} <= seen.keys()
        assert growth < MAX_GROWTH
