"""The seed pairs of players: the draws of the next round, and rotation."""

from attrs import evolve, frozen

from application.ports.ids import Ids
from application.transactions.player_transaction import PlayerTransaction
from domain.fairness import (
    FairDraws,
    Fairness,
    RevealedSeed,
    SeedPair,
    ServerSeeds,
    commitment,
)
from domain.player import Player


@frozen
class SeedPairs:
    """The pair and its nonce are part of the player's row. So a round takes its nonce under the
    lock of the player, and a round that is rolled back takes none: nonces have no gaps.

    A player gets the first pair when it is first asked for, or with the first round.
    """

    _server_seeds: ServerSeeds
    _ids: Ids

    def ready(self, player: Player) -> Player:
        """The player with a pair."""
        if player.seeds.server_salt:
            return player
        first = SeedPair(
            server_salt=self._salt(),
            next_server_salt=self._salt(),
            client_seed=player.seeds.client_seed or self._ids.secret()[:16],
        )
        return evolve(player, seeds=first)

    def draws(self, tx: PlayerTransaction) -> FairDraws:
        """The draws of the player's next round; takes its nonce."""
        player = self.ready(tx.player)
        pair = player.seeds
        tx.player = evolve(player, seeds=pair.after_a_round())
        return FairDraws(self._server_seed(player), pair.client_seed, pair.nonce)

    def next_round(self, player: Player) -> Fairness:
        """What a player with a pair may know about the next round."""
        return Fairness(
            server_seed_hash=commitment(self._server_seed(player)),
            client_seed=player.seeds.client_seed,
            nonce=player.seeds.nonce,
        )

    def earlier_round(self, player: Player, nonce: int | None) -> Fairness | None:
        """The facts of an earlier round with the player's pair; None if it was played without."""
        return None if nonce is None else evolve(self.next_round(player), nonce=nonce)

    def next_commitment(self, player: Player) -> str:
        """The hash of the server seed that comes with the next rotation."""
        salt = player.seeds.next_server_salt
        return commitment(self._server_seeds.server_seed(player.user_id, salt))

    def rotate(self, tx: PlayerTransaction, client_seed: str | None) -> RevealedSeed:
        """Begin the next pair, with the old client seed if none is given. Returns the pair that
        ends, which must have no open round."""
        player = self.ready(tx.player)
        pair = player.seeds
        following = SeedPair(
            server_salt=pair.next_server_salt,
            next_server_salt=self._salt(),
            client_seed=client_seed or pair.client_seed,
        )
        tx.player = evolve(player, seeds=following)
        return RevealedSeed(
            server_seed=self._server_seed(player), client_seed=pair.client_seed, rounds=pair.nonce
        )

    def _server_seed(self, player: Player) -> str:
        return self._server_seeds.server_seed(player.user_id, player.seeds.server_salt)

    def _salt(self) -> str:
        return self._server_seeds.salt(self._ids.secret())
