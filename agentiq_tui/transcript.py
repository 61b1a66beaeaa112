"""A conversation as lines in time: messages of the marketplace and replies it has not read back yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from agentiq_core.domain.messages import Attachment, Author, Origin
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.team import NoteView
from agentiq_core.domain.views import Conversation, MessageView, ReplyView
from agentiq_tui.files import FileNote

NoteOf = Callable[[str, int], FileNote | None]
"""What is known of a message's file, by the message's id and the file's number."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a conversation. `key` stays the same when a reply comes back as a message."""

    key: str
    at: datetime
    author: Author
    origin: Origin
    text: str
    attachments: tuple[Attachment, ...] = ()
    state: OutboxState | None = None
    reply: ReplyView | None = None
    message_id: str | None = None
    notes: tuple[FileNote | None, ...] = ()
    read: bool = False
    """The buyer has seen it."""
    edited: bool = False
    by_itself: bool = False
    """A reply that nobody wrote."""
    translation: str = ""
    """By a model, for the operator's eyes."""
    note: NoteView | None = None
    """A colleague's word: no message, and no buyer sees it."""


def nothing_known(_message_id: str, _number: int) -> FileNote | None:
    """Nobody has opened a file yet."""
    return None


def of_message(message: MessageView, note_of: NoteOf = nothing_known) -> Entry:
    """A message that the marketplace has."""
    confirmed = message.outbox_id is not None
    return Entry(
        key=f"reply:{message.outbox_id}" if confirmed else f"message:{message.external_id}",
        at=message.sent_at,
        author=message.author,
        origin=message.origin,
        text=message.text,
        attachments=message.attachments,
        state=OutboxState.CONFIRMED if confirmed else None,
        message_id=message.external_id,
        read=message.read and message.author is Author.SELLER,
        edited=message.edited_at is not None,
        by_itself=message.by_itself,
        notes=tuple(
            note_of(message.external_id, number) for number in range(1, len(message.attachments) + 1)
        ),
    )


def of_reply(reply: ReplyView) -> Entry:
    """A reply of ours on its way."""
    return Entry(
        key=f"reply:{reply.id}",
        at=reply.sent_at or reply.created_at,
        author=Author.SELLER,
        origin=Origin.API,
        text=reply.text,
        state=reply.state,
        reply=reply,
        by_itself=reply.by_itself,
    )


def of_note(note: NoteView) -> Entry:
    """What a colleague wrote for the team."""
    return Entry(
        key=f"note:{note.id}",
        at=note.created_at,
        author=Author.SELLER,
        origin=Origin.API,
        text=note.text,
        edited=note.edited_at is not None,
        note=note,
    )


def merged(older: Iterable[MessageView], newer: Iterable[MessageView]) -> tuple[MessageView, ...]:
    """Two runs of one conversation as one, in the marketplace's order; the newer run's facts win."""
    by_id = {message.external_id: message for message in older}
    by_id.update({message.external_id: message for message in newer})
    return tuple(sorted(by_id.values(), key=lambda message: (message.sent_at, message.external_id)))


def entries(
    messages: Iterable[MessageView],
    replies: Iterable[ReplyView],
    note_of: NoteOf = nothing_known,
    notes: Iterable[NoteView] = (),
) -> list[Entry]:
    """Everything to show, oldest first; a reply that was taken back, or came back as a message, is left out."""
    shown = [of_message(message, note_of) for message in messages]
    known = {entry.key for entry in shown}
    on_the_way = (of_reply(reply) for reply in replies if reply.state is not OutboxState.CANCELLED)
    shown.extend(entry for entry in on_the_way if entry.key not in known)
    shown.extend(of_note(note) for note in notes)
    return sorted(shown, key=lambda entry: entry.at)


def undoable(conversation: Conversation, now: datetime) -> ReplyView | None:
    """The newest reply that may still be taken back."""
    held = [
        reply
        for reply in conversation.replies
        if reply.state is OutboxState.QUEUED and reply.not_before is not None and reply.not_before > now
    ]
    return held[-1] if held else None


def undecided(conversation: Conversation, state: OutboxState) -> ReplyView | None:
    """The oldest reply in a state that waits for a person."""
    return next((reply for reply in conversation.replies if reply.state is state), None)
