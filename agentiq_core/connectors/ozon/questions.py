"""Questions about goods: a list with the buyers' words, and the answers to each (Ozon API, Questions&Answers)."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from agentiq_core.connectors.base import GoAhead, Receipt
from agentiq_core.connectors.errors import ChannelClosed, Refused
from agentiq_core.connectors.listing import HistoryPage, Listed, ListPage
from agentiq_core.connectors.mapping import apart, present
from agentiq_core.connectors.outgoing import check
from agentiq_core.connectors.ozon import feedback, wire
from agentiq_core.connectors.ozon.connector import OzonConnector
from agentiq_core.connectors.ozon.limits import (
    ANSWER_CREATE,
    ANSWER_LIST,
    LISTED_AT_ONCE,
    QUESTION,
    QUESTION_INFO,
    QUESTION_LIST,
    QUESTION_STATUS,
)
from agentiq_core.connectors.ozon.line import OzonLine
from agentiq_core.connectors.ozon.states import State, settled, word_of
from agentiq_core.connectors.sending import nothing_sent
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Channel, IncomingMessage, Unreadable
from agentiq_core.domain.outbox import Undelivered

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the next page of answers begins: the question's SKU, how many were read, and the `last_id` to ask with."""

    sku: str
    read: int = 0
    last_id: str = ""

    def __str__(self) -> str:
        return json.dumps([self.sku, self.read, self.last_id], ensure_ascii=False)

    @classmethod
    def of(cls, text: str | None) -> _Place | None:
        try:
            match json.loads(text or ""):
                case [str(sku), int(read), str(last_id)]:
                    return cls(sku, read, last_id)
        except (ValueError, RecursionError):
            pass
        return None


class QuestionSource:
    """The list and the answers, as `listing.Walk` asks for them. A question's mark is how it stood in the list, with the
    SKU that every other method wants."""

    def __init__(self, line: OzonLine) -> None:
        self._line = line

    async def list_page(self, position: str | None, *, whole: bool) -> ListPage:
        """The newest questions first; not `whole`: only those that nobody has looked at."""
        body: dict[str, Any] = {
            "limit": LISTED_AT_ONCE,
            "sort_dir": "DESC",
            "filter": {"status": "ALL" if whole else "NEW"},
        }
        if position is not None:
            body["last_id"] = position
        answer, ahead = await self._line.ask(QUESTION_LIST, wire.QuestionListAnswer, **body)
        return ListPage.of(map(_listed, answer.questions or ()), more=answer.more, ahead=ahead)

    async def history(
        self, chat: str, *, after: str | None, newest: str | None, position: str | None
    ) -> HistoryPage:
        """The answers to a question. One that was never listed is asked for itself first: they want its SKU."""
        state, before = State.of(newest), State.of(after)
        known = state or before
        place = _Place.of(position) or (_Place(known.about) if known is not None else None)
        try:
            if place is None:
                return await self._introduced(chat)
            return await self._answers(chat, place, state, before)
        except Refused as refused:
            if refused.params.get("status") not in (403, 404):
                raise
            log.warning("ozon: a question is passed over, it answers %s", refused.params.get("status"))
            return HistoryPage()

    def is_read(self, mark: str, newest: str) -> bool:
        """Whether it stands as it stood."""
        return mark == newest

    async def sku_of(self, question: str) -> str | None:
        """The SKU that a question is about: from what is stored, else from Ozon."""
        state = State.of((await self._line.memory.marks([question])).get(question))
        if state is not None and _is_sku(state.about):
            return state.about
        read = feedback.question_of(await self._line.ask_item(QUESTION_INFO, question_id=question))
        sku = _state(read[0]).about if not isinstance(read, Unreadable) else ""
        return sku if _is_sku(sku) else None

    async def _introduced(self, question: str) -> HistoryPage:
        read = feedback.question_of(await self._line.ask_item(QUESTION_INFO, question_id=question))
        if isinstance(read, Unreadable):
            return HistoryPage(unreadable=(read,))
        message = feedback.question_message(*read)
        return HistoryPage(messages=(message,), more=str(_Place(_state(read[0]).about)))

    async def _answers(
        self, question: str, place: _Place, state: State | None, before: State | None
    ) -> HistoryPage:
        mark = str(state) if state is not None else None
        if not _is_sku(place.sku):
            log.info("ozon: the answers of a question without SKU cannot be asked for")
            return HistoryPage(mark=mark)
        body: dict[str, Any] = {"question_id": question, "sku": int(place.sku)}
        if place.last_id:
            body["last_id"] = place.last_id
        answer, ahead = await self._line.ask(ANSWER_LIST, wire.AnswerListAnswer, **body)
        told = answer.answers or []
        messages, unreadable = apart(feedback.answer_of(item, question) for item in told)
        following = _Place(place.sku, place.read + len(told), answer.last_id or "")
        # nothing says that there is more but the count of the list; without it an empty page ends them
        ended = not told or not following.last_id or (state is not None and following.read >= state.replies)
        return HistoryPage(
            messages=messages,
            unreadable=unreadable,
            chats=settled(question, Channel.QUESTION, messages, state, before),
            mark=mark,
            more=None if ended or following.last_id == place.last_id else str(following),
            ahead=ahead,
        )


class OzonQuestions(OzonConnector):
    """The questions about a seller's goods."""

    def __init__(self, line: OzonLine) -> None:
        self._questions = QuestionSource(line)
        super().__init__(line, self._questions)

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """Answer a question. Until the answer itself is written every failure is NotDelivered, KeyRefused, ChannelClosed
        or Refused, even a time-out: looking up the SKU is what failed."""
        check(text, files, QUESTION)
        body = {
            "question_id": chat_external_id,
            "sku": await self._sku(chat_external_id),
            "text": text,
        }
        created = await self.line.deliver(
            ANSWER_CREATE, wire.AnswerCreated, body, text=text, go_ahead=go_ahead
        )
        return Receipt(message_id=present(created.answer_id))

    async def mark_read(self, chat_external_id: str, through: str) -> None:
        """Viewed: a question has no place within it."""
        await self._set_status(chat_external_id, "VIEWED")

    async def dismiss(self, chat_external_id: str) -> None:
        """Processed without an answer."""
        await self._set_status(chat_external_id, "PROCESSED")

    async def _set_status(self, question: str, status: str) -> None:
        await self.line.tell(QUESTION_STATUS, {"question_ids": [question], "status": status})

    async def _sku(self, question: str) -> int:
        try:
            with nothing_sent("no SKU for the answer", ChannelClosed, Refused):
                sku = await self._questions.sku_of(question)
        except Refused as refused:
            gone = refused.params.get("status") == 404
            reason = Undelivered.CHAT_GONE if gone else refused.reason
            raise Refused(str(refused), reason=reason, detail=refused.detail) from refused
        if sku is None:
            raise Refused("the question names no good", detail="the question names no SKU")
        return int(sku)


def _listed(item: object) -> tuple[Listed, IncomingMessage | None] | Unreadable:
    read = feedback.question_of(item)
    if isinstance(read, Unreadable):
        return read
    state = _state(read[0])
    listed = Listed(feedback.question_chat(*read), str(state), whole=state.replies == 0)
    return listed, feedback.question_message(*read)


def _state(question: wire.Question) -> State:
    # a count that is missing is no count of none: the answers are asked for
    replies = 1 if question.answers_count is None else question.answers_count
    return State(
        replies, word_of(question.status), word_of(question.sku), feedback.digest(question.text or "")
    )


def _is_sku(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 2**63
