"""A form whose fields have names, and whose mistakes are told at the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from agentiq_tui.asking import start, waited_for
from agentiq_tui.explain import explain
from agentiq_tui.locale import _
from agentiq_tui.messages import Failed
from agentiq_tui.rule_messages import FormBuilt, FormRefused
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.form import FormScreen
from agentiq_tui.unforeseen import explained
from agentiq_tui.widgets.action_text import ActionText
from agentiq_tui.widgets.choice import Choice
from agentiq_tui.widgets.heading import heading
from agentiq_tui.widgets.labelled import Labelled

Result = TypeVar("Result")


class LabelledFormScreen(FormScreen[Result]):
    """Enter and Tab go from field to field; Esc asks before what was typed is lost."""

    def heading(self) -> str:
        """What the form is for."""
        raise NotImplementedError

    def rows(self) -> list[Labelled]:
        """The fields, top down."""
        raise NotImplementedError

    def link_line(self) -> list[Content]:
        """The words at the bottom that can be clicked."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form -labelled") as dialog:
            dialog.border_title = heading(self.heading())
            yield VerticalScroll(*self.rows(), id="form-rows", can_focus=False)
            yield Static("", id="form-said")
            yield ActionText("", id="dialog-links")

    def on_mount(self) -> None:
        self.links(*self.link_line())
        self._as_opened = self.filled_in()
        self.stops[0].focus()
        self.opened()

    def opened(self) -> None:
        """The form is on screen."""

    @property
    def stops(self) -> list[Widget]:
        return [row.field for row in self.query(Labelled)]

    def filled_in(self) -> dict[str, str]:
        """What is in each field."""
        return {str(field.id): field.value for field in self.stops if isinstance(field, Input | Choice)}

    def complain(self, field: str, line: str) -> None:
        """One line at a field, which gets the cursor; the others are fine."""
        for row in self.query(Labelled):
            row.complain(line if row.field.id == field else "")
        self.rest("", error=False, focus=field)
        self.query_one(f"#{field}").focus()

    @on(Choice.Entered)
    def _chosen(self, event: Choice.Entered) -> None:
        event.stop()
        self.go_on_from(event.choice)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        for row in self.query(Labelled):
            if row.field is event.input:
                row.mended()

    def action_submit(self) -> None:
        if not self.busy:
            self.work(_("Checking…"))
            self.begin(self.built)

    async def built(self) -> FormBuilt | FormRefused:
        """What the fields say, or what is wrong with them."""
        raise NotImplementedError

    def begin(self, question: Callable[[], Any]) -> None:
        """Work out an answer, however long it takes: leaving the form ends it."""

        async def work() -> None:
            try:
                with waited_for(self):
                    self.post_message(await question())
            except Exception as error:  # noqa: BLE001 - whatever it was, one line says it and the fields stay
                self.post_message(Failed(explained(error)))

        start(self, work, group="form", exclusive=True)

    def on_form_built(self, event: FormBuilt) -> None:
        self.take(event.result)

    def take(self, result: Any) -> None:
        """The form can be used as it was filled in."""
        self.dismiss(result)

    def on_form_refused(self, event: FormRefused) -> None:
        self.complain(event.field, event.line)

    def on_failed(self, event: Failed) -> None:
        self.rest(explain(event.error))

    def action_leave(self) -> None:
        if self.filled_in() == self._as_opened:
            self.dismiss(None)
            return

        def answered(leave: bool | None) -> None:
            if leave:
                self.dismiss(None)

        self.app.push_screen(leave_question(), answered)


def leave_question() -> ConfirmScreen:
    """Whether what was changed and not saved may be lost."""
    lines = Content(_("What was changed here is not saved."))
    return ConfirmScreen(_("Leave without saving?"), lines, _("leave"), back=_("stay"))
