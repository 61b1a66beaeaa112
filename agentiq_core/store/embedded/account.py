"""The operating system's user the server runs as: ourselves, or an unprivileged one when we are root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agentiq_core.store.embedded.failures import Reason, unavailable

_UNPRIVILEGED = ("postgres", "nobody")
# The server outlives us: none of our secrets (AGENTIQ_TOKEN and the like) may stay readable in its environment.
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_FIXED = {"LC_ALL": "C", "TZ": "UTC"}


def clean_environment() -> dict[str, str]:
    """What Postgres programs get to see: search paths, a neutral locale and time zone, nothing of ours."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ} | _FIXED


@dataclass(frozen=True)
class Account:
    """Who owns the data and runs the server. `switch` is true when that takes setuid, from root."""

    uid: int
    gid: int
    switch: bool

    def popen(self, command: Sequence[str | Path], **options: object) -> subprocess.Popen[bytes]:
        """Starts a program as this account, in a session of its own: Ctrl+C in our terminal does not reach it."""
        identity = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            [str(part) for part in command],
            cwd="/",
            env=clean_environment(),
            start_new_session=True,
            **identity,
            **options,
        )

    def run(self, command: Sequence[str | Path], *, keep_open: Sequence[int] = ()) -> tuple[int, str]:
        """Runs a program to its end, with some of our descriptors; its exit code and all it printed."""
        with self.popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=keep_open,
        ) as process:
            output, _ = process.communicate()
        return process.returncode, output.decode(errors="replace")

    def reaches(self, directory: Path) -> bool:
        """Whether this account may enter `directory`, asked of the system itself: modes, groups, ACLs, mounts."""
        return not self.switch or self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", directory])[0] == 0

    def give(self, descriptor: int, mode: int) -> None:
        """Makes an open file or directory of ours this account's own."""
        os.fchmod(descriptor, mode)
        if self.switch:
            os.fchown(descriptor, self.uid, self.gid)


def account_for(data: Path) -> Account:
    """The account of an existing cluster is its owner; a new one belongs to us, or for root to `postgres`, `nobody`."""
    import pwd

    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, switch=True)
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, switch=True)
    raise unavailable(
        Reason.NO_ACCOUNT, "Postgres does not run as root, and this system has no user postgres or nobody"
    )
