"""Which files leave with the reply: a path that is typed, completed, pasted or dropped on the terminal."""

from __future__ import annotations

import asyncio

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from agentiq_core.domain.files import MEBIBYTE, FileRules, OutgoingFile
from agentiq_tui.actions import Where
from agentiq_tui.asking import start
from agentiq_tui.attaching import LISTED, completed, paths_in, read_files
from agentiq_tui.locale import _
from agentiq_tui.screens.form import FormScreen
from agentiq_tui.shown import steady_line
from agentiq_tui.unforeseen import explained
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import error_line


class AttachScreen(FormScreen[tuple[OutgoingFile, ...]], keys=Where.ATTACH):
    """Dismissed with the files, read whole and fit for this marketplace; at most `room` of them."""

    def __init__(self, rules: FileRules, room: int) -> None:
        super().__init__()
        self._rules = rules
        self._room = room

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form") as dialog:
            dialog.border_title = _("Attach a file")
            yield Input(placeholder=_("Path of the file, or drop it here"), id="path", compact=True)
            yield Static("", id="form-said")
            yield ActionText("", id="dialog-links")

    def on_mount(self) -> None:
        kinds = ", ".join(sorted(kind.partition("/")[2].upper() for kind in self._rules.content_types))
        self.say(
            _("{kinds}, at most {limit} MB each").format(
                kinds=kinds, limit=f"{self._rules.max_bytes / MEBIBYTE:g}"
            )
        )
        self.links(
            link(_("attach"), "submit_only"),
            link(_("complete"), "complete"),
            link(_("back"), "leave"),
        )
        self.query_one("#path", Input).focus()

    def action_complete(self) -> None:
        """Complete the path as far as it is certain."""
        if not self.busy:
            start(self, self._complete, group="complete", exclusive=True)

    async def _complete(self) -> None:
        typed = self.value("path")
        line, candidates = await asyncio.to_thread(completed, typed)
        field = self.query_one("#path", Input)
        if field.value != typed:
            # whoever goes on typing is not interrupted
            return
        field.value = line
        field.cursor_position = len(line)
        if candidates:
            more = " …" if len(candidates) > LISTED else ""
            self.say("  ".join(steady_line(name) for name in candidates[:LISTED]) + more)

    def action_submit(self) -> None:
        if not self.busy and self.value("path").strip():
            self.work(_("Reading…"))
            start(self, self._read, group="read", exclusive=True)

    async def _read(self) -> None:
        try:
            paths = await asyncio.to_thread(paths_in, self.value("path"))
            if len(paths) > self._room:
                self.rest(_("At most {n} more files fit").format(n=self._room), focus="path")
                return
            files = await asyncio.to_thread(read_files, paths, self._rules)
        except Exception as error:  # noqa: BLE001 - whatever it was, the form stays and says so
            self.rest(error_line(explained(error)), focus="path")
        else:
            self.dismiss(tuple(files))
