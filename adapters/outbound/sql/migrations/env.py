"""Alembic environment. `migrate.py` passes the connection."""

from alembic import context

from adapters.outbound.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
