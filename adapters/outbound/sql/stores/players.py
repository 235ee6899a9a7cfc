"""PlayerStore on SQL."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from attrs import asdict, fields, frozen
from sqlalchemy import BindParameter, Select, bindparam, insert, select, update

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.stores.times import from_ms, to_ms
from adapters.outbound.sql.stores.upsert import save
from adapters.outbound.sql.tables import (
    crash_rounds,
    heads,
    ledger,
    players,
    rewards,
    streaks,
)
from application.ports.storage.players import PlayerStore
from domain.errors import NotFound
from domain.events import RewardGranted
from domain.fairness import SeedPair
from domain.ledger import LedgerEntry
from domain.player import Player
from domain.progress.rewards import Reward
from domain.progress.streak import Streak

_this_user: BindParameter[int] = bindparam("this_user")
_player = select(players).where(players.c.user_id == _this_user)
_locked_player = _player.with_for_update()
_player_if_not_locked = _player.with_for_update(skip_locked=True)
_update_player = (
    update(players)
    .where(players.c.user_id == _this_user)
    .values({column.name: bindparam(column.name) for column in players.c if not column.primary_key})
)
_forget_seeds = update(players).values(server_salt="", next_server_salt="", nonce=0)
_forget_nonces = update(crash_rounds).where(crash_rounds.c.status == "open").values(nonce=None)
_insert_player = insert(players)
_insert_head = insert(heads)
_insert_ledger = insert(ledger)
_insert_rewards = insert(rewards)
_streaks = select(streaks).where(streaks.c.user_id == _this_user)
_streak = _streaks.where(streaks.c.action_type == bindparam("action_type"))
_recent_rewards = (
    select(rewards)
    .where(rewards.c.user_id == _this_user)
    .order_by(rewards.c.reward_id.desc())
    .limit(bindparam("limit"))
)

_SEEDS = tuple(attribute.name for attribute in fields(SeedPair))
_COLUMNS = tuple(attribute.name for attribute in fields(Player) if attribute.name != "seeds")
_seed_values, _column_values = attrgetter(*_SEEDS), attrgetter(*_COLUMNS)


@frozen
class SqlPlayerStore(PlayerStore):
    """Players, in the tables `players`, `ledger`, `streaks` and `rewards`."""

    _connection: SqlConnection

    def add(self, player: Player) -> None:
        self._connection.execute(_insert_player, _player_row(player))
        head = {"user_id": player.user_id, "seq": 0, "trimmed_through": 0, "commit_txid": 0}
        self._connection.execute(_insert_head, head)

    def lock(self, user_id: int) -> Player:
        return _found(self._read(_locked_player, user_id))

    def try_lock(self, user_id: int) -> Player | None:
        return self._read(_player_if_not_locked, user_id)

    def get(self, user_id: int) -> Player:
        return _found(self._read(_player, user_id))

    def _read(self, statement: Select[Any], user_id: int) -> Player | None:
        row = self._connection.execute(statement, {"this_user": user_id}).one_or_none()
        if row is None:
            return None
        values = row._asdict()
        seeds = SeedPair(**{name: values.pop(name) for name in _SEEDS})
        return Player(**values, seeds=seeds)

    def save(self, player: Player) -> None:
        values = _player_row(player)
        values["this_user"] = values.pop("user_id")
        self._connection.execute(_update_player, values)

    def forget_seeds(self) -> None:
        self._connection.execute(_forget_seeds)
        self._connection.execute(_forget_nonces)

    def add_ledger_entries(
        self, user_id: int, entries: Sequence[LedgerEntry], at: datetime
    ) -> None:
        created_at = to_ms(at)
        rows = [
            {
                "user_id": user_id,
                "delta": entry.delta,
                "balance": entry.balance,
                "reason": entry.reason.value,
                "created_at": created_at,
            }
            for entry in entries
        ]
        self._connection.execute(_insert_ledger, rows)

    def streak(self, user_id: int, action_type: str) -> Streak:
        key = {"this_user": user_id, "action_type": action_type}
        row = self._connection.execute(_streak, key).one_or_none()
        return Streak(action_type=action_type) if row is None else _read_streak(row)

    def streaks(self, user_id: int) -> list[Streak]:
        return [
            _read_streak(row) for row in self._connection.execute(_streaks, {"this_user": user_id})
        ]

    def save_streak(self, user_id: int, streak: Streak) -> None:
        save(self._connection, streaks, {"user_id": user_id, **asdict(streak)})

    def add_rewards(self, user_id: int, granted: Sequence[Reward]) -> None:
        rows = [
            {
                "user_id": user_id,
                "reward_type": reward.granted.reward_type,
                "reward_data": dict(reward.granted.reward_data),
                "source": reward.granted.source,
                "granted_at": to_ms(reward.granted_at),
                "event_id": reward.id,
            }
            for reward in granted
        ]
        self._connection.execute(_insert_rewards, rows)

    def recent_rewards(self, user_id: int, limit: int) -> list[Reward]:
        rows = self._connection.execute(_recent_rewards, {"this_user": user_id, "limit": limit})
        return [
            Reward(
                id=row.event_id or str(row.reward_id),
                granted=RewardGranted(
                    reward_type=row.reward_type, reward_data=row.reward_data, source=row.source
                ),
                granted_at=from_ms(row.granted_at),
            )
            for row in rows
        ]


def _found(player: Player | None) -> Player:
    if player is None:
        raise NotFound("no such user", code="unknown_user")
    return player


def _player_row(player: Player) -> dict[str, Any]:
    """The columns. Every round writes them, and `asdict` is slower."""
    row = dict(zip(_COLUMNS, _column_values(player), strict=True))
    row.update(zip(_SEEDS, _seed_values(player.seeds), strict=True))
    return row


def _read_streak(row: Any) -> Streak:
    return Streak(
        action_type=row.action_type,
        current_count=row.current_count,
        last_action_date=row.last_action_date,
    )
