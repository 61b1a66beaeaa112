"""The SQL of a migration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import op


def run(name: str) -> None:
    """Run a script beside the migrations, in the migration's own transaction."""
    script = (Path(__file__).with_name("versions") / name).read_text(encoding="utf-8")
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute("set local search_path = agentiq, procrastinate")
    driver.execute(script)
