"""Conversations that took place before the sandbox started."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.buyers import Buyer, Situation, Utterance, draw_buyer, draw_question, draw_review
from agentiq_core.sandbox.buyers.replies import answer, ask, farewell
from agentiq_core.sandbox.buyers.reviews import acknowledge
from agentiq_core.sandbox.shop import Shop

_AGES: Final = (3, 7, 12, 18, 26, 41, 65, 100, 150, 210, 300, 420, 600, 900, 1500)
"""Minutes for which the buyers of the start have been waiting, some short, some long."""
_ANSWERED_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class History:
    """What a seller has at the start: that many chats, so many of them waiting for an answer; half of the reviews and
    questions are answered. A channel that the market lacks stays empty.

    until: time of the newest message, now by default. span: how far back conversations began.
    """

    chats: int = 0
    waiting: int = 0
    reviews: int = 0
    questions: int = 0
    until: datetime | None = None
    span: timedelta = timedelta(days=6)


class Diary:
    """Writes one conversation forward in time, never past the end."""

    def __init__(self, shop: Shop[Any], rng: random.Random, begin: datetime, until: datetime) -> None:
        self.seller = shop
        self.rng = rng
        self.now = begin
        self.until = until

    def wait(self, low: float, high: float) -> None:
        """Let some minutes pass."""
        self.now += timedelta(minutes=self.rng.uniform(low, high))

    @property
    def over(self) -> bool:
        """Whether the next message would lie after the end of history."""
        return self.now >= self.until

    def buyer(self, chat_id: str, said: Sequence[Utterance]) -> None:
        """A buyer's messages, seconds apart."""
        for utterance in said:
            if self.over:
                return
            self.seller.buyer_says(chat_id, utterance.text or None, images=utterance.photos, at=self.now)
            self.wait(0.15, 0.9)

    def shop(self, chat_id: str, text: str) -> None:
        """A reply typed in the marketplace's cabinet, as all of history was."""
        if not self.over:
            self.seller.types_in_cabinet(chat_id, text, at=self.now)


class Historian:
    """Writes a shop's past. A marketplace overrides `open` and `replied` for what it says by itself."""

    def __init__(self, shop: Shop[Any], rng: random.Random, *, until: datetime, span: timedelta) -> None:
        self.shop = shop
        self.rng = rng
        self.until = until
        self.span = span

    def write(self, history: History, channels: Collection[Channel]) -> None:
        """Fill the channels: the first `waiting` chats wait for an answer, the others are done."""
        if Channel.CHAT in channels:
            for number in range(history.chats):
                if number < history.waiting:
                    self._write_waiting(number, _AGES[number * len(_AGES) // history.waiting])
                else:
                    self._write_answered()
        if Channel.REVIEW in channels:
            for _ in range(history.reviews):
                self._write_review()
        if Channel.QUESTION in channels:
            for _ in range(history.questions):
                self._write_question()

    def open(self, buyer: Buyer, diary: Diary) -> str:
        """Open the buyer's chat, perhaps by a message of the marketplace; the chat's id."""
        return self.shop.open_chat(buyer=buyer, at=diary.now)

    def replied(self, chat_id: str, reply: str, diary: Diary) -> None:
        """Called after each answer of the shop: the marketplace may add something."""

    def _begin(self) -> datetime:
        return self.until - timedelta(seconds=self.rng.uniform(0.04, 1.0) * self.span.total_seconds())

    def _write_waiting(self, number: int, minutes: float) -> None:
        rng = self.rng
        situation = (Situation.WHERE_ORDER, Situation.DEFECT, Situation.RETURN, None, None)[number % 5]
        buyer = draw_buyer(rng, self.shop.goods, situation)
        last = self.until - timedelta(minutes=minutes * rng.uniform(0.8, 1.2))
        if number % 3 == 2:
            diary = Diary(self.shop, rng, last - timedelta(hours=rng.uniform(2, 9)), self.until)
            chat_id = self.shop.open_chat(buyer=buyer, at=diary.now)
            diary.buyer(chat_id, buyer.opening())
            diary.wait(10, 60)
            reply = ask(buyer, rng) or answer(buyer, rng, greet=True)
            diary.shop(chat_id, reply)
            diary.now = max(diary.now + timedelta(minutes=2), last)
            reaction = [] if buyer.done else buyer.react(reply)
            diary.buyer(chat_id, reaction or [Utterance("А что с моим вопросом?")])
            return
        diary = Diary(self.shop, rng, last, self.until)
        chat_id = self.shop.open_chat(buyer=buyer, at=diary.now)
        diary.buyer(chat_id, buyer.opening())

    def _write_answered(self) -> None:
        rng = self.rng
        begin = self._begin()
        buyer = draw_buyer(rng, self.shop.goods)
        diary = Diary(self.shop, rng, begin, self.until - timedelta(minutes=2))
        chat_id = self.open(buyer, diary)
        diary.buyer(chat_id, buyer.opening())
        diary.wait(3, 90)
        question = ask(buyer, rng)
        greet = True
        if question is not None and (buyer.situation is Situation.VAGUE or rng.random() < 0.6):
            diary.shop(chat_id, question)
            reaction = buyer.react(question)
            diary.wait(2, 40)
            diary.buyer(chat_id, reaction)
            diary.wait(3, 60)
            greet = False
        for _ in range(3):
            reply = answer(buyer, rng, greet=greet)
            diary.shop(chat_id, reply)
            self.replied(chat_id, reply, diary)
            reaction = buyer.react(reply)
            if not reaction:
                return
            diary.wait(2, 60)
            diary.buyer(chat_id, reaction)
            diary.wait(3, 45)
            greet = False
            if buyer.done:
                break
        diary.shop(chat_id, farewell(rng))

    def _write_review(self) -> None:
        diary = Diary(self.shop, self.rng, self._begin(), self.until)
        buyer, opinion = draw_review(self.rng, self.shop.goods)
        review_id = self.shop.leave_review(
            stars=opinion.stars,
            text=opinion.text,
            pros=opinion.pros,
            cons=opinion.cons,
            images=opinion.photos,
            buyer=buyer,
            at=diary.now,
        )
        if opinion.wordless or self.rng.random() >= _ANSWERED_SHARE:
            return
        diary.wait(10, 600)
        diary.shop(review_id, acknowledge(buyer, opinion, self.rng))

    def _write_question(self) -> None:
        diary = Diary(self.shop, self.rng, self._begin(), self.until)
        buyer, text = draw_question(self.rng, self.shop.goods)
        question_id = self.shop.ask_question(text, buyer=buyer, at=diary.now)
        if self.rng.random() >= _ANSWERED_SHARE:
            return
        diary.wait(10, 600)
        diary.shop(question_id, answer(buyer, self.rng, greet=True))
