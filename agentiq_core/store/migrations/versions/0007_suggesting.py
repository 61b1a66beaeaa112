"""Models that suggest: settings, spending, knowledge, examples."""

from __future__ import annotations

from agentiq_core.store.migrations.scripts import run

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run("0007_suggesting.sql")


def downgrade() -> None:
    run("0007_suggesting_back.sql")
