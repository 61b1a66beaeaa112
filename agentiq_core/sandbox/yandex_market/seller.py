"""A seller's account at Yandex Market: its conversations, and what a person does with them in the cabinet."""

from __future__ import annotations

from typing import Any, Final

from agentiq_core.domain.messages import Author, Channel
from agentiq_core.sandbox.conversation import Conversation, Message
from agentiq_core.sandbox.shop import Shop
from agentiq_core.sandbox.yandex_market.records import (
    Behaviour,
    Context,
    Moderation,
    YandexConversation,
    YandexMessage,
)

_FIRST: Final = {Channel.CHAT: 7_000_000, Channel.REVIEW: 88_000_000, Channel.QUESTION: 51_000_000}
_FIRST_COMMENT: Final = 600_000
_DIRECT_SHARE: Final = 0.2


class YandexSeller(Shop[YandexConversation]):
    """One seller: a business of one shop. `context` is what its next chats are about, at random by default."""

    behaviour: Behaviour
    business: int = 0
    campaign: int = 0
    scopes: tuple[str, ...] = ("COMMUNICATION",)
    """The token's rights."""
    context: Context | None = None
    _written: int = 0

    def new_id(self, channel: Channel) -> str:
        """Numbers, counted by channel."""
        return str(_FIRST.get(channel, 0) + len(self.of_channel(channel)) + 1)

    def new_message_id(self, conversation: YandexConversation, time: int) -> str:
        """Chats count in microseconds, comments and answers one by one; what a buyer begins with is the conversation."""
        self._written += 1
        if conversation.channel is Channel.CHAT:
            return str(time * 1000 + self._written % 1000)
        return str(_FIRST_COMMENT + self._written) if conversation.messages else conversation.id

    def form(self, draft: Conversation) -> YandexConversation:
        """A conversation about an order, now and then about nothing."""
        direct = draft.channel is Channel.CHAT and self.rng.random() < _DIRECT_SHARE
        return YandexConversation.of(
            draft, context=self.context or (Context.DIRECT if direct else Context.ORDER)
        )

    def new_message(
        self, conversation: YandexConversation, author: Author, text: str | None, **rest: Any
    ) -> Message:
        """A message; the seller's public words are moderated."""
        message = super().new_message(conversation, author, text, **rest)
        public = conversation.channel is not Channel.CHAT and author is Author.SELLER
        status = Moderation(self.behaviour.moderation) if public else Moderation.PUBLISHED
        return YandexMessage.of(message, status=status)

    def stored(self, conversation: YandexConversation, message: Message) -> None:
        """A review wants a reaction until the shop says something, and perhaps when a buyer says something again."""
        if message.author is Author.SELLER:
            conversation.needs_reaction = False
        elif message.author is Author.BUYER and len(conversation.messages) > 1:
            conversation.needs_reaction = conversation.needs_reaction or self.behaviour.comments_ask

    def sees_in_cabinet(self, conversation_id: str) -> None:
        """A person opens a review in the cabinet and writes nothing: it wants no reaction any more."""
        self.conversation(conversation_id).needs_reaction = False

    def finishes(self, conversation_id: str) -> None:
        """The chat is over."""
        self.conversation(conversation_id).finished = True
