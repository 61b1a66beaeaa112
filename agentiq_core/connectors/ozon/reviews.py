"""Reviews: a list with the buyers' words, and the comments below each (Ozon API, ReviewAPI)."""

from __future__ import annotations

import logging
from typing import Any, Final

from agentiq_core.connectors.base import GoAhead, Receipt
from agentiq_core.connectors.errors import Refused
from agentiq_core.connectors.listing import HistoryPage, Listed, ListPage
from agentiq_core.connectors.mapping import apart, present
from agentiq_core.connectors.outgoing import check
from agentiq_core.connectors.ozon import feedback, wire
from agentiq_core.connectors.ozon.connector import OzonConnector
from agentiq_core.connectors.ozon.limits import (
    COMMENT_CREATE,
    COMMENT_LIST,
    LISTED_AT_ONCE,
    REVIEW,
    REVIEW_INFO,
    REVIEW_LIST,
    REVIEW_STATUS,
)
from agentiq_core.connectors.ozon.line import OzonLine
from agentiq_core.connectors.ozon.states import State, settled, word_of
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Channel, IncomingMessage, Unreadable

log = logging.getLogger(__name__)

_COMMENTS: Final = "comments "
_MOST: Final = 1_000_000


class ReviewSource:
    """The list and the comments, as `listing.Walk` asks for them. A review's mark is how it stood in the list."""

    def __init__(self, line: OzonLine) -> None:
        self._line = line

    async def list_page(self, position: str | None, *, whole: bool) -> ListPage:
        """The newest reviews first; not `whole`: only those that nobody has looked at."""
        body: dict[str, Any] = {
            "limit": LISTED_AT_ONCE,
            "sort_dir": "DESC",
            "filters": {"status": "ALL" if whole else "NEW"},
        }
        if position is not None:
            body["last_id"] = position
        answer, ahead = await self._line.ask(REVIEW_LIST, wire.ReviewListAnswer, **body)
        return ListPage.of(map(_listed, answer.reviews or ()), more=answer.more, ahead=ahead)

    async def history(
        self, chat: str, *, after: str | None, newest: str | None, position: str | None
    ) -> HistoryPage:
        """A review that has pictures is asked for itself, for the list only counts them; then the comments."""
        state = State.of(newest)
        try:
            if position is None and state is not None and state.about != "0":
                return await self._pictured(chat, state)
            return await self._comments(chat, position, state, State.of(after))
        except Refused as refused:
            if refused.params.get("status") not in (403, 404):
                raise
            log.warning("ozon: a review is passed over, it answers %s", refused.params.get("status"))
            return HistoryPage()

    def is_read(self, mark: str, newest: str) -> bool:
        """Whether it stands as it stood."""
        return mark == newest

    async def _pictured(self, review: str, state: State) -> HistoryPage:
        read = feedback.info_of(await self._line.ask_item(REVIEW_INFO, review_id=review))
        more = f"{_COMMENTS}0" if state.replies else None
        if isinstance(read, Unreadable):
            return HistoryPage(unreadable=(read,), mark=str(state), more=more)
        message = feedback.review_message(*read)
        return HistoryPage(messages=(message,), mark=str(state), more=more)

    async def _comments(
        self, review: str, position: str | None, state: State | None, before: State | None
    ) -> HistoryPage:
        offset = _offset(position)
        answer, ahead = await self._line.ask(
            COMMENT_LIST,
            wire.CommentListAnswer,
            review_id=review,
            limit=LISTED_AT_ONCE,
            offset=offset,
            sort_dir="ASC",
        )
        told = answer.comments or []
        messages, unreadable = apart(feedback.comment_of(item, review) for item in told)
        return HistoryPage(
            messages=messages,
            unreadable=unreadable,
            chats=settled(review, Channel.REVIEW, messages, state, before),
            mark=str(state) if state is not None else None,
            more=f"{_COMMENTS}{offset + len(told)}" if len(told) >= LISTED_AT_ONCE else None,
            ahead=ahead,
        )


class OzonReviews(OzonConnector):
    """The reviews of a seller's goods."""

    def __init__(self, line: OzonLine) -> None:
        super().__init__(line, ReviewSource(line))

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """Comment on a review, which counts as processed from then on. The list shows the comment after moderation."""
        check(text, files, REVIEW)
        body = {"review_id": chat_external_id, "text": text, "mark_review_as_processed": True}
        created = await self.line.deliver(
            COMMENT_CREATE, wire.CommentCreated, body, text=text, go_ahead=go_ahead
        )
        return Receipt(message_id=present(created.comment_id))

    async def mark_read(self, chat_external_id: str, through: str) -> None:
        """Viewed: a review has no place within it."""
        await self._set_status(chat_external_id, "VIEWED")

    async def dismiss(self, chat_external_id: str) -> None:
        """Processed without a reply."""
        await self._set_status(chat_external_id, "PROCESSED")

    async def _set_status(self, review: str, status: str) -> None:
        await self.line.tell(REVIEW_STATUS, {"review_ids": [review], "status": status})


def _listed(item: object) -> tuple[Listed, IncomingMessage | None] | Unreadable:
    """A line of the list. Of a review with pictures the message is read later, with them."""
    read = feedback.review_of(item)
    if isinstance(read, Unreadable):
        return read
    state = _state(read[0])
    plain = state.about == "0"
    listed = Listed(feedback.review_chat(*read), str(state), whole=plain and state.replies == 0)
    return listed, feedback.review_message(*read) if plain else None


def _state(review: wire.Review) -> State:
    pictures = (review.photos_amount or 0) + (review.videos_amount or 0)
    # a count that is missing is no count of none: the comments are asked for
    replies = 1 if review.comments_amount is None else review.comments_amount
    sign = feedback.digest(review.text or "", review.rating)
    return State(replies, word_of(review.status), str(pictures), sign)


def _offset(position: str | None) -> int:
    told = (position or "").removeprefix(_COMMENTS)
    return int(told) if told.isascii() and told.isdigit() and int(told) <= _MOST else 0
