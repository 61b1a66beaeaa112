"""One action on many conversations, step by step, with an honest account of what was done."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import ProgressBar, Static

from agentiq_core.domain.team import BulkReport
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.bulk import Action
from agentiq_tui.actions import Where
from agentiq_tui.asking import start, within_patience
from agentiq_tui.locale import _, ngettext
from agentiq_tui.messages import BulkWent, Failed
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.unforeseen import explained
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.widgets.heading import heading
from agentiq_tui.wording import error_line, refusal_line

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk


class BulkScreen(WindowScreen["BulkReport | None"], keys=Where.BULK):
    """Runs at once; Esc stops after the step under way, and what was done stays done."""

    def __init__(self, desk: Desk, title: str, action: Action, refs: Sequence[ChatRef]) -> None:
        super().__init__()
        self._desk = desk
        self._title = title
        self._action = action
        self._refs = refs
        self._stopped = False
        self.report: BulkReport | None = None
        self.done = False

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form") as dialog:
            dialog.border_title = heading(self._title)
            yield ProgressBar(total=len(self._refs), show_eta=False, id="bulk-progress")
            yield Static(id="bulk-said")
            yield ActionText(link(_("stop"), "leave"), id="dialog-links")

    def on_mount(self) -> None:
        start(self, self._run, group="bulk", exclusive=True)

    async def _run(self) -> None:
        try:
            async with aclosing(self._desk.bulk.run(self._action, self._refs)) as steps:
                while (report := await within_patience(self, anext(steps, None), long=True)) is not None:
                    self.post_message(BulkWent(report, done=False))
                    self.report = report
                    if self._stopped:
                        break
        except Exception as error:  # noqa: BLE001 - whatever it was, one line says it; what was done is told
            self.post_message(Failed(explained(error)))
        else:
            if self.report is not None:
                self.post_message(BulkWent(self.report, done=True))

    def on_bulk_went(self, event: BulkWent) -> None:
        self.report = event.report
        self.query_one(ProgressBar).update(total=max(event.report.total, 1), progress=event.report.seen)
        self._say(account(event.report))
        if event.done:
            self._rest()

    def on_failed(self, event: Failed) -> None:
        parts = [Content.styled(f"✗ {error_line(event.error)}", "$error")]
        if self.report is not None:
            parts.append(account(self.report))
        self._say(Content("\n").join(parts))
        self._rest()

    def _rest(self) -> None:
        self.done = True
        self.query_one(ActionText).update(link(_("back"), "bulk_done"))

    def _say(self, lines: Content) -> None:
        self.query_one("#bulk-said", Static).update(lines)

    def action_leave(self) -> None:
        """Stop what runs; leave when it rests."""
        if self.done:
            self.dismiss(self.report)
        else:
            self._stopped = True


def account(report: BulkReport) -> Content:
    """What came of it so far, a line each."""
    lines = [
        Content(
            ngettext("done: {n} of {total}", "done: {n} of {total}", report.done).format(
                n=report.done, total=report.total
            )
        )
    ]
    if report.unchanged:
        line = ngettext("{n} was so already", "{n} were so already", report.unchanged)
        lines.append(Content.styled(line.format(n=report.unchanged), "$faint"))
    for code, number in sorted(report.refused.items()):
        line = _("not done: {n} ({why})").format(n=number, why=refusal_line(code))
        lines.append(Content.styled(f"! {line}", "$warning"))
    return Content("\n").join(lines)
