"""Versions and statuses of accounts; families of refresh tokens, and an end of each login.

The columns have defaults or may be null, because nodes of the version before still write rows
during a deploy.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPERATORS = sa.text("role = 'admin'")


def upgrade() -> None:
    """Add the columns and their indexes; existing accounts are active and of version 1."""
    op.add_column(
        "accounts", sa.Column("status", sa.String(), nullable=False, server_default="active")
    )
    op.add_column(
        "accounts", sa.Column("version", sa.BigInteger(), nullable=False, server_default="1")
    )
    op.add_column("accounts", sa.Column("changed_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_accounts_changed_at", "accounts", ["changed_at"], unique=False)
    op.create_index(
        "ix_accounts_operators",
        "accounts",
        ["user_id"],
        unique=False,
        sqlite_where=OPERATORS,
        postgresql_where=OPERATORS,
    )
    op.add_column("logins", sa.Column("family_digest", sa.String(), nullable=True))
    op.add_column("logins", sa.Column("successor_salt", sa.String(), nullable=True))
    op.add_column("logins", sa.Column("ends_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_logins_family_digest", "logins", ["family_digest"], unique=True)


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_logins_family_digest", "logins")
    for column in ("ends_at", "successor_salt", "family_digest"):
        op.drop_column("logins", column)
    op.drop_index("ix_accounts_operators", "accounts")
    op.drop_index("ix_accounts_changed_at", "accounts")
    for column in ("changed_at", "version", "status"):
        op.drop_column("accounts", column)
