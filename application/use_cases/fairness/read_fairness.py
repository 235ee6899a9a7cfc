"""Queries about fairness: the commitment to the next rounds, and the rounds of the past."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Annotated

from attrs import frozen

from application.ports.codec import Codec
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.transactions.seed_pairs import SeedPairs
from domain.constraints import Description
from domain.events import GameEvent, GameType, JsonObject, RecordedEvent
from domain.fairness import Fairness, RevealedSeed
from domain.player import Player

MAX_ROUNDS = 100
"""Limit of rounds per page."""


@frozen(kw_only=True)
class NextRound(Fairness):
    """The commitments to the server seed of the next round, and to the one after a rotation."""

    next_server_seed_hash: Annotated[
        str, Description("The SHA-256 of the server seed after the next rotation.")
    ]


@frozen(kw_only=True)
class PastRound:
    """A journaled round. `server_seed` is None until a rotation reveals it; `fairness` is None if
    the round was played before there were seeds."""

    seq: Annotated[int, Description("The `seq` of the round's event.")]
    ts: Annotated[datetime, Description("When it was settled or opened.")]
    game_type: Annotated[GameType, Description("The game.")]
    subtype: Annotated[str, Description("What was done, such as `slot_spin`.")]
    bet: Annotated[int, Description("The bet, in gold.")]
    win: Annotated[int, Description("The gross pay-out, in gold.")]
    result: Annotated[JsonObject, Description("The outcome; its fields depend on the game.")]
    fairness: Annotated[
        Fairness | None,
        Description("What verifies the round; null if it was played before there were seeds."),
    ]
    server_seed: Annotated[
        str | None, Description("The server seed; null until a rotation reveals it.")
    ]


@frozen
class PastRounds:
    """A page of rounds, newest first. The `seq` of the last one is `before` for the next page."""

    rounds: Annotated[Sequence[PastRound], Description("The rounds, newest first.")]


@frozen
class ReadFairness:
    """Read what verifies rounds.

    - A player without seeds gets the first pair by asking for the commitment.
    - Rounds are listed as long as the journal keeps their events.
    """

    _unit_of_work: UnitOfWork
    _codec: Codec
    _seed_pairs: SeedPairs

    async def next_round(self, user_id: int) -> NextRound:
        """The commitments, the client seed and the nonce of the next round."""
        player = await self._unit_of_work.read(lambda stores: stores.players.get(user_id))
        if not player.seeds.server_salt:
            player = await self._unit_of_work.write(lambda stores: self._begin(stores, user_id))
        following = self._seed_pairs.next_round(player)
        return NextRound(
            server_seed_hash=following.server_seed_hash,
            client_seed=following.client_seed,
            nonce=following.nonce,
            next_server_seed_hash=self._seed_pairs.next_commitment(player),
        )

    def _begin(self, stores: Stores, user_id: int) -> Player:
        player = self._seed_pairs.ready(stores.players.lock(user_id))
        stores.players.save(player)
        return player

    async def rounds(self, user_id: int, before: int | None, limit: int) -> PastRounds:
        """The latest `limit` rounds with a `seq` below `before`, if that is given."""

        def read(stores: Stores) -> PastRounds:
            entries = stores.journal.games_of(user_id, before, limit)
            find = cache(lambda digest: stores.revealed_seeds.find(user_id, digest))
            return PastRounds([_past_round(self._codec.recorded(entry), find) for entry in entries])

        return await self._unit_of_work.read(read)


def _past_round(recorded: RecordedEvent, find: Callable[[str], RevealedSeed | None]) -> PastRound:
    game = recorded.event
    assert isinstance(game, GameEvent), "`games_of` returns nothing else"
    revealed = game.fairness and find(game.fairness.server_seed_hash)
    return PastRound(
        seq=recorded.seq,
        ts=recorded.ts,
        game_type=game.game_type,
        subtype=game.subtype,
        bet=game.bet,
        win=game.win,
        result=game.result,
        fairness=game.fairness,
        server_seed=revealed.server_seed if revealed else None,
    )
