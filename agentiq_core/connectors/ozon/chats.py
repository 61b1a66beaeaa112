"""The buyer chat: a list of conversations and their histories (Ozon API, ChatAPI and Premium methods)."""

from __future__ import annotations

import base64
import logging
import re
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Any, Final

from agentiq_core.connectors.base import Download, GoAhead, Receipt
from agentiq_core.connectors.errors import Refused, ServerFailed
from agentiq_core.connectors.listing import HistoryPage, Listed, ListPage
from agentiq_core.connectors.mapping import apart, known_id
from agentiq_core.connectors.outgoing import check
from agentiq_core.connectors.ozon import mapping, wire
from agentiq_core.connectors.ozon.connector import OzonConnector
from agentiq_core.connectors.ozon.files import Moderated, moderated
from agentiq_core.connectors.ozon.limits import (
    CHAT,
    CHAT_HISTORY,
    CHAT_LIST,
    CHAT_READ,
    HISTORY_AT_ONCE,
    LISTED_AT_ONCE,
    SEND_FILE,
    SEND_MESSAGE,
)
from agentiq_core.connectors.ozon.line import OzonLine
from agentiq_core.connectors.ozon.places import BACKWARD, FORWARD, ORDER, Mark, Place
from agentiq_core.connectors.ozon.windows import open_until
from agentiq_core.connectors.sending import one_by_one
from agentiq_core.domain.files import OutgoingFile, safe_name
from agentiq_core.domain.messages import IncomingChat, IncomingMessage, Unreadable

log = logging.getLogger(__name__)

_WORTH_AN_ORDER: Final = timedelta(days=14)
"""Of an older conversation nobody asks whether its order is still open."""
_MODERATION_PAUSE: Final = 30.0


class ChatSource:
    """The two methods, as `listing.Walk` asks for them."""

    def __init__(self, line: OzonLine, history_limit: int) -> None:
        self._line = line
        self._limit = max(2, min(history_limit, HISTORY_AT_ONCE))

    async def list_page(self, position: str | None, *, whole: bool) -> ListPage:
        """A page of the list; not `whole`: only conversations with something unread."""
        body: dict[str, Any] = {
            "limit": LISTED_AT_ONCE,
            "filter": {"chat_status": "All", "unread_only": not whole},
        }
        if position is not None:
            body["cursor"] = position
        answer, ahead = await self._line.ask(CHAT_LIST, wire.ChatListAnswer, **body)
        lines = [line for item in answer.chats or () if (line := _listed(item)) is not None]
        return ListPage.of(
            lines, more=wire.following(answer.cursor, answer.has_next, answer.chats), ahead=ahead
        )

    async def history(
        self, chat: str, *, after: str | None, newest: str | None, position: str | None
    ) -> HistoryPage:
        """Never read: from the newest message back to the oldest. Read before: forward from a little before the mark, for
        messages are edited and seen later. An order's open window is asked for once, behind the first reading."""
        mark = Mark.of(after)
        place = Place.of(position) or (Place(FORWARD, mark.behind) if mark is not None else Place(BACKWARD))
        if place.kind == ORDER:
            until = await open_until(self._line, place.order)
            return HistoryPage(chats=(IncomingChat(chat, open_until=until),) if until is not None else ())
        try:
            answer, ahead = await self._history(chat, place)
        except Refused as refused:
            return self._refused(chat, place, refused)
        messages, unreadable = apart(mapping.message_of(item, chat) for item in answer.messages or ())
        ids = sorted({int(told) for item in answer.messages or () if (told := _number(item)) is not None})
        goes_on = (
            answer.has_next if answer.has_next is not None else len(answer.messages or ()) >= self._limit
        )
        if place.kind == FORWARD:
            following = Place(FORWARD, str(ids[-1])) if goes_on and ids else None
            reached = Mark.behind_of(ids, otherwise=place.id)
        else:
            seen = mark is not None and bool(ids) and ids[0] <= int(mark.newest)
            following = self._back(place, ids, messages, first=after is None, goes_on=goes_on and not seen)
            reached = Mark.behind_of(ids) if place.id is None else None
        return HistoryPage(
            messages=messages,
            unreadable=unreadable,
            mark=str(reached) if reached is not None else None,
            more=str(following) if following is not None else None,
            ahead=ahead,
        )

    def is_read(self, mark: str, newest: str) -> bool:
        """Whether the newest message that was really read is the one that the list names: the list may run ahead."""
        told = Mark.of(mark)
        return told is not None and told.newest == newest

    async def message(self, chat: str, message: str) -> object | None:
        """One message as it stands now; None when the history has it no more."""
        answer, _ = await self._line.ask(
            CHAT_HISTORY, wire.HistoryAnswer, chat_id=chat, limit=50, filter={"message_ids": [message]}
        )
        return next((item for item in answer.messages or () if _id(item) == message), None)

    async def _history(self, chat: str, place: Place) -> tuple[wire.HistoryAnswer, float | None]:
        body: dict[str, Any] = {"chat_id": chat, "direction": place.kind, "limit": self._limit}
        if place.id is not None:
            body["from_message_id"] = int(place.id)
        return await self._line.ask(CHAT_HISTORY, wire.HistoryAnswer, **body)

    def _refused(self, chat: str, place: Place, refused: Refused) -> HistoryPage:
        """A conversation that cannot be read holds no other up; Ozon switches chats off for some sellers."""
        status = refused.params.get("status")
        if place.kind == FORWARD and status in (400, 404):
            # the message it would begin with may be gone
            return HistoryPage(more=str(Place(BACKWARD)))
        if status not in (403, 404):
            raise refused
        log.warning("ozon: a conversation is passed over, its history answers %s", status)
        return HistoryPage(chats=(IncomingChat(chat, closed=True),) if status == 404 else ())

    def _back(
        self,
        place: Place,
        ids: list[int],
        messages: tuple[IncomingMessage, ...],
        *,
        first: bool,
        goes_on: bool,
    ) -> Place | None:
        order = place.order
        if first and place.id is None:
            recent = [
                item for item in messages if item.message.sent_at > self._line.clock() - _WORTH_AN_ORDER
            ]
            orders = [item.product.order_id for item in recent if item.product and item.product.order_id]
            order = orders[0] if orders else ""
        if goes_on and ids and str(ids[0]) != place.id:
            return Place(BACKWARD, str(ids[0]), order)
        return Place(ORDER, order=order) if order else None


class OzonChats(OzonConnector):
    """The buyer chat of a seller. `history_limit`: messages of a history in one answer, up to 1000."""

    def __init__(self, line: OzonLine, *, history_limit: int = HISTORY_AT_ONCE) -> None:
        self._chats = ChatSource(line, history_limit)
        super().__init__(line, self._chats)

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """The text, then each file: Ozon takes one thing a request, and tells no id."""
        check(text, files, CHAT)

        async def send(method: str, **body: str) -> Receipt:
            told = {"chat_id": chat_external_id, **body}
            answer = await self.line.deliver(
                method, wire.SendAnswer, told, text=body.get("text", ""), go_ahead=go_ahead
            )
            if answer.result != "success":
                raise ServerFailed(f"ozon {method}: a success that does not say so", status=200)
            return Receipt()

        words = [partial(send, SEND_MESSAGE, text=text)] if text.strip() else []
        # one at a time: they are a third larger so
        encoded = (
            partial(
                send,
                SEND_FILE,
                name=safe_name(file.name, file.content_type),
                base64_content=base64.b64encode(file.content).decode(),
            )
            for file in files
        )
        return await one_by_one(chain(words, encoded))

    async def download(self, download_id: str) -> Download:
        """A file by its link, or a picture that was in moderation by its message, which knows the link of today."""
        picture = moderated(download_id)
        return await (self.line.fetch(download_id) if picture is None else self._moderated(picture))

    async def mark_read(self, chat_external_id: str, through: str) -> None:
        """That message and all before it (Ozon API, chat/read); Premium Plus or Pro."""
        if not _is_number(through):
            return
        await self.line.tell(CHAT_READ, {"chat_id": chat_external_id, "from_message_id": int(through)})

    async def _moderated(self, picture: Moderated) -> Download:
        item = await self._chats.message(picture.chat, picture.message)
        outcome = mapping.message_of(item, picture.chat) if item is not None else None
        if outcome is None or isinstance(outcome, Unreadable):
            raise Refused("ozon download: the message is not there any more", detail="the message is gone")
        attachments = outcome.message.attachments
        if picture.number >= len(attachments):
            raise Refused("ozon download: the message has no such file", detail="the file is gone")
        link = attachments[picture.number].download_id
        if link is None:
            return Download(refused=True)
        if moderated(link) is not None:
            return Download(retry_after=_MODERATION_PAUSE)
        return await self.line.fetch(link)


def _listed(item: object) -> tuple[Listed, None] | Unreadable | None:
    match mapping.chat_of(item):
        case (chat, newest):
            return Listed(chat, newest), None
        case left_out:
            return left_out


def _id(item: object) -> str | None:
    return known_id(item.get("message_id")) if isinstance(item, dict) else None


def _number(item: object) -> str | None:
    told = _id(item)
    return told if told is not None and _is_number(told) else None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,20}", text) is not None
