"""What Alembic runs around a migration: the connection comes from `migrate.py`, already locked."""

from __future__ import annotations

from alembic import context

from services.adapters.store.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
