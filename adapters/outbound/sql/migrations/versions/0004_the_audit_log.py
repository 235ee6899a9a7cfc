"""The audit log and its head; triggers refuse to change or remove a row."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ONLY_GROWS = "the audit log only grows"


def upgrade() -> None:
    """Create both tables, an empty head, and the triggers."""
    op.create_table(
        "audit_log",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("parameters", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_log"),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("only_one", sa.Boolean(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("only_one", name="pk_audit_head"),
    )
    op.bulk_insert(head, [{"only_one": True, "number": 0, "seal": ""}])
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_triggers()
    else:
        _postgres_triggers()


def _sqlite_triggers() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{ONLY_GROWS}'); END"
    for name, when in (
        ("audit_log_no_update", "BEFORE UPDATE ON audit_log"),
        ("audit_log_no_delete", "BEFORE DELETE ON audit_log"),
        ("audit_head_no_delete", "BEFORE DELETE ON audit_head"),
        (
            "audit_head_no_return",
            "BEFORE UPDATE ON audit_head WHEN NEW.number IS NOT OLD.number + 1",
        ),
    ):
        op.execute(f"CREATE TRIGGER {name} {when} {refuse}")


def _postgres_triggers() -> None:
    op.execute(
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{ONLY_GROWS}'; END $$"
    )
    for name, when in (
        ("audit_log_no_change", "BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log"),
        ("audit_head_no_delete", "BEFORE DELETE OR TRUNCATE ON audit_head"),
        (
            "audit_head_no_return",
            "BEFORE UPDATE ON audit_head FOR EACH ROW"
            " WHEN (NEW.number IS DISTINCT FROM OLD.number + 1)",
        ),
    ):
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION audit_only_grows()")


def downgrade() -> None:
    """Drop the tables, and with them the triggers."""
    op.drop_table("audit_log")
    op.drop_table("audit_head")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_only_grows()")
