"""Notes, tags, assignment, presence, saved views."""

from __future__ import annotations

from agentiq_core.store.migrations.scripts import run

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run("0010_team.sql")


def downgrade() -> None:
    run("0010_team_back.sql")
