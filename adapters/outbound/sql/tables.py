"""The database schema. A change here needs a migration in `migrations/versions`.

Amounts are whole gold; times are Unix milliseconds in UTC unless a column's type says otherwise.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigKey = BigInteger().with_variant(Integer, "sqlite")
"""Autoincrement key. SQLite assigns keys only to columns of type INTEGER (rowid aliases)."""


def _user() -> Column[int]:
    return Column("user_id", ForeignKey("accounts.user_id"), primary_key=True)


def _only(condition: str) -> dict[str, Any]:
    """The arguments of a partial index, for both dialects."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


accounts = Table(
    "accounts",
    metadata,
    Column("user_id", BigKey, primary_key=True, autoincrement=True),
    Column("site_id", String, nullable=False),
    Column("site_id_folded", String, nullable=False, unique=True),
    Column("password_hash", String, nullable=False),
    Column("role", String, nullable=False),
    Column("invite_code", String),
    Column("phone_number", String),
    Column("created_at", BigInteger, nullable=False),
    Column("status", String, nullable=False, server_default="active"),
    Column("version", BigInteger, nullable=False, server_default="1"),
    Column("changed_at", BigInteger, index=True),
    Index("ix_accounts_operators", "user_id", **_only("role = 'admin'")),
    sqlite_autoincrement=True,
)
"""`changed_at` is the time of the last change of `version`."""

logins = Table(
    "logins",
    metadata,
    Column("login_id", String, primary_key=True),
    Column("user_id", ForeignKey("accounts.user_id"), nullable=False, index=True),
    Column("family_digest", String, index=True, unique=True),
    Column("refresh_digest", String, nullable=False, unique=True),
    Column("previous_digest", String, index=True),
    Column("successor_salt", String),
    Column("rotated_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("ends_at", BigInteger),
    Column("revoked_at", BigInteger, index=True),
)

players = Table(
    "players",
    metadata,
    _user(),
    Column("nickname", String, nullable=False),
    Column("gold", BigInteger, nullable=False),
    Column("exp", BigInteger, nullable=False),
    Column("total_spent", BigInteger, nullable=False),
    Column("gacha_pity", Integer, nullable=False),
    Column("marathon_week", String, nullable=False),
    Column("marathon_plays", Integer, nullable=False),
    Column("server_salt", String, nullable=False, server_default=""),
    Column("next_server_salt", String, nullable=False, server_default=""),
    Column("client_seed", String, nullable=False, server_default=""),
    Column("nonce", BigInteger, nullable=False, server_default="0"),
    Column("marathon_wagered", BigInteger, nullable=False, server_default="0"),
)

revealed_seeds = Table(
    "revealed_seeds",
    metadata,
    _user(),
    Column("server_seed_hash", String, primary_key=True),
    Column("server_seed", String, nullable=False),
    Column("client_seed", String, nullable=False),
    Column("rounds", BigInteger, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("entry_id", BigKey, primary_key=True, autoincrement=True),
    Column("user_id", ForeignKey("accounts.user_id"), nullable=False, index=True),
    Column("delta", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

streaks = Table(
    "streaks",
    metadata,
    _user(),
    Column("action_type", String, primary_key=True),
    Column("current_count", Integer, nullable=False),
    Column("last_action_date", Date, nullable=False),
)

rewards = Table(
    "rewards",
    metadata,
    Column("reward_id", BigKey, primary_key=True, autoincrement=True),
    Column("user_id", ForeignKey("accounts.user_id"), nullable=False),
    Column("reward_type", String, nullable=False),
    Column("reward_data", JSON, nullable=False),
    Column("source", String, nullable=False),
    Column("granted_at", BigInteger, nullable=False),
    Column("event_id", String),
    Index("ix_rewards_user_id_reward_id", "user_id", "reward_id"),
)
"""`event_id` is missing from rewards that were granted before the column existed."""

game_stats = Table(
    "game_stats",
    metadata,
    _user(),
    Column("game_type", String, primary_key=True),
    Column("plays", BigInteger, nullable=False),
    Column("wins", BigInteger, nullable=False),
    Column("wagered", BigInteger, nullable=False),
    Column("won", BigInteger, nullable=False),
    Column("biggest_win", BigInteger, nullable=False),
)

crash_rounds = Table(
    "crash_rounds",
    metadata,
    Column("round_id", String, primary_key=True),
    Column("user_id", ForeignKey("accounts.user_id"), nullable=False),
    Column("bet", BigInteger, nullable=False),
    Column("crash_point", Integer, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("crashes_at", BigInteger, nullable=False),
    Column("auto_cashout", Integer),
    Column("status", String, nullable=False),
    Column("cashout", Integer),
    Column("win", BigInteger, nullable=False),
    Column("nonce", BigInteger),
    Index("ix_crash_rounds_open", "crashes_at", **_only("status = 'open'")),
    Index("ix_crash_rounds_open_of_user", "user_id", **_only("status = 'open'")),
    Index("ix_crash_rounds_won", "user_id", "cashout", **_only("status = 'won'")),
)

receipts = Table(
    "receipts",
    metadata,
    Column("receipt_code", String, primary_key=True),
    Column("user_id", ForeignKey("accounts.user_id"), nullable=False),
    Column("product_id", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False, server_default="0"),
    Index("ix_receipts_user_id_product_id", "user_id", "product_id"),
    Index("ix_receipts_user_id_number", "user_id", "number"),
)
"""`number` counts the purchases of a user from 1: clocks of several nodes do not give the order."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("result", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False, index=True),
)

tickets = Table(
    "tickets",
    metadata,
    Column("digest", String, primary_key=True),
    Column("caller", LargeBinary, nullable=False),
    Column("endpoint", String, nullable=False),
    Column("origin", String),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

heads = Table(
    "heads",
    metadata,
    _user(),
    Column("seq", BigInteger, nullable=False),
    Column("floor", BigInteger, key="trimmed_through", nullable=False),
    Column("mark", BigInteger, key="commit_txid", nullable=False, index=True),
)
"""One row per user. The journal has the entries from `trimmed_through + 1` to `seq`. `commit_txid`
is that of the last change, see `commit_order`. In the database the columns are named `floor` and
`mark`, as in the first migration."""

journal = Table(
    "journal",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String, nullable=False),
    Column("created_at", BigInteger, nullable=False, index=True),
    Column("mark", BigInteger, key="commit_txid"),
    Column("envelope", LargeBinary, nullable=False),
    Index("ix_journal_mark", "commit_txid", **_only("mark IS NOT NULL")),
    sqlite_with_rowid=False,
)
"""One row per event. `commit_txid` is set on game events only: monitors poll these over all users.
There is no foreign key, to save its check per row: the user's head is locked when rows are written,
and has one."""

journal_identity = Table(
    "journal_identity",
    metadata,
    Column("only_one", Boolean, primary_key=True),
    Column("epoch", String, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("address", String, nullable=False),
    Column("request_id", String, nullable=False),
    Column("action", String, nullable=False),
    Column("target", String, nullable=False),
    Column("parameters", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("key_id", String, nullable=False),
    Column("seal", String, nullable=False),
)
"""Triggers, which the migration makes, refuse to change or remove a row."""

audit_head = Table(
    "audit_head",
    metadata,
    Column("only_one", Boolean, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("seal", String, nullable=False),
)
"""The last row of `audit_log`; whoever appends locks it."""
