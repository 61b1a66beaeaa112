"""Where the marketplaces' specifications and printed payloads are read in place: they are not part of this repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def specs_dir() -> Path:
    """The folder that holds `specs` and `examples`: AGENTIQ_SPECS_DIR, else `../shared` beside the repository."""
    named = os.environ.get("AGENTIQ_SPECS_DIR")
    folder = Path(named) if named else Path(__file__).resolve().parents[3] / "shared"
    missing = [part for part in ("specs", "examples") if not (folder / part).is_dir()]
    if missing:
        where = "AGENTIQ_SPECS_DIR" if named else "../shared beside the repository"
        pytest.skip(f"marketplace specifications are absent: {where} has no {' and no '.join(missing)}")
    return folder
