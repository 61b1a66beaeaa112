"""Full-text search over conversations."""

from __future__ import annotations

from agentiq_core.store.migrations.scripts import run

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run("0011_search.sql")


def downgrade() -> None:
    run("0011_search_back.sql")
