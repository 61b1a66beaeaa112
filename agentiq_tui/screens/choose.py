"""One of several, or words of one's own: a short list that typing narrows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from agentiq_tui.actions import Where
from agentiq_tui.locale import _
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.shown import list_line
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.widgets.heading import heading

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """Something on offer: what is returned, its words, and a fainter word beside them."""

    value: T
    label: str
    hint: str = ""


class ChooseScreen(WindowScreen["T | None"], Generic[T], keys=Where.WORDS):
    """Typing narrows the list, the arrows move, Enter chooses. `read` makes a value of words that are on no list and
    raises `ValueError` with the line that says what is wrong with them; without it only the list counts."""

    AUTO_FOCUS = "#choose-words"

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice[T]],
        *,
        placeholder: str = "",
        read: Callable[[str], T] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._placeholder = placeholder
        self._read = read
        self._shown: list[Choice[T]] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-choose") as dialog:
            dialog.border_title = heading(self._title)
            yield Input(id="choose-words", placeholder=self._placeholder)
            yield OptionList(id="choose-list", markup=False)
            yield Static(id="choose-said")
            links = (link(_("choose"), "choose"), link(_("back"), "leave"))
            yield ActionText(Content("   ").join(links), id="dialog-links")

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._narrow("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value)
        self._say("")

    def _narrow(self, words: str) -> None:
        wanted = words.casefold().strip()
        self._shown = [one for one in self._choices if wanted in f"{one.label} {one.hint}".casefold()]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([_line(one) for one in self._shown])
        options.display = bool(self._shown)
        if self._shown:
            options.highlighted = 0

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self.action_choose()

    def action_cursor(self, by: int) -> None:
        options = self.query_one(OptionList)
        if self._shown:
            options.highlighted = ((options.highlighted or 0) + by) % len(self._shown)

    def action_choose(self) -> None:
        """What is under the cursor; the words that were typed where nothing is."""
        place = self.query_one(OptionList).highlighted
        if self._shown and place is not None:
            self.dismiss(self._shown[place].value)
            return
        words = self.query_one(Input).value.strip()
        if self._read is None or not words:
            self._say(_("Nothing of this is on the list"))
            return
        try:
            made = self._read(words)
        except ValueError as error:
            self._say(str(error))
        else:
            self.dismiss(made)

    def _say(self, line: str) -> None:
        self.query_one("#choose-said", Static).update(Content.styled(f"✗ {line}" if line else "", "$error"))


def _line(choice: Choice[T]) -> Content:
    label = list_line(choice.label)
    return (
        Content.assemble(label, (f"  {list_line(choice.hint)}", "$faint")) if choice.hint else Content(label)
    )
