"""The title of a dialog that has names of others in it."""

from __future__ import annotations

from textual.content import Content

from agentiq_tui.shown import steady_line


def heading(text: str) -> Content:
    """The title as it is: Textual takes a string for markup."""
    return Content(steady_line(text))
