"""One seller's line to the buyer chat of Wildberries."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from pydantic import ValidationError

from agentiq_core.connectors.answers import accepted
from agentiq_core.connectors.base import Credentials, Download, Gate, GoAhead, Receipt
from agentiq_core.connectors.errors import (
    ChannelClosed,
    Refused,
    Unintelligible,
    Unreachable,
)
from agentiq_core.connectors.fetching import content_of
from agentiq_core.connectors.http import Sleep, Timeouts, ahead_of, multipart
from agentiq_core.connectors.outgoing import check
from agentiq_core.connectors.sending import nothing_sent
from agentiq_core.connectors.wildberries import mapping, wire
from agentiq_core.connectors.wildberries.channel import WildberriesChannel
from agentiq_core.connectors.wildberries.limits import CHAT, CHATS, DOWNLOAD, EVENTS, MESSAGE, SCOPES
from agentiq_core.connectors.wildberries.line import BUYER_CHAT
from agentiq_core.connectors.wire import read
from agentiq_core.domain.files import LARGEST, OutgoingFile
from agentiq_core.domain.messages import Channel, FeedPage, IncomingChat
from agentiq_core.domain.outbox import Undelivered

log = logging.getLogger(__name__)

HOST: Final = BUYER_CHAT.url
_LARGEST_CURSOR: Final = 2**63


class WildberriesConnector(WildberriesChannel):
    """Implements `Connector` for the chat. Reads are repeated (`http.retrying`), a reply is posted once."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        gate: Gate | None = None,
        timeouts: Timeouts | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(
            credentials,
            BUYER_CHAT,
            scope=SCOPES[Channel.CHAT],
            bucket=None,
            gate=gate,
            timeouts=timeouts,
            sleep=sleep,
        )

    def since(self, moment: datetime) -> str | None:
        """A time in milliseconds is a cursor (WB API, events)."""
        return str(max(1, int(moment.timestamp() * 1000)))

    def rewind(self, cursor: str, by: timedelta) -> str:
        """Any older value may be asked with: the cursor is a time in milliseconds (WB API, events)."""
        position = _position(cursor)
        if position is None:
            return cursor
        return str(max(1, position - int(by.total_seconds() * 1000)))

    async def page(self, cursor: str | None) -> FeedPage:
        """The events after `cursor`, or from the oldest there is; up to 50.

        `next` is never 0 on the way there (400) nor kept on the way back (an empty feed answers it). The walk is over
        when no events come (WB API, events), or when `next` stands still, so that no caller spins on one page.
        """
        asked = _position(cursor)
        params = {} if asked is None else {"next": str(asked)}
        answer = await self._caller.read(EVENTS, "GET", "/api/v1/seller/events", params=params)
        ahead = ahead_of(answer.headers, datetime.now(UTC))
        events = read(wire.EventsAnswer, answer.body)
        result = events.result or wire.EventsResult.model_validate({})
        if not result.events:
            if events.errors:
                raise Unintelligible("wildberries events: errors in place of events")
            return FeedPage(complete=True, ahead=ahead)
        messages, unreadable = mapping.messages_of(result.events)
        advanced = _LARGEST_CURSOR > (result.next or 0) > (asked or 0)
        if not advanced:
            log.info("wildberries events: next does not advance past %s", asked)
        return FeedPage(
            messages=messages,
            unreadable=unreadable,
            cursor=str(result.next) if advanced else None,
            complete=result.total_events == 0 or not advanced,
            ahead=ahead,
        )

    async def chats(self) -> tuple[IncomingChat, ...]:
        """All chats of the seller; the method has no pages (WB API, chats)."""
        chats, _ = await self._list_chats()
        return tuple(mapping.chat_of(chat) for chat in chats)

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """Post one reply with a sign taken just before, since old ones are refused (WB API, message).

        The POST is repeated only after a refused signature, and only once. Until it is written every failure is
        NotDelivered, KeyRefused or ChannelClosed, even a time-out: the list of chats is what failed.
        """
        check(text, files, CHAT)
        try:
            return await self._post(await self._fresh_sign(chat_external_id), text, files, go_ahead)
        except Refused as refused:
            if refused.reason is not Undelivered.SIGNATURE_REFUSED:
                raise
        log.info("wildberries message: signature refused, taking a new one")
        return await self._post(await self._fresh_sign(chat_external_id), text, files, go_ahead)

    async def download(self, download_id: str) -> Download:
        """A buyer's file: its bytes, or how long moderation may still take, or that it was refused (451)."""
        path = f"/api/v1/seller/download/{quote(download_id, safe='')}"
        answer = await self._caller.read(DOWNLOAD, "GET", path, accept=(451,), limit=LARGEST)
        if answer.status == 451:
            return Download(refused=True)
        if answer.status == 202:
            wait = read(wire.Moderation, answer.body).retry_seconds
            return Download(retry_after=float(wait) if wait is not None and wait > 0 else 30.0)
        return content_of(answer)

    async def _try_key(self) -> None:
        await self._list_chats()

    async def _list_chats(self) -> tuple[list[wire.Chat], bool]:
        """The chats that can be read, and whether these are all there are."""
        answer = await self._caller.read(CHATS, "GET", "/api/v1/seller/chats")
        listed = read(wire.ChatsAnswer, answer.body)
        chats: list[wire.Chat] = []
        broken = 0
        for item in listed.result or ():
            try:
                chats.append(wire.Chat.model_validate(item))
            except ValidationError:
                broken += 1
        if broken:
            log.warning("wildberries chats: %d of %d cannot be read", broken, broken + len(chats))
        return chats, not broken and not listed.errors

    async def _fresh_sign(self, chat_external_id: str) -> str:
        with nothing_sent("no signature for the reply", ChannelClosed):
            chats, whole = await self._list_chats()
        for chat in chats:
            if chat.chat_id == chat_external_id:
                if not chat.reply_sign:
                    raise Unreachable("no signature for the reply: the chat comes without one")
                return chat.reply_sign
        if not chats or not whole:
            # a list that is empty or broken is a fault of the marketplace, not the end of a chat
            raise Unreachable("no signature for the reply: the list of chats is empty or broken")
        raise Refused("the chat is not in the seller's list", reason=Undelivered.CHAT_GONE)

    async def _post(
        self, sign: str, text: str, files: tuple[OutgoingFile, ...], go_ahead: GoAhead | None
    ) -> Receipt:
        fields = {"replySign": sign, "message": text} if text else {"replySign": sign}
        parts = [("file", (file.name, file.content, file.content_type)) for file in files]
        answer = await self._caller.once(
            MESSAGE,
            "POST",
            "/api/v1/seller/message",
            go_ahead=go_ahead,
            secrets=(sign,),
            files=multipart(fields, parts),
        )
        told = accepted("wildberries message", wire.MessageAnswer, answer)
        return Receipt(
            accepted_at=mapping.time_of(told.result.add_time), file_errors=_file_errors(told.errors)
        )


def _position(cursor: str | None) -> int | None:
    """The number to ask with; None for none, and for a 0 that must never be sent."""
    if cursor is None:
        return None
    if cursor.isascii() and cursor.isdigit() and 0 < int(cursor) < _LARGEST_CURSOR:
        return int(cursor)
    log.warning("wildberries events: an unusable cursor is ignored, the feed is read from its beginning")
    return None


def _file_errors(errors: Any) -> tuple[str, ...]:
    if not errors:
        return ()
    listed = errors if isinstance(errors, list) else [errors]
    return tuple(str(error)[:300] for error in listed)
