"""StatsStore and CrashRoundStore on SQL."""

from typing import Any

from attrs import asdict, frozen
from sqlalchemy import bindparam, func, insert, select, update

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.stores.upsert import save
from adapters.outbound.sql.tables import crash_rounds, game_stats
from application.ports.storage.games import CrashRoundStore, StatsStore
from domain.errors import NotFound
from domain.events import GameType
from domain.games.crash import CrashRound, RoundStatus
from domain.progress.stats import GameStats

_all_stats = select(game_stats).where(game_stats.c.user_id == bindparam("this_user"))
_one_stats = _all_stats.where(game_stats.c.game_type == bindparam("game_type"))
_insert_round = insert(crash_rounds)
_this_round = (
    crash_rounds.c.round_id == bindparam("this_round"),
    crash_rounds.c.user_id == bindparam("this_user"),
)
_round_of_user = select(crash_rounds).where(*_this_round)
_save_round = update(crash_rounds).where(*_this_round)
_open_rounds = (
    select(crash_rounds)
    .where(crash_rounds.c.user_id == bindparam("this_user"), crash_rounds.c.status == "open")
    .order_by(crash_rounds.c.started_at, crash_rounds.c.round_id)
)
_highest_cashout = select(func.max(crash_rounds.c.cashout)).where(
    crash_rounds.c.user_id == bindparam("this_user"), crash_rounds.c.status == "won"
)
_users_with_crashed = (
    select(crash_rounds.c.user_id)
    .where(crash_rounds.c.status == "open", crash_rounds.c.crashes_at <= bindparam("now_ms"))
    .group_by(crash_rounds.c.user_id)
    .order_by(func.count(), func.min(crash_rounds.c.crashes_at), crash_rounds.c.user_id)
    .limit(bindparam("limit"))
)


@frozen
class SqlStatsStore(StatsStore):
    """Game statistics, in the table `game_stats`."""

    _connection: SqlConnection

    def get(self, user_id: int, game_type: GameType) -> GameStats:
        key = {"this_user": user_id, "game_type": game_type.value}
        row = self._connection.execute(_one_stats, key).one_or_none()
        return GameStats(game_type=game_type) if row is None else _stats(row)

    def all(self, user_id: int) -> list[GameStats]:
        return [_stats(row) for row in self._connection.execute(_all_stats, {"this_user": user_id})]

    def save(self, user_id: int, stats: GameStats) -> None:
        row = {
            "user_id": user_id,
            "game_type": stats.game_type.value,
            "plays": stats.plays,
            "wins": stats.wins,
            "wagered": stats.wagered,
            "won": stats.won,
            "biggest_win": stats.biggest_win,
        }
        save(self._connection, game_stats, row)


def _stats(row: Any) -> GameStats:
    return GameStats(
        game_type=GameType(row.game_type),
        plays=row.plays,
        wins=row.wins,
        wagered=row.wagered,
        won=row.won,
        biggest_win=row.biggest_win,
    )


@frozen
class SqlCrashRoundStore(CrashRoundStore):
    """Crash rounds, in the table `crash_rounds`. Partial indexes on open rounds keep the queries of
    the settlement and of `initial_state` independent of the number of settled rounds."""

    _connection: SqlConnection

    def add(self, user_id: int, crash_round: CrashRound) -> None:
        row = {**_round_row(crash_round), "user_id": user_id}
        self._connection.execute(_insert_round, row)

    def get(self, user_id: int, round_id: str) -> CrashRound:
        key = {"this_round": round_id, "this_user": user_id}
        row = self._connection.execute(_round_of_user, key).one_or_none()
        if row is None:
            raise NotFound("no such round", code="unknown_round")
        return _round(row)

    def open(self, user_id: int) -> list[CrashRound]:
        rows = self._connection.execute(_open_rounds, {"this_user": user_id})
        return [_round(row) for row in rows]

    def highest_cashout(self, user_id: int) -> int:
        found = self._connection.execute(_highest_cashout, {"this_user": user_id}).scalars()
        return found[0] or 0

    def save(self, user_id: int, *settled: CrashRound) -> None:
        rows = [
            {"this_round": crash_round.round_id, "this_user": user_id, **_round_row(crash_round)}
            for crash_round in settled
        ]
        self._connection.execute(_save_round, rows)

    def crashed(self, now_ms: int, limit: int) -> list[int]:
        page = {"now_ms": now_ms, "limit": limit}
        return self._connection.execute(_users_with_crashed, page).scalars()


def _round(row: Any) -> CrashRound:
    return CrashRound(
        round_id=row.round_id,
        bet=row.bet,
        crash_point=row.crash_point,
        started_at=row.started_at,
        auto_cashout=row.auto_cashout,
        status=RoundStatus(row.status),
        cashout=row.cashout,
        win=row.win,
        nonce=row.nonce,
    )


def _round_row(crash_round: CrashRound) -> dict[str, Any]:
    return {
        **asdict(crash_round),
        "status": crash_round.status.value,
        "crashes_at": crash_round.crashes_at,
    }
