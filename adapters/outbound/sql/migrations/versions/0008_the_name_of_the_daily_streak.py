"""The daily streak has the name under which deployed clients look for it."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RENAME = "UPDATE streaks SET action_type = '{new}' WHERE action_type = '{old}'"


def upgrade() -> None:
    """Rename the rows; events in the journal keep the old name."""
    op.execute(RENAME.format(old="daily_claim", new="DAILY_LOGIN"))


def downgrade() -> None:
    """Rename them back."""
    op.execute(RENAME.format(old="DAILY_LOGIN", new="daily_claim"))
