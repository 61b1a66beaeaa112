"""Writes requirements/*.lock: every package pinned and hashed, for Python 3.11 and later on any system.

app.lock holds what running a checkout takes (the runtime and the build backend), dev.lock the same pins and the tools,
live.lock the small language model of tests/ai_live, which goes into a directory of its own without its dependencies.
No address of an index is written, so whatever index pip is set up with serves.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")


def main() -> None:
    """Compiles app.lock anew, then dev.lock on the same pins, then live.lock."""
    if not UV.exists():
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    _compile("app.lock", "--group", "build", "pyproject.toml")
    _compile(
        *(
            "dev.lock",
            "--group",
            "build",
            "--group",
            "dev",
            "--constraint",
            "requirements/app.lock",
            "pyproject.toml",
        )
    )
    _compile("live.lock", "--group", "live", "--no-deps")


def _compile(lock: str, *arguments: str) -> None:
    plain = ["--no-header", "--no-annotate", "--no-config"]
    scope = ["--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade", "--quiet"]
    files = ["--output-file", f"requirements/{lock}"]
    subprocess.run([UV, "pip", "compile", *scope, *plain, *arguments, *files], check=True, cwd=ROOT)
    print(f"requirements/{lock} written")


if __name__ == "__main__":
    main()
