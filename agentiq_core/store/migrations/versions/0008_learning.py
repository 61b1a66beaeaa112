"""What people made of suggestions, and replies that leave by themselves."""

from __future__ import annotations

from agentiq_core.store.migrations.scripts import run

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run("0008_learning.sql")


def downgrade() -> None:
    run("0008_learning_back.sql")
