"""Alembic's entry: migrates on the connection that `store.schema` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema="agentiq",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
