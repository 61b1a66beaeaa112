"""Prints what importing a module costs, package by package: python scripts/cold_start.py [MODULE]."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

SHOWN = 25


def main(module: str = "agentiq_tui.app") -> None:
    """Imports `module` in a fresh Python and prints the milliseconds each package's own modules took."""
    command = [sys.executable, "-X", "importtime", "-c", f"import {module}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr.strip().splitlines()[-1])
    spent: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        own, _, name = line.removeprefix("import time:").split("|")
        if own.strip().isdigit():
            spent[name.strip().partition(".")[0]] += int(own)
    for package, microseconds in spent.most_common(SHOWN):
        print(f"{microseconds / 1000:8.1f} ms  {package}")
    print(f"{spent.total() / 1000:8.1f} ms  in all, for {module}")


if __name__ == "__main__":
    main(*sys.argv[1:])
