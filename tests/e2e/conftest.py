"""A home of its own for each program that a test starts."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """An `$AGENTIQ_HOME` that the embedded server's own user can reach when tests run as root."""
    home = Path(tempfile.mkdtemp(prefix="e2e-", dir=os.environ["AGENTIQ_TEST_HOME"]))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home)
