"""A small form in a dialog: fields one under another, Enter goes on, one line says what is wrong."""

from __future__ import annotations

from typing import TypeVar

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from agentiq_tui.actions import Where
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.widgets.action_text import ActionText

Result = TypeVar("Result")


class FormScreen(WindowScreen[Result], keys=Where.FORM):
    """Enter in a field goes to the next one, in the last it submits; F5 submits anywhere, Esc goes back."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = False

    @property
    def fields(self) -> list[Input]:
        """The fields on screen, top down."""
        return [field for field in self.query(Input) if field.display]

    @property
    def stops(self) -> list[Widget]:
        """What Enter goes through."""
        return list(self.fields)

    def value(self, name: str) -> str:
        """What is in a field."""
        return self.query_one(f"#{name}", Input).value

    def say(self, line: str | Content, *, error: bool = False) -> None:
        """One line under the fields, with a sign before what is wrong."""
        said = self.query_one("#form-said", Static)
        if error and isinstance(line, str) and line:
            line = f"✗ {line}"
        said.update(Content(line) if isinstance(line, str) else line)
        said.set_class(error, "-error")

    def links(self, *links: Content) -> None:
        """The words at the bottom that can be clicked."""
        self.query_one("#dialog-links", ActionText).update(Content("   ").join(links))

    def work(self, line: str) -> None:
        """Something runs: the fields wait."""
        self._set_busy(True)
        self.say(line)

    def rest(self, line: str | Content, *, error: bool = True, focus: str | None = None) -> None:
        """It is over, and the operator may go on."""
        self._set_busy(False)
        self.say(line, error=error)
        if focus is not None:
            self.query_one(f"#{focus}", Input).focus()

    def _set_busy(self, busy: bool) -> None:
        self.busy = busy
        for field in self.query(Input):
            field.disabled = busy

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.go_on_from(event.input)

    def go_on_from(self, field: Widget) -> None:
        """To the next field; behind the last one the form is submitted."""
        stops = self.stops
        place = stops.index(field) + 1 if field in stops else len(stops)
        if place < len(stops):
            stops[place].focus()
        else:
            self.action_submit()

    def action_submit(self) -> None:
        """The form is filled in."""
        raise NotImplementedError
