"""Sets up .venv for the Makefile: the locked packages, then AgentIQ itself, editable. Standard library only.

Two runs at once take turns. What is already installed is not installed again, and pip is heard only when it fails.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "setup.log"
NO_VENV = (
    "This Python cannot make virtual environments: its venv module is not complete.\n"
    f"Debian, Ubuntu: apt-get install python3.{sys.version_info.minor}-venv, then run make again."
)


def main(kind: str) -> None:
    """Brings .venv up to requirements/{kind}.lock, where dev holds everything that app does."""
    with _taking_turns():
        if not _venv_is_usable():
            _make_venv()
        (VENV / ".root").write_bytes(os.fsencode(ROOT) + b"\n")
        _install_packages(kind)
        _install_project()
        for stamp in ["app", "dev"] if kind == "dev" else ["app"]:
            digest = _digest((ROOT / "requirements" / f"{stamp}.lock").read_bytes())
            (VENV / f".installed-{stamp}").write_text(digest, encoding="utf-8")


@contextlib.contextmanager
def _taking_turns() -> Iterator[None]:
    # The lock is on the checkout's own directory: it needs no file, and dies with the process.
    descriptor = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _venv_is_usable() -> bool:
    made_for = VENV / ".root"
    if made_for.exists() and made_for.read_bytes().strip() != os.fsencode(ROOT):
        return False
    probe = "import sys; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", probe], capture_output=True).returncode == 0


def _make_venv() -> None:
    _say(f"Making .venv with Python {sys.version.split()[0]}")
    if VENV.exists():
        shutil.rmtree(VENV)
    command: list[str | Path]
    if importlib.util.find_spec("ensurepip"):
        command = [sys.executable, "-m", "venv", VENV]
    elif importlib.util.find_spec("virtualenv"):
        command = [sys.executable, "-m", "virtualenv", "--quiet", VENV]
    elif importlib.util.find_spec("venv") and importlib.util.find_spec("pip"):
        command = [sys.executable, "-m", "venv", "--without-pip", VENV]
    else:
        sys.exit(NO_VENV)
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(f"{(made.stdout + made.stderr).strip()}\n{NO_VENV}")


def _install_packages(kind: str) -> None:
    lock = ROOT / "requirements" / f"{kind}.lock"
    stamp = VENV / f".installed-{kind}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == _digest(lock.read_bytes()):
        return
    count = len(re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    _say(f"Installing {count} packages from requirements/{lock.name}, about a minute")
    _pip("install", "--require-hashes", "--requirement", lock)


def _install_project() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shape = {key: pyproject.get(key) for key in ("project", "build-system")}
    digest = _digest(json.dumps([shape, pyproject["tool"].get("hatch")], sort_keys=True).encode())
    stamp = VENV / ".installed-project"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return
    _say("Installing AgentIQ itself")
    _pip("install", "--no-build-isolation", "--no-deps", "--no-index", "--editable", ROOT)
    # Before 3.13 Python reads .pth files in the locale's encoding: under LC_ALL=C a Cyrillic path would stop it.
    for link in VENV.glob("lib/python*/site-packages/_editable_impl_agentiq.pth"):
        link.write_text(f"{os.path.relpath(ROOT, link.parent)}\n", encoding="ascii")
    stamp.write_text(digest, encoding="utf-8")


def _pip(*arguments: str | Path) -> None:
    pip: list[str | Path] = [PYTHON, "-m", "pip"]
    if not (VENV / "bin" / "pip").exists():  # made --without-pip: the host's pip installs into it
        pip = [sys.executable, "-m", "pip", "--python", PYTHON]
    quiet = ["--disable-pip-version-check", "--no-input", "--no-color"]
    # A user's own pip settings may ask for installs elsewhere; these belong in .venv.
    environment = os.environ | {"PIP_USER": "0", "PIP_PROGRESS_BAR": "off", "PIP_ROOT_USER_ACTION": "ignore"}
    with LOG.open("w", encoding="utf-8") as log:
        done = subprocess.run([*pip, *quiet, *arguments], stdout=log, stderr=log, env=environment, cwd=ROOT)
    if done.returncode != 0:
        said = LOG.read_text(encoding="utf-8", errors="replace").splitlines()
        told = [line for line in said if not line.startswith("Requirement already satisfied")]
        sys.exit("\n".join([*told[-25:], f"pip failed; all of what it said is in {LOG.relative_to(ROOT)}"]))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
