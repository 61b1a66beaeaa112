"""What Wildberries says by itself in conversations of the past: opening messages, notices, an empty chat."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.buyers import Buyer, Situation, draw_buyer
from agentiq_core.sandbox.history import Diary, Historian, History
from agentiq_core.sandbox.wildberries.seller import LOW_RATING_GREETING, RETURN_GREETING

_RETURN_NOTICE: Final = "Покупатель оформил заявку на возврат. Рассмотреть её можно в разделе «Возвраты»"
_CLAIMED: Final = ("оформите заявку", "заявку на возврат")


class WildberriesHistorian(Historian):
    """The usual past, some chats of which the marketplace opened in the seller's name."""

    def write(self, history: History, channels: Collection[Channel]) -> None:
        """The usual past; in a long one there is a chat without a message."""
        super().write(history, channels)
        if history.chats > 20:
            self.shop.open_chat(buyer=draw_buyer(self.rng, self.shop.goods))

    def open(self, buyer: Buyer, diary: Diary) -> str:
        """Some chats begin with an automatic message in the seller's name."""
        greeting = None
        if buyer.situation is Situation.RETURN and self.rng.random() < 0.5:
            greeting = RETURN_GREETING
        elif buyer.situation in (Situation.ANGRY, Situation.DEFECT) and self.rng.random() < 0.25:
            greeting = LOW_RATING_GREETING
        chat_id = self.shop.open_chat(buyer=buyer, greeting=greeting, at=diary.now)
        if greeting is not None:
            diary.wait(1, 30)
        return chat_id

    def replied(self, chat_id: str, reply: str, diary: Diary) -> None:
        """A return claim that was asked for is announced, at times by an event without a message."""
        if any(words in reply.lower() for words in _CLAIMED) and self.rng.random() < 0.3 and not diary.over:
            diary.wait(20, 60)
            notice = _RETURN_NOTICE if self.rng.random() < 0.8 else None
            self.shop.marketplace_says(chat_id, notice, at=diary.now)
