"""One message of a conversation, or the line of a day."""

from __future__ import annotations

from datetime import datetime
from math import ceil

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style

from agentiq_core.domain.files import FileState
from agentiq_core.domain.messages import Attachment, Author, Origin
from agentiq_core.domain.outbox import OutboxState
from agentiq_tui.actions import shown_key
from agentiq_tui.locale import _
from agentiq_tui.shown import list_line, steady, steady_line
from agentiq_tui.timing import clock_time
from agentiq_tui.transcript import Entry
from agentiq_tui.widgets.action_text import ACTION, link
from agentiq_tui.widgets.transcript_line import TranscriptLine
from agentiq_tui.wording import DELIVERY, REASONS, attachment_line, note_line, said

SHOWN = 8_000
"""Characters of one message that are drawn; the rest is said to be there."""
DETAIL = 120
Part = Content | str | tuple[str, str | Style]
_TONES = {
    OutboxState.SENT: "$success",
    OutboxState.CONFIRMED: "$success",
    OutboxState.QUEUED: "$warning",
    OutboxState.SENDING: "$warning",
}


class MessageLine(TranscriptLine):
    """A message. Its text is another person's: it becomes content as it is, never markup. A click marks it."""

    class Chosen(Message):
        """The operator means this message."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, entry: Entry, buyer: str, now: datetime) -> None:
        super().__init__(classes=_kind(entry))
        self.show_other(entry, buyer, now)

    def show_other(self, entry: Entry, buyer: str, now: datetime) -> None:
        """Another message than before, unmarked."""
        self.key = entry.key
        self.entry = entry
        self.buyer = buyer
        self.set_classes(_kind(entry))
        self.update(self._content(now))

    def show(self, entry: Entry, now: datetime) -> None:
        """The same message with newer facts."""
        if entry != self.entry:
            self.entry = entry
            marked = self.has_class("-marked")
            self.set_classes(_kind(entry))
            self.set_class(marked, "-marked")
            self.update(self._content(now))

    async def on_click(self, event: events.Click) -> None:
        await super().on_click(event)
        self.post_message(self.Chosen(self.key))

    def tick(self, now: datetime) -> None:
        """A second has passed: only a reply that can still be taken back counts down."""
        if self.entry.state is OutboxState.QUEUED:
            self.update(self._content(now))

    def _content(self, now: datetime) -> Content:
        entry = self.entry
        text = steady(entry.text)
        parts: list[Part] = [
            (clock_time(entry.at), "$faint"),
            " ",
            (self._who(), "bold"),
        ]
        if entry.note is not None:
            word = _("hands over, for the team only") if entry.note.handover else _("note, for the team only")
            parts.append((f"  ✎ {word}", "$warning"))
        if entry.state is not None:
            sign, word = DELIVERY[entry.state]
            parts += ["  ", (sign + " " + _(word), _TONES.get(entry.state, "$error bold"))]
        parts += self._fate()
        if entry.read:
            parts.append(("  " + _("read"), "$faint"))
        if entry.edited:
            parts.append(("  " + _("edited"), "$faint"))
        body = text[:SHOWN]
        if body:
            parts.append("\n" + body)
        if len(text) > SHOWN:
            parts.append((" … " + _("{n} more characters").format(n=len(text) - SHOWN), "$faint"))
        if entry.translation:
            parts.append(("\n⇄ " + _("translation") + f": {entry.translation}", "$accent"))
        for number, attachment in enumerate(entry.attachments, 1):
            parts += ["\n", self._attachment(attachment, number)]
        if choices := self._choices(now):
            parts += ["\n", Content("  ").join(choices)]
        return Content.assemble(*parts)

    def _attachment(self, attachment: Attachment, number: int) -> Content:
        entry = self.entry
        line = Content.styled(steady_line(attachment_line(attachment, number)), "$accent")
        if attachment.download_id is not None and entry.message_id is not None:
            action = f"open_file({entry.message_id!r}, {number})"
            line = line.stylize("underline").stylize(Style.from_meta({ACTION: action}))
        note = entry.notes[number - 1] if number <= len(entry.notes) else None
        if note is None:
            return line
        tone = "$error" if note.state is FileState.REFUSED else "$faint"
        return Content.assemble(line, (f" · {note_line(note)}", tone))

    def _who(self) -> str:
        entry = self.entry
        if entry.note is not None:
            return list_line(entry.note.author)
        if entry.author is Author.BUYER:
            return self.buyer
        if entry.author is Author.MARKETPLACE:
            return _("Marketplace")
        if entry.origin is Origin.AUTOMATIC:
            return _("Automatic message")
        if entry.by_itself:
            return _("Automatic reply")
        if entry.origin is Origin.CABINET:
            return _("Shop, from the cabinet")
        return _("Shop") if entry.origin is Origin.UNTOLD and entry.state is None else _("You")

    def _fate(self) -> list[Part]:
        """Why a reply stands where it stands."""
        reply = self.entry.reply
        if reply is None:
            return []
        parts: list[Part] = []
        if reply.reason is not None and reply.state is not OutboxState.SENT:
            detail = f" ({steady_line(reply.detail)[:DETAIL]})" if reply.detail else ""
            parts.append((f": {said(REASONS, reply.reason)}{detail}", "$error"))
        return parts

    def _choices(self, now: datetime) -> list[Content]:
        """What a person may do about a reply that is held, failed or unclear."""
        reply = self.entry.reply
        if self.entry.state is OutboxState.QUEUED and reply and reply.not_before and reply.not_before > now:
            left = ceil((reply.not_before - now).total_seconds())
            return [link(_("undo {n} s").format(n=left), "undo", key=shown_key("undo", letter=True))]
        if self.entry.state is OutboxState.FAILED:
            return [link(_("back into the field"), "take_back")]
        if self.entry.state is OutboxState.NEEDS_OPERATOR:
            return [
                link(_("check again"), "check_again"),
                link(_("send again"), "send_again"),
                link(_("treat as sent"), "treat_as_sent"),
            ]
        return []


def _kind(entry: Entry) -> str:
    if entry.note is not None:
        return "message -note"
    if entry.author is Author.BUYER:
        return "message -buyer"
    if entry.author is Author.MARKETPLACE or entry.origin is Origin.AUTOMATIC:
        return "message -automatic"
    if entry.state in (OutboxState.FAILED, OutboxState.NEEDS_OPERATOR, OutboxState.UNKNOWN):
        return "message -trouble"
    return "message -ours"
