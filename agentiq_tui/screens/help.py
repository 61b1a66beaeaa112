"""The keys of the desk, or of a window, made from the action registry, with a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from agentiq_tui.actions import Action, Where, at, shown_key, shown_keys
from agentiq_tui.locale import _
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.widgets.action_text import ActionText

if TYPE_CHECKING:
    from agentiq_core.engine.access import SignedIn


class HelpScreen(WindowScreen[None], keys=Where.HELP):
    """Typing searches; Esc leaves."""

    def __init__(self, told: Where, who: SignedIn | None = None) -> None:
        super().__init__()
        self._told = told
        self._who = who

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-help") as dialog:
            desk = self._told is Where.ANYWHERE
            dialog.border_title = _("Help") if desk else _("Keys of this window")
            dialog.border_subtitle = _("{key}: back").format(key=shown_key("leave"))
            yield Input(placeholder=_("Search the keys…"), id="help-search", compact=True)
            yield VerticalScroll(
                ActionText(
                    help_text("", self._who, self._told), id="help-text", hang=_keys_width(self._told) + 4
                ),
                id="help-scroll",
                can_focus=False,
            )

    @on(Input.Changed, "#help-search")
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#help-text", Static).update(help_text(event.value, self._who, self._told))

    def action_help(self) -> None:
        """The key that opened it, whichever the user chose, closes it."""
        self.action_leave()


def help_text(wanted: str, who: SignedIn | None = None, told: Where = Where.ANYWHERE) -> Content:
    """The actions of the desk, or of a window, under the place where they work: all that `who` may do, and whose title
    or keys contain every word of `wanted`."""
    words = wanted.casefold().split()
    every = at(told)
    found = [
        action
        for action in every
        if action.offered_to(who) and all(word in _haystack(action) for word in words)
    ]
    if not found:
        return Content.styled(_("Nothing found"), "$faint")
    width = _keys_width(told)
    parts: list[Content | tuple[str, str] | str] = []
    # what is a window's own first, what works everywhere last
    for where in sorted(Where, key=lambda one: (one is not told, one is Where.ANYWHERE)):
        here = [action for action in found if action.heading_at(told) is where]
        if here:
            parts.append((_(where.value) + "\n", "bold $accent"))
            parts += [_line(action, width) for action in here]
            parts.append("\n")
    parts.append((_("Every letter works on the Russian layout as well."), "$faint"))
    return Content.assemble(*parts)


def _keys_width(told: Where) -> int:
    """Cells of the column of keys."""
    return max(cell_len(shown_keys(action)) for action in at(told))


def _line(action: Action, width: int) -> Content:
    keys = shown_keys(action) or _("palette")
    return Content.assemble("  ", (keys.ljust(width), "bold"), f"  {action.described()}\n")


def _haystack(action: Action) -> str:
    return f"{action.described()} {shown_keys(action)}".casefold()
