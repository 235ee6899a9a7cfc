"""What the state shows of rewards and purchases: the event of a reward, the order of purchases."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBER = """
UPDATE receipts SET number = numbered.number
FROM (
    SELECT receipt_code AS code,
        row_number() OVER (PARTITION BY user_id ORDER BY created_at, receipt_code) AS number
    FROM receipts
) AS numbered
WHERE receipts.receipt_code = numbered.code
"""


def upgrade() -> None:
    """Add the columns and the index; number the receipts that exist by their time."""
    op.add_column("rewards", sa.Column("event_id", sa.String(), nullable=True))
    number = sa.Column("number", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("receipts", number)
    op.execute(NUMBER)
    op.create_index("ix_receipts_user_id_number", "receipts", ["user_id", "number"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_receipts_user_id_number", "receipts")
    op.drop_column("receipts", "number")
    op.drop_column("rewards", "event_id")
