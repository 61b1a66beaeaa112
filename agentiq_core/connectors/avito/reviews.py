"""Reviews of the seller: one list that says all there is (Avito API, ratings)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from agentiq_core.connectors.avito import feedback
from agentiq_core.connectors.avito import wire_ratings as wire
from agentiq_core.connectors.avito.connector import AvitoConnector
from agentiq_core.connectors.avito.feedback import ReadReview
from agentiq_core.connectors.avito.limits import ANSWER, REVIEW, REVIEWS, REVIEWS_PAGE
from agentiq_core.connectors.avito.line import AvitoLine
from agentiq_core.connectors.avito.mapping import time_of
from agentiq_core.connectors.avito.places import offset_of
from agentiq_core.connectors.base import GoAhead, Receipt
from agentiq_core.connectors.errors import Refused
from agentiq_core.connectors.http import ahead_of
from agentiq_core.connectors.listing import HistoryPage, Listed, ListPage
from agentiq_core.connectors.outgoing import check
from agentiq_core.connectors.wire import read
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import IncomingMessage, Unreadable
from agentiq_core.domain.outbox import Undelivered

WHOLE_EVERY: Final = timedelta(hours=1)
"""Between two looks through all reviews: older ones change only by an answer in the cabinet."""
FRESH: Final = timedelta(days=2)
"""How far back the looks between them read."""
OVERLAP: Final = 5
"""Reviews of a full page that the next one begins with again: the list moves while it is read."""
_LARGEST_ID: Final = 2**63
_AGAIN: Final = "again"
_LONGEST_LIST: Final = 1_000_000

Found = list[tuple[int, ReadReview | Unreadable]]
"""The reviews of a page with their places in the list."""


class ReviewSource:
    """The list, as `listing.Walk` asks for it. A review's mark is its sign and where in the list it stood."""

    def __init__(self, line: AvitoLine) -> None:
        self._line = line

    async def list_page(self, position: str | None, *, whole: bool) -> ListPage:
        """A page of the list; not `whole`: as far as its reviews are fresh, if the newest come first, which Avito does
        not document."""
        offset = offset_of(position) or 0
        found, total, ahead = await self._page(offset)
        items: list[Listed] = []
        messages: list[IncomingMessage] = []
        unreadable: list[Unreadable] = []
        for number, item in found:
            if isinstance(item, Unreadable):
                unreadable.append(item)
                continue
            items.append(Listed(item.chat, _mark(item, number), whole=True))
            messages += item.messages
            if item.flawed is not None:
                unreadable.append(item.flawed)
        further = _further(offset, len(found), total)
        read_enough = not whole and _is_stale(found, self._line.clock().timestamp())
        return ListPage(
            items=tuple(items),
            messages=tuple(messages),
            unreadable=tuple(unreadable),
            more=None if further is None or read_enough else str(further),
            ahead=ahead,
        )

    async def history(
        self, chat: str, *, after: str | None, newest: str | None, position: str | None
    ) -> HistoryPage:
        """A review that somebody waits for: there is no method for one, so the list is looked through from where the
        review stood last, to its end and then from its beginning."""
        start = max(0, _place(after) - OVERLAP)
        offset, wrapped = _search(position, start)
        found, total, ahead = await self._page(offset)
        for number, item in found:
            if isinstance(item, ReadReview) and item.chat.external_id == chat:
                return HistoryPage(
                    messages=item.messages,
                    unreadable=() if item.flawed is None else (item.flawed,),
                    chats=(item.chat,),
                    mark=_mark(item, number),
                    ahead=ahead,
                )
        further = _further(offset, len(found), total)
        if further is None and not wrapped and start > 0:
            further, wrapped = 0, True
        if further is None or (wrapped and further >= start):
            return HistoryPage(ahead=ahead)
        return HistoryPage(more=f"{_AGAIN if wrapped else 'on'} {further}", ahead=ahead)

    def is_read(self, mark: str, newest: str) -> bool:
        """Whether it stands as it stood, wherever in the list."""
        return mark.partition(" ")[0] == newest.partition(" ")[0]

    async def _page(self, offset: int) -> tuple[Found, int | None, float | None]:
        answer = await self._line.read(
            REVIEWS, "/ratings/v1/reviews", params={"offset": offset, "limit": REVIEWS_PAGE}
        )
        told = read(wire.Reviews, answer.body)
        found = [
            (offset + number, feedback.review_of(item)) for number, item in enumerate(told.reviews or ())
        ]
        return found, told.total, ahead_of(answer.headers, self._line.clock())


class AvitoReviews(AvitoConnector):
    """The reviews of a seller's account."""

    def __init__(self, line: AvitoLine) -> None:
        super().__init__(line, ReviewSource(line), whole_every=WHOLE_EVERY)

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """Answer a review. Avito moderates the answer before it shows it; the list tells it at once."""
        check(text, files, REVIEW)
        if (
            not (chat_external_id.isascii() and chat_external_id.isdigit())
            or int(chat_external_id) >= _LARGEST_ID
        ):
            raise Refused("there is no such review", reason=Undelivered.CHAT_GONE, detail="no such review")
        body = {"message": text, "reviewId": int(chat_external_id)}
        created = await self.line.deliver(
            ANSWER, "/ratings/v1/answers", wire.Created, body, text=text, go_ahead=go_ahead
        )
        return Receipt(time_of(created.created_at), feedback.answer_id(created.id))


def _mark(review: ReadReview, place: int) -> str:
    return f"{review.sign} {place}"


def _place(mark: str | None) -> int:
    return offset_of((mark or "").partition(" ")[2]) or 0


def _search(position: str | None, start: int) -> tuple[int, bool]:
    """Where the search for a review goes on, and whether it has been at the end of the list."""
    word, _, offset = (position or "").partition(" ")
    told = offset_of(offset)
    return (start, False) if told is None else (told, word == _AGAIN)


def _further(offset: int, count: int, total: int | None) -> int | None:
    """Where the list goes on; None at its end. A full page has another behind it whatever the total says."""
    if count == 0 or offset + count > _LONGEST_LIST:
        return None
    if count >= REVIEWS_PAGE:
        return offset + count - OVERLAP
    return offset + count if total is not None and total > offset + count else None


def _is_stale(found: Found, now: float) -> bool:
    """Whether the newest come first and the last of these is fresh no more."""
    times = [item.created_at.timestamp() for _, item in found if isinstance(item, ReadReview)]
    return bool(times) and times == sorted(times, reverse=True) and times[-1] < now - FRESH.total_seconds()
