"""A seller's own guardrail rules."""

from __future__ import annotations

from agentiq_core.store.migrations.scripts import run

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run("0009_guard_rules.sql")


def downgrade() -> None:
    run("0009_guard_rules_back.sql")
