"""The first schema: sellers, conversations, messages, outbox, and Procrastinate's own tables beside them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for script in (
        "set local search_path = agentiq",
        Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"),
        "set local search_path = procrastinate",
        (resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8"),
        "set local search_path = agentiq, procrastinate",
    ):
        _execute(script)


def downgrade() -> None:
    _execute("drop schema agentiq cascade; drop schema procrastinate cascade")


def _execute(script: str) -> None:
    # the driver's own connection: several statements at once, and no percent signs to escape
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(script)
