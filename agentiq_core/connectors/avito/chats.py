"""The messenger: a list of conversations and their histories (Avito API, messenger)."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any, Final

from agentiq_core.connectors.avito import mapping, wire
from agentiq_core.connectors.avito.connector import AvitoConnector
from agentiq_core.connectors.avito.contents import VOICE
from agentiq_core.connectors.avito.histories import (
    Ordered,
    lines_of,
    messages_in,
    next_line,
    next_message,
    once,
)
from agentiq_core.connectors.avito.limits import (
    CHAT,
    CHATS,
    MESSAGES,
    PAGE,
    READ,
    SEND,
    SEND_IMAGE,
    VOICES,
)
from agentiq_core.connectors.avito.line import AvitoLine
from agentiq_core.connectors.avito.pictures import uploaded
from agentiq_core.connectors.avito.places import Mark, Newest, Page, may_be_late, offset_of
from agentiq_core.connectors.base import Download, GoAhead, Receipt
from agentiq_core.connectors.errors import (
    ChannelClosed,
    Refused,
    ServerFailed,
)
from agentiq_core.connectors.http import ahead_of
from agentiq_core.connectors.listing import HistoryPage, ListPage
from agentiq_core.connectors.mapping import present
from agentiq_core.connectors.outgoing import check
from agentiq_core.connectors.sending import nothing_sent, one_by_one
from agentiq_core.connectors.wire import read
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import IncomingMessage, Unreadable

log = logging.getLogger(__name__)

_UNREAD: Final = "unread "
_RECENT: Final = "recent"
"""The last page of a walk that is not whole: conversations that somebody opened on a telephone are unread no more."""


class ChatSource:
    """The two methods, as `listing.Walk` asks for them."""

    def __init__(self, line: AvitoLine) -> None:
        self._line = line

    async def list_page(self, position: str | None, *, whole: bool) -> ListPage:
        """A page of the list; not `whole`: the unread conversations, then those that changed last."""
        unread = not whole and position != _RECENT
        offset = offset_of((position or "").removeprefix(_UNREAD)) or 0
        query: dict[str, Any] = {"chat_types": "u2i,u2u", "limit": PAGE, "offset": offset}
        if unread:
            query["unread_only"] = "true"
        path = await self._line.account_path(2, "chats")
        own_id = await self._line.own_id()
        answer = await self._line.read(CHATS, path, params=query)
        lines = read(wire.Chats, answer.body).chats or []
        items, messages, unreadable = lines_of(lines, own_id)
        further = next_line(offset, len(lines))
        more = str(further) if whole and further is not None else None
        if unread:
            more = f"{_UNREAD}{further}" if further is not None and len(lines) >= PAGE else _RECENT
        return ListPage(
            items=items,
            messages=messages,
            unreadable=unreadable,
            more=more,
            ahead=ahead_of(answer.headers, self._line.clock()),
        )

    async def history(
        self, chat: str, *, after: str | None, newest: str | None, position: str | None
    ) -> HistoryPage:
        """A page of a history, up to where it was read. A conversation that is gone, or that this key may not read, is
        passed over: its last message came with the list."""
        place, own_id = Page.of(position), await self._line.own_id()
        # the slash at the end is the specification's (Avito API, getMessagesV3)
        path = f"{await self._line.account_path(3, 'chats', chat)}/messages/"
        try:
            answer = await self._line.read(MESSAGES, path, params={"limit": PAGE, "offset": place.offset})
        except Refused as refused:
            if refused.params.get("status") not in (400, 403, 404):
                raise
            log.warning("avito: a conversation is passed over, it answers %s", refused.params.get("status"))
            return HistoryPage()
        told = messages_in(answer.body)
        outcomes = [mapping.message_of(item, chat, own_id) for item in told]
        page = Ordered.of(told)
        best = page.newest_of(place.newest)
        known = Mark.of(after)
        further = next_message(place.offset, len(told))
        if known is not None and page.reaches(known.own):
            further = None
        return HistoryPage(
            messages=once(item for item in outcomes if isinstance(item, IncomingMessage)),
            unreadable=tuple(item for item in outcomes if isinstance(item, Unreadable)),
            mark=None
            if place.offset and best == place.newest
            else self._mark(best, newest, found=page.holds(newest)),
            more=str(Page(further, best)) if further is not None else None,
            ahead=ahead_of(answer.headers, self._line.clock()),
        )

    def is_read(self, mark: str, newest: str) -> bool:
        """Whether the list tells what was read."""
        known = Mark.of(mark)
        return known is not None and known.covers(newest)

    def _mark(self, own: str, listed: str | None, *, found: bool) -> str | None:
        told = Newest.of(listed)
        if told is not None and not found and may_be_late(told, self._line.clock()):
            # the history is behind the list: it is read again until it has caught up
            listed = None
        return str(Mark(own, listed)) if own or listed else None


class AvitoChats(AvitoConnector):
    """The messenger of a seller's account."""

    def __init__(self, line: AvitoLine) -> None:
        super().__init__(line, ChatSource(line))

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """The text, then each picture: Avito takes one thing a message. The receipt is that of the first.

        Once something was taken, a picture that surely was not is named in the receipt, so that nobody sends the rest again.
        """
        check(text, files, CHAT)
        with nothing_sent("no account for the reply", ChannelClosed, Refused):
            path = f"{await self.line.account_path(1, 'chats', chat_external_id)}/messages"

        async def words() -> Receipt:
            body = {"message": {"text": text}, "type": "text"}
            return _receipt(
                SEND,
                await self.line.deliver(SEND, path, wire.Sent, body, text=text, go_ahead=go_ahead),
            )

        async def picture(file: OutgoingFile) -> Receipt:
            image = {"image_id": await uploaded(self.line, file)}
            return _receipt(
                SEND_IMAGE,
                await self.line.deliver(SEND_IMAGE, f"{path}/image", wire.Sent, image, go_ahead=go_ahead),
            )

        return await one_by_one(
            [*([words] if text.strip() else []), *(partial(picture, file) for file in files)]
        )

    async def download(self, download_id: str) -> Download:
        """A picture by its link, or a voice message by its id: its link lives an hour (Avito API, getVoiceFiles)."""
        if not download_id.startswith(VOICE):
            return await super().download(download_id)
        voice = download_id.removeprefix(VOICE)
        path = await self.line.account_path(1, "getVoiceFiles")
        answer = await self.line.read(VOICES, path, params={"voice_ids": voice})
        link = (read(wire.VoiceFiles, answer.body).voices_urls or {}).get(voice)
        if not present(link):
            raise Refused("avito voices: the voice message is not there any more", detail="the file is gone")
        return await self.line.files.fetch(link or "")

    async def mark_read(self, chat_external_id: str, through: str) -> None:
        """The whole conversation: Avito has no place within it (Avito API, chatRead)."""
        await self.line.once(READ, f"{await self.line.account_path(1, 'chats', chat_external_id)}/read")


def _receipt(method: str, sent: wire.Sent) -> Receipt:
    if sent.id is None and sent.error:
        raise ServerFailed(f"avito {method}: an error inside a success", status=200)
    return Receipt(accepted_at=mapping.time_of(sent.created), message_id=present(sent.id))
