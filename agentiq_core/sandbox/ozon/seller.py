"""A seller's account at Ozon: its conversations with their statuses, and what a person does with them in the cabinet."""

from __future__ import annotations

from typing import Any, Final

from agentiq_core.domain.messages import Author, Channel
from agentiq_core.sandbox.conversation import Attachment, Conversation, Message
from agentiq_core.sandbox.ozon.records import Behaviour, OzonConversation, OzonMessage, Scheme, Status
from agentiq_core.sandbox.shop import Shop

_FIRST_ID: Final = 3_000_000_000_000_000_000
_DELIVERED_BEFORE: Final = 24 * 3600.0
HOUR: Final = 3600.0
REPLY_HOURS: Final = 48
DELIVERY_HOURS: Final = 72


class OzonSeller(Shop[OzonConversation]):
    """One seller. `scheme` is how the orders of its next chats are delivered."""

    behaviour: Behaviour
    scheme: Scheme = Scheme.FBO
    roles: tuple[tuple[str, tuple[str, ...]], ...] = (("Admin", ()),)
    """The key's roles with their methods."""
    expires: float = 0.0
    """When the key ends, unix seconds."""
    _written: int = 0

    def new_message_id(self, conversation: OzonConversation, time: int) -> str:
        """Chats count their messages in numbers beyond 2^53, later ones higher; the rest has UUIDs."""
        if conversation.channel is not Channel.CHAT:
            return self.uuid() if conversation.messages else conversation.id
        self._written += 1
        return str(_FIRST_ID + time * 1000 + self._written % 1000)

    def new_order_id(self) -> str:
        """The number of an order, to which postings add a third part."""
        return f"{self.rng.randrange(10**9, 10**10)}-{self.rng.randrange(1, 9999):04d}"

    def form(self, draft: Conversation) -> OzonConversation:
        """A conversation about an order that came the day before."""
        delivered = draft.created / 1000 - _DELIVERED_BEFORE
        return OzonConversation.of(draft, scheme=self.scheme, delivered=delivered)

    def new_message(
        self, conversation: OzonConversation, author: Author, text: str | None, **rest: Any
    ) -> Message:
        """A message, refused by moderation where the conversation says so."""
        message = super().new_message(conversation, author, text, **rest)
        return OzonMessage.of(message, rejected=conversation.refused if author is Author.SELLER else None)

    def stored(self, conversation: OzonConversation, message: Message) -> None:
        """Whoever answers in the cabinet has seen and handled what was there."""
        if message.author is Author.SELLER and not message.automatic and not message.through_api:
            conversation.status = Status.PROCESSED
            if conversation.channel is Channel.CHAT:
                conversation.seen = max(conversation.seen, int(message.id))

    def sees_in_cabinet(self, conversation_id: str) -> None:
        """A person opens the conversation in the cabinet and writes nothing."""
        conversation = self.conversation(conversation_id)
        if conversation.channel is Channel.CHAT:
            conversation.seen = max((int(each.id) for each in conversation.messages), default=0)
        elif conversation.status is Status.NEW:
            conversation.status = Status.VIEWED

    def edits(self, conversation_id: str, message_id: str, text: str) -> None:
        """A message is edited after it was sent (TYPE_UPDATE_MESSAGE)."""
        found = next(each for each in self.conversation(conversation_id).messages if each.id == message_id)
        found.text = text

    def may_write(self, chat: OzonConversation, now: float) -> bool:
        """Whether the time to reply is not over: 48 hours after the buyer, for FBS 72 after delivery too."""
        if not self.behaviour.window:
            return True
        last = max((each.time for each in chat.messages if each.author is Author.BUYER), default=0) / 1000
        by_order = chat.scheme is Scheme.FBS and now <= chat.delivered + DELIVERY_HOURS * HOUR
        return by_order or now <= last + REPLY_HOURS * HOUR

    def attachment(self, download_id: str) -> Attachment | None:
        """A file of a conversation."""
        return self.attachments.get(download_id)
