"""Looking at what buyers photographed: the way from a message to its pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import cast

from agentiq_core.domain.messages import Attachment, AttachmentKind
from agentiq_tui.actions import shown_key
from agentiq_tui.files import FileKey
from agentiq_tui.locale import _
from agentiq_tui.screens.filing import FilingScreen
from agentiq_tui.transcript import Entry
from agentiq_tui.workplace import WorkplaceApp


class PicturingScreen(FilingScreen):
    """The part of the desk that shows pictures in the terminal."""

    def action_pictures(self) -> None:
        """The pictures of the marked message, else of the lowest one in sight that has some, else of the newest."""
        # what asks terminals and reads pictures is imported when somebody looks at one
        from agentiq_tui.pictures.terminal import wanted
        from agentiq_tui.screens.picture import PictureScreen

        chat, desk = self.conversation, self.desk
        if chat is None or desk is None or self.app.screen is not self:
            return
        transcript = self.chat_pane.transcript
        entry = transcript.marked_entry
        if entry is None or not _has_pictures(entry):
            entry = transcript.last_in_sight(_has_pictures)
        if entry is None:
            entry = next((one for one in reversed(self.chat_pane.all_entries) if _has_pictures(one)), None)
        if entry is None or entry.message_id is None:
            self.hint(_("No message here has a picture"))
            return
        if not wanted(cast("WorkplaceApp", self.app).preferences.images, os.environ):
            line = _("Pictures are not shown here, the setting “images” says so: {key} opens or saves them")
            self.hint(line.format(key=shown_key("open_files")))
            return
        files = [FileKey(chat.ref, entry.message_id, number) for number in _numbers(entry.attachments)]
        self.app.push_screen(PictureScreen(desk, files, self._open))


def _numbers(attachments: Sequence[Attachment]) -> list[int]:
    """Which of these, counted from 1, are pictures that can be had."""
    return [
        number
        for number, one in enumerate(attachments, 1)
        if one.kind is AttachmentKind.IMAGE and one.download_id is not None
    ]


def _has_pictures(entry: Entry) -> bool:
    return entry.message_id is not None and bool(_numbers(entry.attachments))
