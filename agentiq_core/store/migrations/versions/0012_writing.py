"""Policies of writing that every supported Postgres answers at once."""

from __future__ import annotations

from agentiq_core.store.migrations.scripts import run

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run("0012_writing.sql")


def downgrade() -> None:
    run("0012_writing_back.sql")
