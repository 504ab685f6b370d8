"""Runs the migrations on the connection that `scheduler.journal.sqlite.migrate` has opened."""

from __future__ import annotations

from alembic import context

from scheduler.journal.sqlite.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
