"""An index of won crash rounds, for the highest multiplier of a player."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = "ix_crash_rounds_won"


def upgrade() -> None:
    """Add the index, which changes no row."""
    won = sa.text("status = 'won'")
    op.create_index(
        NAME, "crash_rounds", ["user_id", "cashout"], sqlite_where=won, postgresql_where=won
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index(NAME, "crash_rounds")
