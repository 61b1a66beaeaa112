"""A first sync that begins with the newest conversations, and the marketplace's own clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute("set local search_path = agentiq, procrastinate")
    driver.execute(Path(__file__).with_name("0003_sync.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute("set local search_path = agentiq, procrastinate")
    driver.execute(
        "alter table sync_state drop column ahead, drop column newest_at, drop column begins_at,"
        " drop column read_from, drop column window_from, drop column window_cursor;"
        " alter table outbox drop column ahead;"
        " alter table quarantine drop column dismissed_at;"
        " alter table memberships reset (autovacuum_vacuum_insert_threshold, autovacuum_vacuum_insert_scale_factor)"
    )
