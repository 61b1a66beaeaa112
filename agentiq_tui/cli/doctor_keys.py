"""`agentiq doctor keys`: what arrives for each key, and which key sends a reply in this terminal."""

from __future__ import annotations

import sys
from dataclasses import asdict

import typer

from agentiq_core.home import home_dir
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import data, failed, line
from agentiq_tui.locale import _


def keys(as_json: Json = False) -> None:
    """Show each key as this terminal sends it and what it does; Ctrl+Q leaves and prints what was pressed."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        why = _("doctor keys needs a terminal: it shows the keys that are pressed")
        raise typer.Exit(failed("no_terminal", why, as_json=as_json))
    from agentiq_tui.actions import send_key
    from agentiq_tui.keymap import use_keys
    from agentiq_tui.preferences import read
    from agentiq_tui.screens.key_check import KeyCheck

    problems = use_keys(read(home_dir()).keys)
    check = KeyCheck()
    check.run(mouse=False)
    sends = send_key(ctrl_enter=check.ctrl_enter)
    if as_json:
        data(
            {
                "kitty": check.kitty,
                "ctrl_enter": check.ctrl_enter,
                "send": sends,
                "pressed": [asdict(press) for press in check.presses],
                "problems": problems,
            }
        )
        return
    for about in check.about()[1:]:
        line(about)
    for press in check.presses:
        line(f"{press.key}  {press.sequence!r}  {', '.join(press.actions) or '–'}")
    for problem in problems:
        line(f"! {problem}")
