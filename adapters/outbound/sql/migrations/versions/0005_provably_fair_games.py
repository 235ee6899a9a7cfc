"""Provably fair games: seed pairs of players, revealed seeds, nonces of crash rounds. Players get
their first pair when they first play or ask for it. The marathon counts what is bet."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SEEDS = ("server_salt", "next_server_salt", "client_seed")
NUMBERS = ("nonce", "marathon_wagered")


def upgrade() -> None:
    """Add the columns, which rewrites no row, and the table."""
    for name in SEEDS:
        op.add_column("players", sa.Column(name, sa.String(), nullable=False, server_default=""))
    for name in NUMBERS:
        number = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column("players", number)
    op.add_column("crash_rounds", sa.Column("nonce", sa.BigInteger(), nullable=True))
    op.create_table(
        "revealed_seeds",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_seed_hash", sa.String(), nullable=False),
        sa.Column("server_seed", sa.String(), nullable=False),
        sa.Column("client_seed", sa.String(), nullable=False),
        sa.Column("rounds", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.user_id"], name="fk_revealed_seeds_user_id"
        ),
        sa.PrimaryKeyConstraint("user_id", "server_seed_hash", name="pk_revealed_seeds"),
    )


def downgrade() -> None:
    """Drop them. Commitments are lost."""
    op.drop_table("revealed_seeds")
    op.drop_column("crash_rounds", "nonce")
    for name in (*NUMBERS, *SEEDS):
        op.drop_column("players", name)
