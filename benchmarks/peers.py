"""Other terminal apps to measure beside, each in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ALONG = {"posting": ("tree-sitter==0.25.*",)}
"""What a peer needs beside itself: posting's Textual dies of newer ones without a word."""
HOME = Path(__file__).parents[1] / "build" / "peers"


def peer(name: str, version: str) -> Path | None:
    """The command of a published app, installed on first use; None, and a line about it, where it cannot be."""
    environment = HOME / f"{name}-{version}"
    command = environment / "bin" / name
    if command.exists():
        return command
    steps = (
        [sys.executable, "-m", "venv", str(environment)],
        [
            str(environment / "bin" / "pip"),
            "install",
            "--quiet",
            f"{name}=={version}.*",
            *ALONG.get(name, ()),
        ],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"{name} {version} is not here to compare with: {done.stderr.strip().splitlines()[-1:]}")
            return None
    return command
