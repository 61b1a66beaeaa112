"""Dismissals from the quarantine in the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute("set local search_path = agentiq, procrastinate")
    driver.execute(Path(__file__).with_name("0005_dismissals.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute("set local search_path = agentiq, procrastinate")
    driver.execute(
        "drop trigger dismissal_noted on quarantine; drop trigger dismissed_from_the_start on quarantine;"
        " drop function agentiq_private.dismissal_noted()"
    )
