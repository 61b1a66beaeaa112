"""Sign-in, roles, row security by token, and the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PARTS = ("identity", "operators", "audit", "policies")


def upgrade() -> None:
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute("set local search_path = agentiq, procrastinate")
    for part in _PARTS:
        # the driver's own connection: several statements at once, and no percent signs to escape
        driver.execute(Path(__file__).with_name(f"0002_{part}.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("row security is not taken off: restore a backup of the former schema")
