"""Every key, made from the action registry, with a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from agentiq_tui.actions import ACTIONS, Action, Where
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from agentiq_core.engine.access import SignedIn


class HelpScreen(ModalScreen[None]):
    """Typing searches; Esc leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", priority=True),
        # the key that opened it, whichever the user chose
        Binding("f1", "leave", id="help.first", priority=True),
    ]

    def __init__(self, who: SignedIn | None = None) -> None:
        super().__init__()
        self._who = who

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-help") as dialog:
            dialog.border_title = _("Help")
            dialog.border_subtitle = _("Esc: back")
            yield Input(placeholder=_("Search the keys…"), id="help-search", compact=True)
            yield VerticalScroll(
                Static(help_text("", self._who), id="help-text"), id="help-scroll", can_focus=False
            )

    @on(Input.Changed, "#help-search")
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#help-text", Static).update(help_text(event.value, self._who))

    def action_leave(self) -> None:
        self.dismiss()


def help_text(wanted: str, who: SignedIn | None = None) -> Content:
    """The actions whose title or keys contain every word of `wanted`, under the place where they work; all that `who` may do."""
    words = wanted.casefold().split()
    found = [
        action
        for action in ACTIONS
        if action.offered_to(who) and all(word in _haystack(action) for word in words)
    ]
    if not found:
        return Content.styled(_("Nothing found"), "$faint")
    width = max(cell_len(action.shown_keys()) for action in ACTIONS)
    parts: list[Content | tuple[str, str] | str] = []
    for where in Where:
        here = [action for action in found if action.where is where]
        if here:
            parts.append((_(where.value) + "\n", "bold $accent"))
            parts += [_line(action, width) for action in here]
            parts.append("\n")
    parts.append((_("Every letter works on the Russian layout as well."), "$faint"))
    return Content.assemble(*parts)


def _line(action: Action, width: int) -> Content:
    keys = action.shown_keys() or _("palette")
    return Content.assemble("  ", (keys.ljust(width), "bold"), f"  {action.described()}\n")


def _haystack(action: Action) -> str:
    return f"{action.described()} {action.shown_keys()}".casefold()
