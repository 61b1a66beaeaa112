"""`python -m benchmarks [--quick] [NAME ...]`: measure and print; a missed bar is said, and is an error with --strict."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import time

NAMES = (
    "ingest",
    "guardrails",
    "suggestions",
    "screen",
    "at_the_desk",
    "loop_turns",
    "isolation",
    "colleague",
    "sign_in_timing",
    "many_sellers",
    "one_worker",
)


def main() -> int:
    """Run the named benchmarks, all without names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="which to run")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, fewer runs")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a bar is missed")
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}"
    )
    missed = 0
    for name in options.names or NAMES:
        for figure in importlib.import_module(f"benchmarks.{name}").run(quick=options.quick):
            print(figure.line(), flush=True)
            missed += figure.met is False
    return 1 if missed and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
