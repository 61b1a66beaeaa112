"""Reviews of goods: a list with the buyers' words, and the comments below each (Yandex Market API, goods-feedback)."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from agentiq_core.connectors.base import GoAhead, Receipt
from agentiq_core.connectors.errors import Refused
from agentiq_core.connectors.listing import HistoryPage, Listed, ListPage
from agentiq_core.connectors.outgoing import check
from agentiq_core.connectors.yandex_market import feedback
from agentiq_core.connectors.yandex_market import wire_goods as wire
from agentiq_core.connectors.yandex_market.connector import YandexConnector, number_of
from agentiq_core.connectors.yandex_market.feedback import COMMENT_ID, ReviewState
from agentiq_core.connectors.yandex_market.limits import (
    COMMENT,
    COMMENTS,
    FEEDBACKS,
    LISTED_AT_ONCE,
    REVIEW,
    SKIP,
)
from agentiq_core.connectors.yandex_market.line import YandexLine
from agentiq_core.connectors.yandex_market.looks import NEVER, look
from agentiq_core.connectors.yandex_market.mapping import enum_of
from agentiq_core.connectors.yandex_market.wire import Accepted
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Channel, IncomingChat, IncomingMessage, Unreadable
from agentiq_core.domain.outbox import Undelivered

log = logging.getLogger(__name__)

_LIST: Final = "list "
_KNOWN: Final = "known"


class ReviewSource:
    """The list and the comments, as `listing.Walk` asks for them. A review's mark is how it stood in the list.

    The list reaches half a year back and counts only comments on the review itself: those on comments are found by
    looking again (`looks`).
    """

    def __init__(self, line: YandexLine) -> None:
        self._line = line

    async def list_page(self, position: str | None, *, whole: bool) -> ListPage:
        """A page of the list; not `whole`: those that want a reaction, then those that wanted one when they were read
        last: somebody may have answered or skipped them in the cabinet."""
        if position == _KNOWN:
            return await self._known()
        token = (position or "").removeprefix(_LIST) or None
        page, more = await self._page({"reactionStatus": "ALL" if whole else "NEED_REACTION"}, token)
        following = f"{_LIST}{more}" if more is not None else None if whole else _KNOWN
        return replace(page, more=following)

    async def history(
        self, chat: str, *, after: str | None, newest: str | None, position: str | None
    ) -> HistoryPage:
        """The comments below a review."""
        state = ReviewState.of(newest)
        try:
            answer, now, ahead = await self._line.ask(
                COMMENTS,
                wire.CommentsAnswer,
                {"feedbackId": number_of(chat)},
                limit=LISTED_AT_ONCE,
                pageToken=position,
            )
        except Refused as refused:
            log.warning("yandex market: a review is passed over: %s", refused)
            return HistoryPage(mark=newest if refused.params.get("status") == 404 else None)
        messages, unreadable = feedback.comments_of(answer.result.comments, chat, now)
        settled = state is not None and state.settles(ReviewState.of(after)) and bool(messages)
        newest_at = max((item.message.sent_at for item in messages), default=None)
        return HistoryPage(
            messages=tuple(messages),
            unreadable=tuple(unreadable),
            chats=(IncomingChat(chat, Channel.REVIEW, settled_through=newest_at),) if settled else (),
            mark=newest,
            more=answer.result.more,
            ahead=ahead,
        )

    def is_read(self, mark: str, newest: str) -> bool:
        """Whether it stands as it stood."""
        return mark == newest

    async def _known(self) -> ListPage:
        unanswered = [id for id in await self._line.memory.unanswered() if id.isascii() and id.isdigit()]
        if not unanswered:
            return ListPage()
        page, _ = await self._page({"feedbackIds": [int(id) for id in unanswered[:LISTED_AT_ONCE]]}, None)
        return page

    async def _page(self, body: dict[str, Any], token: str | None) -> tuple[ListPage, str | None]:
        answer, now, ahead = await self._line.ask(
            FEEDBACKS, wire.ReviewsAnswer, body, limit=LISTED_AT_ONCE, pageToken=token
        )
        lines = (_listed(item, now) for item in answer.result.feedbacks)
        return ListPage.of(lines, more=None, ahead=ahead), answer.result.more


class YandexReviews(YandexConnector):
    """The reviews of a seller's goods."""

    def __init__(self, line: YandexLine) -> None:
        super().__init__(line, ReviewSource(line))

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """Comment on a review, which wants no reaction from then on. Moderation may refuse at once, or later."""
        check(text, files, REVIEW)
        body = {"feedbackId": number_of(chat_external_id), "comment": {"text": text}}
        accepted = await self.line.deliver(
            COMMENT, wire.CommentAccepted, text=text, go_ahead=go_ahead, json=body
        )
        written = accepted.result
        if written is not None and enum_of(written.status) == "BANNED":
            raise Refused(
                "the comment was refused", reason=Undelivered.TEXT_REFUSED, detail="moderation: BANNED"
            )
        id = written.id if written is not None else None
        return Receipt(message_id=f"{COMMENT_ID}{id}" if id is not None else None)

    async def dismiss(self, chat_external_id: str) -> None:
        """No reaction will come (Yandex Market API, skip-reaction)."""
        await self.line.deliver(SKIP, Accepted, json={"feedbackIds": [number_of(chat_external_id)]})


def _listed(item: object, now: datetime) -> tuple[Listed, IncomingMessage] | Unreadable:
    read = feedback.review_of(item)
    if isinstance(read, Unreadable):
        return read
    state = _state(*read, now)
    alone = state.comments == 0
    listed = Listed(feedback.review_chat(*read, alone=alone), str(state), whole=alone)
    return listed, feedback.review_message(*read)


def _state(review: wire.Review, created_at: datetime, now: datetime) -> ReviewState:
    told = review.statistics
    # a count that is missing is no count of none: the comments are asked for
    comments = 1 if told is None or told.comments_count is None else told.comments_count
    return ReviewState(
        comments,
        waits=review.need_reaction is not False,
        sign=feedback.sign_of(feedback.words_of(review), told.rating if told is not None else None),
        look=look(review.feedback_id, created_at, now) if comments else NEVER,
    )
