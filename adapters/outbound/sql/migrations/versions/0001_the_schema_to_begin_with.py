"""The initial schema, and a random epoch as the identity of the new journal."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create all tables and the epoch."""
    op.create_table(
        "accounts",
        sa.Column("user_id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("site_id_folded", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("invite_code", sa.String(), nullable=True),
        sa.Column("phone_number", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_accounts"),
        sa.UniqueConstraint("site_id_folded", name="uq_accounts_site_id_folded"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "idempotency",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"], unique=False)
    op.create_table(
        "journal",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "seq", name="pk_journal"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_journal_created_at", "journal", ["created_at"], unique=False)
    op.create_index(
        "ix_journal_mark",
        "journal",
        ["mark"],
        unique=False,
        sqlite_where=sa.text("mark IS NOT NULL"),
        postgresql_where=sa.text("mark IS NOT NULL"),
    )
    op.create_table(
        "journal_identity",
        sa.Column("only_one", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("only_one", name="pk_journal_identity"),
    )
    op.create_table(
        "crash_rounds",
        sa.Column("round_id", sa.String(), nullable=False),
        sa.Column("user_id", BIG_KEY, nullable=False),
        sa.Column("bet", sa.BigInteger(), nullable=False),
        sa.Column("crash_point", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("crashes_at", sa.BigInteger(), nullable=False),
        sa.Column("auto_cashout", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("cashout", sa.Integer(), nullable=True),
        sa.Column("win", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.user_id"], name="fk_crash_rounds_user_id"),
        sa.PrimaryKeyConstraint("round_id", name="pk_crash_rounds"),
    )
    op.create_index(
        "ix_crash_rounds_open",
        "crash_rounds",
        ["crashes_at"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_crash_rounds_open_of_user",
        "crash_rounds",
        ["user_id"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "game_stats",
        sa.Column("user_id", BIG_KEY, nullable=False),
        sa.Column("game_type", sa.String(), nullable=False),
        sa.Column("plays", sa.BigInteger(), nullable=False),
        sa.Column("wins", sa.BigInteger(), nullable=False),
        sa.Column("wagered", sa.BigInteger(), nullable=False),
        sa.Column("won", sa.BigInteger(), nullable=False),
        sa.Column("biggest_win", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.user_id"], name="fk_game_stats_user_id"),
        sa.PrimaryKeyConstraint("user_id", "game_type", name="pk_game_stats"),
    )
    op.create_table(
        "heads",
        sa.Column("user_id", BIG_KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.user_id"], name="fk_heads_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_heads"),
    )
    op.create_index("ix_heads_mark", "heads", ["mark"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("entry_id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG_KEY, nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.user_id"], name="fk_ledger_user_id"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_ledger"),
    )
    op.create_index("ix_ledger_user_id", "ledger", ["user_id"], unique=False)
    op.create_table(
        "logins",
        sa.Column("login_id", sa.String(), nullable=False),
        sa.Column("user_id", BIG_KEY, nullable=False),
        sa.Column("refresh_digest", sa.String(), nullable=False),
        sa.Column("previous_digest", sa.String(), nullable=True),
        sa.Column("rotated_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.user_id"], name="fk_logins_user_id"),
        sa.PrimaryKeyConstraint("login_id", name="pk_logins"),
        sa.UniqueConstraint("refresh_digest", name="uq_logins_refresh_digest"),
    )
    op.create_index("ix_logins_expires_at", "logins", ["expires_at"], unique=False)
    op.create_index("ix_logins_previous_digest", "logins", ["previous_digest"], unique=False)
    op.create_index("ix_logins_revoked_at", "logins", ["revoked_at"], unique=False)
    op.create_index("ix_logins_user_id", "logins", ["user_id"], unique=False)
    op.create_table(
        "players",
        sa.Column("user_id", BIG_KEY, nullable=False),
        sa.Column("nickname", sa.String(), nullable=False),
        sa.Column("gold", sa.BigInteger(), nullable=False),
        sa.Column("exp", sa.BigInteger(), nullable=False),
        sa.Column("total_spent", sa.BigInteger(), nullable=False),
        sa.Column("gacha_pity", sa.Integer(), nullable=False),
        sa.Column("marathon_week", sa.String(), nullable=False),
        sa.Column("marathon_plays", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.user_id"], name="fk_players_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_players"),
    )
    op.create_table(
        "receipts",
        sa.Column("receipt_code", sa.String(), nullable=False),
        sa.Column("user_id", BIG_KEY, nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.user_id"], name="fk_receipts_user_id"),
        sa.PrimaryKeyConstraint("receipt_code", name="pk_receipts"),
    )
    op.create_index(
        "ix_receipts_user_id_product_id", "receipts", ["user_id", "product_id"], unique=False
    )
    op.create_table(
        "rewards",
        sa.Column("reward_id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG_KEY, nullable=False),
        sa.Column("reward_type", sa.String(), nullable=False),
        sa.Column("reward_data", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.user_id"], name="fk_rewards_user_id"),
        sa.PrimaryKeyConstraint("reward_id", name="pk_rewards"),
    )
    op.create_index(
        "ix_rewards_user_id_reward_id", "rewards", ["user_id", "reward_id"], unique=False
    )
    op.create_table(
        "streaks",
        sa.Column("user_id", BIG_KEY, nullable=False),
        sa.Column("action_type", sa.String(), nullable=False),
        sa.Column("current_count", sa.Integer(), nullable=False),
        sa.Column("last_action_date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.user_id"], name="fk_streaks_user_id"),
        sa.PrimaryKeyConstraint("user_id", "action_type", name="pk_streaks"),
    )
    op.bulk_insert(
        sa.table(
            "journal_identity", sa.column("only_one", sa.Boolean), sa.column("epoch", sa.String)
        ),
        [{"only_one": True, "epoch": secrets.token_hex(8)}],
    )


def downgrade() -> None:
    """Drop all tables."""
    for table in (
        "streaks",
        "rewards",
        "receipts",
        "players",
        "logins",
        "ledger",
        "heads",
        "game_stats",
        "crash_rounds",
        "journal_identity",
        "journal",
        "idempotency",
        "accounts",
    ):
        op.drop_table(table)
