"""A seller's account at Avito, and what people do with its conversations beside the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from agentiq_core.domain.messages import Author, Channel
from agentiq_core.sandbox.avito.records import AvitoConversation, AvitoMessage, Behaviour
from agentiq_core.sandbox.conversation import Conversation, Message, Photo, Upload
from agentiq_core.sandbox.shop import Shop

_FIRST_REVIEW: Final = 92_000_000
_FIRST_ANSWER: Final = 5_000_000
_FIRST_BUYER: Final = 71_000_000


class AvitoSeller(Shop[AvitoConversation]):
    """One seller. `uploads` are pictures that were uploaded and wait to be sent, by their ids."""

    behaviour: Behaviour
    user_id: int = 0

    def __init__(self, **of_shop: Any) -> None:
        super().__init__(**of_shop)
        self.uploads: dict[str, Upload] = {}
        self._counted = 0

    def new_id(self, channel: Channel) -> str:
        """Chats have words with signs in them, reviews numbers."""
        self._counted += 1
        if channel is Channel.REVIEW:
            return str(_FIRST_REVIEW + self._counted)
        return f"u2i-{self.rng.getrandbits(60):x}~{self._counted}"

    def new_message_id(self, conversation: AvitoConversation, time: int) -> str:
        """32 signs that begin with the time, later ones higher; a review's words have its own number, answers others."""
        self._counted += 1
        if conversation.channel is Channel.REVIEW:
            return str(_FIRST_ANSWER + self._counted) if conversation.messages else conversation.id
        return f"{time:012x}{self._counted:08x}{self.rng.getrandbits(48):012x}"

    def form(self, draft: Conversation) -> AvitoConversation:
        """A conversation with a buyer who has a number."""
        self._counted += 1
        return AvitoConversation.of(draft, buyer_id=_FIRST_BUYER + self._counted)

    def new_message(
        self, conversation: AvitoConversation, author: Author, text: str | None, **rest: Any
    ) -> Message:
        """A message whose type is told by what it holds."""
        message = super().new_message(conversation, author, text, **rest)
        return AvitoMessage(**{name: getattr(message, name) for name in Message.__slots__})

    def stored(self, conversation: AvitoConversation, message: Message) -> None:
        """Whoever answers in the cabinet has seen what was there."""
        if message.author is Author.SELLER and not message.automatic and not message.through_api:
            conversation.seen = max(conversation.seen, message.time)

    def buyer_says(
        self,
        conversation_id: str,
        text: str | None,
        *,
        images: int | Sequence[Photo] = (),
        at: datetime | None = None,
    ) -> Message:
        """The words and each picture: a message of the messenger holds one thing. The first of them is returned."""
        if self.conversation(conversation_id).channel is not Channel.CHAT:
            return super().buyer_says(conversation_id, text, images=images, at=at)
        photos = [Photo()] * images if isinstance(images, int) else list(images)
        first = super().buyer_says(conversation_id, text, at=at) if text or not photos else None
        for photo in photos:
            sent = super().buyer_says(conversation_id, None, images=[photo], at=at)
            first = first or sent
        if first is None:
            raise ValueError("there are neither words nor pictures")
        return first

    def buyer_sends(self, chat_id: str, kind: str, content: dict[str, Any] | None = None) -> Message:
        """Something that is neither words nor a picture: a call, a place, a video, a type nobody knows yet."""
        message = super().buyer_says(chat_id, None)
        if isinstance(message, AvitoMessage):
            message.kind, message.content = kind, content or {}
        return message

    def deletes(self, chat_id: str, message_id: str) -> None:
        """A message of anybody is deleted: it stays with another type (Avito API, deleteMessage)."""
        for message in self.conversation(chat_id).messages:
            if message.id == message_id and isinstance(message, AvitoMessage):
                message.kind, message.text, message.attachments = "deleted", None, ()

    def sees_in_cabinet(self, chat_id: str) -> None:
        """A person opens the chat in the cabinet or on a telephone and writes nothing."""
        chat = self.conversation(chat_id)
        chat.seen = max((message.time for message in chat.messages), default=0)
