"""Full-text search over conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _run(Path(__file__).with_name("0011_search.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    _run(Path(__file__).with_name("0011_search_back.sql").read_text(encoding="utf-8"))


def _run(script: str) -> None:
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute("set local search_path = agentiq, procrastinate")
    driver.execute(script)
