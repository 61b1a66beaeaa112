"""Conversations that took place before the sandbox started."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from agentiq_core.sandbox.buyers import Buyer, Situation, Utterance, draw_buyer
from agentiq_core.sandbox.buyers.replies import answer, ask, farewell
from agentiq_core.sandbox.wildberries.seller import LOW_RATING_GREETING, RETURN_GREETING, SandboxSeller

_RETURN_NOTICE: Final = "Покупатель оформил заявку на возврат. Рассмотреть её можно в разделе «Возвраты»"
_CLAIMED: Final = ("оформите заявку", "заявку на возврат")
_AGES: Final = (3, 7, 12, 18, 26, 41, 65, 100, 150, 210, 300, 420, 600, 900, 1500)
"""Minutes for which the buyers of the start have been waiting, some short, some long."""


class _Diary:
    """Writes one chat forward in time, never past the end."""

    def __init__(self, seller: SandboxSeller, rng: random.Random, begin: datetime, until: datetime) -> None:
        self.seller = seller
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


def write_history(
    seller: SandboxSeller, rng: random.Random, *, chats: int, waiting: int, until: datetime, span: timedelta
) -> None:
    """Fill a seller with conversations: the first `waiting` of them wait for an answer, the others are done."""
    for number in range(chats):
        if number < waiting:
            _write_waiting(seller, rng, number, _AGES[number * len(_AGES) // waiting], until)
        else:
            begin = until - timedelta(seconds=rng.uniform(0.04, 1.0) * span.total_seconds())
            _write_answered(seller, rng, begin, until)
    if chats > 20:
        seller.open_chat(buyer=draw_buyer(rng, seller.goods))


def _open(seller: SandboxSeller, rng: random.Random, buyer: Buyer, diary: _Diary) -> str:
    """Open the chat; some are opened by the marketplace's automatic message in the seller's name."""
    greeting = None
    if buyer.situation is Situation.RETURN and rng.random() < 0.5:
        greeting = RETURN_GREETING
    elif buyer.situation in (Situation.ANGRY, Situation.DEFECT) and rng.random() < 0.25:
        greeting = LOW_RATING_GREETING
    chat_id = seller.open_chat(buyer=buyer, greeting=greeting, at=diary.now)
    if greeting is not None:
        diary.wait(1, 30)
    return chat_id


def _write_waiting(
    seller: SandboxSeller, rng: random.Random, number: int, minutes: float, until: datetime
) -> None:
    situation = (Situation.WHERE_ORDER, Situation.DEFECT, Situation.RETURN, None, None)[number % 5]
    buyer = draw_buyer(rng, seller.goods, situation)
    last = until - timedelta(minutes=minutes * rng.uniform(0.8, 1.2))
    if number % 3 == 2:
        diary = _Diary(seller, rng, last - timedelta(hours=rng.uniform(2, 9)), until)
        chat_id = seller.open_chat(buyer=buyer)
        diary.buyer(chat_id, buyer.opening())
        diary.wait(10, 60)
        reply = ask(buyer, rng) or answer(buyer, rng, greet=True)
        diary.shop(chat_id, reply)
        diary.now = max(diary.now + timedelta(minutes=2), last)
        reaction = [] if buyer.done else buyer.react(reply)
        diary.buyer(chat_id, reaction or [Utterance("А что с моим вопросом?")])
        return
    diary = _Diary(seller, rng, last, until)
    chat_id = seller.open_chat(buyer=buyer)
    diary.buyer(chat_id, buyer.opening())


def _write_answered(seller: SandboxSeller, rng: random.Random, begin: datetime, until: datetime) -> None:
    buyer = draw_buyer(rng, seller.goods)
    diary = _Diary(seller, rng, begin, until - timedelta(minutes=2))
    chat_id = _open(seller, rng, buyer, diary)
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
        if any(words in reply.lower() for words in _CLAIMED) and rng.random() < 0.3 and not diary.over:
            diary.wait(20, 60)
            seller.marketplace_says(chat_id, _RETURN_NOTICE if rng.random() < 0.8 else None, at=diary.now)
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
