"""Questions about goods: a list by months, and the answers to each (Yandex Market API, goods-questions)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from agentiq_core.connectors.base import GoAhead, Receipt
from agentiq_core.connectors.errors import Refused
from agentiq_core.connectors.listing import HistoryPage, Listed, ListPage
from agentiq_core.connectors.outgoing import check
from agentiq_core.connectors.yandex_market import asking
from agentiq_core.connectors.yandex_market import wire_goods as wire
from agentiq_core.connectors.yandex_market.asking import ANSWER_ID
from agentiq_core.connectors.yandex_market.connector import YandexConnector, number_of
from agentiq_core.connectors.yandex_market.feedback import COMMENT_ID, sign_of
from agentiq_core.connectors.yandex_market.limits import ANSWER, ANSWERS, LISTED_AT_ONCE, QUESTION, QUESTIONS
from agentiq_core.connectors.yandex_market.line import YandexLine
from agentiq_core.connectors.yandex_market.looks import look
from agentiq_core.connectors.yandex_market.mapping import enum_of
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import IncomingMessage, Unreadable

log = logging.getLogger(__name__)

MONTHS: Final = 7
"""Stretches that are looked through: half a year, as far as reviews reach by themselves."""
_SPAN: Final = timedelta(days=28)
"""A list spans at most a month, whatever month that is."""
_STEP: Final = timedelta(days=27)
"""Stretches share a day: nobody says whether a list holds its last one."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A place in the list: the day the walk began, how many months before it, a page's token."""

    today: date
    back: int = 0
    token: str | None = None

    def __str__(self) -> str:
        return f"{self.today.isoformat()} {self.back} {self.token or ''}"

    @classmethod
    def of(cls, text: str | None, today: date) -> Stretch:
        """A place of this version; any other is the beginning."""
        day, _, rest = (text or "").partition(" ")
        back, _, token = rest.partition(" ")
        try:
            return cls(date.fromisoformat(day), int(back), token or None)
        except ValueError:
            return cls(today)

    @property
    def dates(self) -> dict[str, str]:
        """The filter of the list; the newest stretch is what the list tells by itself."""
        if not self.back:
            return {}
        end = self.today - self.back * _STEP
        return {"dateFrom": (end - _SPAN).isoformat(), "dateTo": end.isoformat()}

    def following(self, token: str | None, *, whole: bool) -> Stretch | None:
        """The next page, else the month before; None at the end."""
        if token is not None:
            return replace(self, token=token)
        return replace(self, back=self.back + 1, token=None) if whole and self.back + 1 < MONTHS else None


class QuestionSource:
    """The list and the answers, as `listing.Walk` asks for them. The list tells nothing of answers: they are found by
    looking again (`looks`), and at once where somebody waits for one."""

    def __init__(self, line: YandexLine) -> None:
        self._line = line

    async def list_page(self, position: str | None, *, whole: bool) -> ListPage:
        """The newest first; not `whole`: only those of the last month that wait for an answer."""
        place = Stretch.of(position, self._line.clock().date())
        body: dict[str, Any] = {"needAnswer": not whole, "sort": "CREATED_AT_DESC", **place.dates}
        answer, now, ahead = await self._line.ask(
            QUESTIONS, wire.QuestionsAnswer, body, limit=LISTED_AT_ONCE, pageToken=place.token
        )
        more = place.following(answer.result.more, whole=whole)
        return ListPage.of(
            (_listed(item, now) for item in answer.result.questions),
            more=str(more) if more is not None else None,
            ahead=ahead,
        )

    async def history(
        self, chat: str, *, after: str | None, newest: str | None, position: str | None
    ) -> HistoryPage:
        """The answers to a question, with what is said below them."""
        try:
            answer, _, ahead = await self._line.ask(
                ANSWERS,
                wire.AnswersAnswer,
                {"questionId": number_of(chat)},
                limit=LISTED_AT_ONCE,
                pageToken=position,
            )
        except Refused as refused:
            log.warning("yandex market: a question is passed over: %s", refused)
            return HistoryPage(mark=newest if refused.params.get("status") == 404 else None)
        messages: list[IncomingMessage] = []
        unreadable: list[Unreadable] = []
        for item in answer.result.answers:
            read, broken = asking.answer_of(item, chat)
            messages += read
            unreadable += broken
        return HistoryPage(
            messages=tuple(messages),
            unreadable=tuple(unreadable),
            mark=newest,
            more=answer.result.more,
            ahead=ahead,
        )

    def is_read(self, mark: str, newest: str) -> bool:
        """Whether the same words were looked at in the same hour or day."""
        return mark == newest


class YandexQuestions(YandexConnector):
    """The questions about a seller's goods."""

    def __init__(self, line: YandexLine) -> None:
        super().__init__(line, QuestionSource(line))

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """Answer a question; the answer's id comes back."""
        check(text, files, QUESTION)
        body = {
            "operationType": "CREATE",
            "parentEntityId": {"id": number_of(chat_external_id), "type": "QUESTION"},
            "text": text,
        }
        accepted = await self.line.deliver(
            ANSWER, wire.AnswerAccepted, text=text, go_ahead=go_ahead, json=body
        )
        entity = accepted.result.entity if accepted.result is not None else None
        if entity is None or entity.id is None:
            return Receipt()
        prefix = COMMENT_ID if enum_of(entity.type) == "COMMENT" else ANSWER_ID
        return Receipt(message_id=f"{prefix}{entity.id}")


def _listed(item: object, now: datetime) -> tuple[Listed, IncomingMessage] | Unreadable:
    read = asking.question_of(item)
    if isinstance(read, Unreadable):
        return read
    question, created_at = read
    state = f"{sign_of(question.text)} {look(question.identifiers.id, created_at, now)}"
    return Listed(asking.question_chat(question), state), asking.question_message(*read)
