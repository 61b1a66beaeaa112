"""The files that leave with the reply, under the field it is written in; each can be taken out again."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from agentiq_core.domain.files import OutgoingFile
from agentiq_tui.actions import shown_key
from agentiq_tui.locale import _, ngettext
from agentiq_tui.shown import fitted, list_line
from agentiq_tui.widgets.action_text import ActionText, whole, word
from agentiq_tui.wording import size_line

NAME_CELLS = 28
SHOWN = 4


class WaitingFiles(ActionText):
    """One line of files, or as many as it takes; not there while none waits."""

    def __init__(self) -> None:
        super().__init__(id="waiting-files")

    def on_mount(self) -> None:
        self.display = False

    def show(self, files: Mapping[int, OutgoingFile]) -> None:
        """These wait now, by number; of many the newest."""
        self.display = bool(files)
        if not files:
            return
        parts = [_shown(number, file) for number, file in list(files.items())[-SHOWN:]]
        if len(files) > SHOWN:
            more = ngettext("and {n} more", "and {n} more", len(files) - SHOWN)
            parts.insert(0, Content.styled(more.format(n=len(files) - SHOWN), "$faint"))
        parts.append(
            whole(
                Content.assemble(
                    (shown_key("remove_file"), "bold $accent"), (" " + _("takes the last one out"), "$faint")
                )
            )
        )
        self.update(Content("  ").join(parts))


def _shown(number: int, file: OutgoingFile) -> Content:
    name = fitted(list_line(file.name), NAME_CELLS).rstrip()
    return whole(
        Content.assemble(
            ("+ ", "$success bold"),
            name,
            (f" {size_line(len(file.content))} ", "$faint"),
            word("✕", f"remove_file({number})"),
        )
    )
