"""Rotate the seeds: reveal the server seed, and begin the next pair."""

from typing import Annotated

from attrs import frozen

from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.transactions.seed_pairs import SeedPairs
from application.use_cases.games.crash_rounds import settle_crashed
from application.use_cases.games.gameplay import act
from domain.constraints import Description, ShortText
from domain.errors import Conflict
from domain.fairness import check_client_seed


@frozen(kw_only=True)
class ChangeClientSeedCommand(Command):
    """The client seed of the next rounds."""

    client_seed: Annotated[ShortText, Description("1 to 64 letters, digits or any of `. _ -`.")]


@frozen(kw_only=True)
class RotateSeedsCommand(Command):
    """Has no fields: the client seed stays."""


@frozen(kw_only=True)
class RotateSeedsResult(Result):
    """The revealed server seed, and the commitments of the next rounds."""

    revealed_server_seed: Annotated[str, Description("The server seed of the past rounds.")]
    revealed_server_seed_hash: Annotated[str, Description("Its SHA-256, which was shown before.")]
    revealed_client_seed: Annotated[str, Description("The client seed of the past rounds.")]
    revealed_rounds: Annotated[int, Description("The number of rounds that were played with them.")]
    server_seed_hash: Annotated[
        str, Description("The SHA-256 of the server seed of the next rounds.")
    ]
    client_seed: Annotated[str, Description("The client seed of the next rounds.")]
    nonce: Annotated[int, Description("The nonce of the next round: 0.")]
    next_server_seed_hash: Annotated[
        str, Description("The SHA-256 of the server seed after the next rotation.")
    ]


@frozen
class RotateSeeds:
    """Reveal the server seed of the past rounds; the next round has another one and the nonce 0.

    - The next server seed is the one whose hash was shown before, as `next_server_seed_hash`.
    - A new client seed comes with a new server seed, so that nobody can try client seeds against a
      known server seed.
    - Open crash rounds belong to the present pair, and whoever knew its server seed would know when
      they crash. So there must be none: they can be cashed out, and crash within minutes.
    """

    _transactions: PlayerTransactions
    _seed_pairs: SeedPairs

    async def execute(
        self, actor: Actor, command: RotateSeedsCommand | ChangeClientSeedCommand
    ) -> RotateSeedsResult:
        """Rotate. InvalidInput (client seed) or Conflict (`open_rounds`)."""
        client_seed = None
        if isinstance(command, ChangeClientSeedCommand):
            client_seed = check_client_seed(command.client_seed)
        return await self._transactions.run(
            actor,
            command,
            lambda tx: self._rotate(tx, client_seed),
            RotateSeedsResult,
            reason="rotate_seeds",
        )

    def _rotate(self, tx: PlayerTransaction, client_seed: str | None) -> RotateSeedsResult:
        user_id = tx.player.user_id
        settle_crashed(tx, self._seed_pairs)
        if tx.stores.crash_rounds.open(user_id):
            raise Conflict("cash out the open rounds first, or wait", code="open_rounds")
        revealed = self._seed_pairs.rotate(tx, client_seed)
        if revealed.rounds:
            tx.stores.revealed_seeds.add(user_id, revealed)
        act(tx, "rotate_seeds", revealed_server_seed_hash=revealed.server_seed_hash)
        following = self._seed_pairs.next_round(tx.player)
        return RotateSeedsResult(
            revealed_server_seed=revealed.server_seed,
            revealed_server_seed_hash=revealed.server_seed_hash,
            revealed_client_seed=revealed.client_seed,
            revealed_rounds=revealed.rounds,
            server_seed_hash=following.server_seed_hash,
            client_seed=following.client_seed,
            nonce=following.nonce,
            next_server_seed_hash=self._seed_pairs.next_commitment(tx.player),
        )
