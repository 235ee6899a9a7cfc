"""RevealedSeedStore on SQL."""

from attrs import frozen
from sqlalchemy import bindparam, insert, select

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.tables import revealed_seeds
from application.ports.storage.seeds import RevealedSeedStore
from domain.fairness import RevealedSeed

_insert = insert(revealed_seeds)
_this = select(revealed_seeds).where(
    revealed_seeds.c.user_id == bindparam("this_user"),
    revealed_seeds.c.server_seed_hash == bindparam("hash"),
)


@frozen
class SqlRevealedSeedStore(RevealedSeedStore):
    """Revealed server seeds, in the table `revealed_seeds`."""

    _connection: SqlConnection

    def add(self, user_id: int, revealed: RevealedSeed) -> None:
        row = {
            "user_id": user_id,
            "server_seed_hash": revealed.server_seed_hash,
            "server_seed": revealed.server_seed,
            "client_seed": revealed.client_seed,
            "rounds": revealed.rounds,
        }
        self._connection.execute(_insert, row)

    def find(self, user_id: int, server_seed_hash: str) -> RevealedSeed | None:
        key = {"this_user": user_id, "hash": server_seed_hash}
        row = self._connection.execute(_this, key).one_or_none()
        if row is None:
            return None
        return RevealedSeed(
            server_seed=row.server_seed, client_seed=row.client_seed, rounds=row.rounds
        )
