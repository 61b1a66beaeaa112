"""Processes looked at from outside, through /proc (Linux)."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """A process looked at from outside (Linux)."""

    pid: int

    def cpu_seconds(self, *, of_the_gone: bool = False) -> float:
        """Processor time it used so far, with that of its children that ended if asked for; 0 when it is gone."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            return sum(map(int, fields[11 : 15 if of_the_gone else 13])) / _TICKS
        return 0.0

    def memory(self) -> float:
        """MiB in memory now."""
        return self._status("VmRSS") / 1024

    def peak_memory(self) -> float:
        """MiB that were in memory at most."""
        return self._status("VmHWM") / 1024

    def threads_and_files(self) -> tuple[int, int]:
        """How many threads it runs and files and sockets it holds open."""
        return int(self._status("Threads")), len(os.listdir(f"/proc/{self.pid}/fd"))

    def pin(self, core: int) -> None:
        """Keep it on one core, whatever it starts later."""
        with contextlib.suppress(OSError):
            os.sched_setaffinity(self.pid, {core})

    def _status(self, name: str) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return float(line.split()[1])
        return 0.0
