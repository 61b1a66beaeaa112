"""One of several, or words of one's own: a short list that typing narrows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from agentiq_tui.locale import _
from agentiq_tui.screens.picker import PickerScreen
from agentiq_tui.shown import list_line
from agentiq_tui.widgets.heading import heading

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """Something on offer: what is returned, its words, and a fainter word beside them."""

    value: T
    label: str
    hint: str = ""


class ChooseScreen(PickerScreen[T]):
    """Typing narrows the list, the arrows move, Enter chooses. `read` makes a value of words that are on no list and
    raises `ValueError` with the line that says what is wrong with them; without it only the list counts."""

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
        yield from self.frame(heading(self._title), placeholder=self._placeholder, choose=_("choose"))

    def on_mount(self) -> None:
        self._narrow("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value)
        self.say(Content())

    def _narrow(self, words: str) -> None:
        wanted = words.casefold().strip()
        self._shown = [one for one in self._choices if wanted in f"{one.label} {one.hint}".casefold()]
        self.offer([_line(one) for one in self._shown])

    def action_choose(self) -> None:
        """What is under the cursor; the words that were typed where nothing is."""
        if self.place is not None:
            self.dismiss(self._shown[self.place].value)
            return
        words = self.query_one(Input).value.strip()
        if self._read is None or not words:
            self._refuse(_("Nothing of this is on the list"))
            return
        try:
            made = self._read(words)
        except ValueError as error:
            self._refuse(str(error))
        else:
            self.dismiss(made)

    def _refuse(self, line: str) -> None:
        self.say(Content.styled(f"✗ {line}", "$error"))


def _line(choice: Choice[T]) -> Content:
    label = list_line(choice.label)
    return (
        Content.assemble(label, (f"  {list_line(choice.hint)}", "$faint")) if choice.hint else Content(label)
    )
