"""Whether the first steps were put away on this machine."""

from __future__ import annotations

from pathlib import Path

FILE = "first-steps"


def put_away(home: Path) -> bool:
    """Whether somebody has left the first steps here; they open by themselves until then."""
    return (home / FILE).exists()


def put_away_now(home: Path) -> None:
    """They open by themselves no more. A machine that cannot keep that shows them again."""
    from agentiq_tui.config_file import replace_file

    replace_file(home / FILE, "")
