"""The buyer chat: a list of conversations by status and their histories (Yandex Market API, chats)."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from agentiq_core.connectors.base import GoAhead, Receipt
from agentiq_core.connectors.errors import Refused
from agentiq_core.connectors.listing import HistoryPage, Listed, ListPage
from agentiq_core.connectors.mapping import apart, moment
from agentiq_core.connectors.outgoing import check
from agentiq_core.connectors.sending import one_by_one
from agentiq_core.connectors.yandex_market import mapping, wire
from agentiq_core.connectors.yandex_market.connector import YandexConnector, number_of
from agentiq_core.connectors.yandex_market.limits import (
    CHAT,
    CHATS,
    CHATS_AT_ONCE,
    FILE,
    HISTORY,
    HISTORY_AT_ONCE,
    MESSAGE,
)
from agentiq_core.connectors.yandex_market.line import YandexLine
from agentiq_core.connectors.yandex_market.places import Mark, Newest, Place, reached
from agentiq_core.domain.files import OutgoingFile, safe_name
from agentiq_core.domain.messages import IncomingChat, Unreadable

log = logging.getLogger(__name__)

WAITING: Final = ("NEW", "WAITING_FOR_PARTNER")
"""Statuses of chats that wait for the shop: there is no count of unread messages."""


class ChatSource:
    """The two methods, as `listing.Walk` asks for them. `limit`: messages of a history in one answer, up to 100."""

    def __init__(self, line: YandexLine, limit: int = HISTORY_AT_ONCE) -> None:
        self._line = line
        self._limit = max(1, min(limit, HISTORY_AT_ONCE))

    async def list_page(self, position: str | None, *, whole: bool) -> ListPage:
        """A page of the list; not `whole`: only chats that wait for the shop."""
        body: dict[str, Any] = {} if whole else {"statuses": list(WAITING)}
        answer, _, ahead = await self._line.ask(
            CHATS, wire.ChatsAnswer, body, limit=CHATS_AT_ONCE, pageToken=position
        )
        return ListPage.of(map(_listed, answer.result.chats), more=answer.result.more, ahead=ahead)

    async def history(
        self, chat: str, *, after: str | None, newest: str | None, position: str | None
    ) -> HistoryPage:
        """What was written from the mark's message on. That message itself comes along, and pages have no order."""
        known = Mark.of(after)
        place = Place.of(position) or Place(known.message or None if known is not None else None)
        body = {"messageIdFrom": int(place.start)} if place.start and place.start.isdigit() else {}
        try:
            answer, now, ahead = await self._line.ask(
                HISTORY,
                wire.HistoryAnswer,
                body,
                chatId=number_of(chat),
                limit=self._limit,
                pageToken=place.token,
            )
        except Refused as refused:
            return _refused(chat, place, refused)
        messages, unreadable = apart(mapping.message_of(item, chat) for item in answer.result.messages)
        for item in messages:
            place = replace(
                place,
                newest=Newest(item.message.sent_at, item.message.external_id).or_later(place.newest),
            )
        more = answer.result.more
        theirs = now + timedelta(seconds=ahead or 0.0)
        mark = reached(known, place.newest, moment(newest), theirs) if more is None else None
        return HistoryPage(
            messages=tuple(
                sorted(
                    (item for item in messages if item.message.external_id != place.start),
                    key=lambda item: item.message.order,
                )
            ),
            unreadable=unreadable,
            mark=str(mark) if mark is not None else None,
            more=str(replace(place, token=more)) if more is not None else None,
            ahead=ahead,
        )

    def is_read(self, mark: str, newest: str) -> bool:
        """Whether the history was read through the time that the list tells."""
        known = Mark.of(mark)
        return known is not None and known.holds(newest)


class YandexChats(YandexConnector):
    """The buyer chat of a seller. `history_limit`: messages of a history in one answer, up to 100."""

    def __init__(self, line: YandexLine, *, history_limit: int = HISTORY_AT_ONCE) -> None:
        super().__init__(line, ChatSource(line, history_limit))

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """The text, then each file: the Market takes one thing a request, and tells no id."""
        check(text, files, CHAT)
        params = {"chatId": str(number_of(chat_external_id))}

        async def send(method: str, *, text: str = "", **request: Any) -> Receipt:
            await self.line.deliver(
                method, wire.Accepted, text=text, go_ahead=go_ahead, params=params, **request
            )
            return Receipt()

        sendings = [partial(send, MESSAGE, text=text, json={"message": text})] if text.strip() else []
        for file in files:
            part = (safe_name(file.name, file.content_type), file.content, file.content_type)
            sendings.append(partial(send, FILE, files={"file": part}))
        return await one_by_one(sendings)


def _listed(item: object) -> tuple[Listed, None] | Unreadable:
    read = mapping.chat_of(item)
    if isinstance(read, Unreadable):
        return read
    chat, updated_at = read
    return Listed(chat, updated_at.isoformat() if updated_at is not None else None), None


def _refused(chat: str, place: Place, refused: Refused) -> HistoryPage:
    """A chat that cannot be read holds no other up, and is asked again with the next walk: it gets no mark."""
    status = refused.params.get("status")
    if place.start is not None or place.token is not None:
        # the message it would begin with, or the page, may be gone
        return HistoryPage(more=str(Place()))
    log.warning("yandex market: a chat is passed over, its history answers %s", status)
    return HistoryPage(chats=(IncomingChat(chat, closed=True),) if status == 404 else ())
