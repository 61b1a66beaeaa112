"""`agentiq`: without arguments the app, by the shortest path to its first frame; else a command."""

from __future__ import annotations

import sys


def main() -> None:
    """The console script."""
    if len(sys.argv) == 1:
        from agentiq_tui.launch import run_app

        raise SystemExit(run_app())
    from agentiq_tui.cli import run

    raise SystemExit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
