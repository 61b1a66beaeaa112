"""What is kept of a shop: its conversations in the marketplace's own form, the truth that tests compare with."""

from __future__ import annotations

import random
import unicodedata
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Generic, TypeVar

from agentiq_core.domain.messages import Author, Channel
from agentiq_core.sandbox.behaviour import Behaviour
from agentiq_core.sandbox.buyers import Buyer, Good
from agentiq_core.sandbox.conversation import Attachment, Conversation, Message, Photo

ConversationT = TypeVar("ConversationT", bound=Conversation)
Listener = Callable[[Any, Conversation, Message], None]
"""Takes the shop, the conversation and the message."""


class Ledger(ABC, Generic[ConversationT]):
    """The conversations of one shop by channel and id. `id` names the shop in the control paths; `token`, and `client_id`
    where there is one, open the API. `duplicates` counts texts accepted twice in one conversation.

    A marketplace says in `form` what its conversations are, and overrides the hooks below it where its ids, names or
    messages have a shape of their own. `listeners` hear of every message that a person of the shop wrote.
    """

    def __init__(
        self,
        *,
        id: str,
        name: str,
        token: str,
        goods: Sequence[Good],
        rng: random.Random,
        clock: Callable[[], float],
        behaviour: Behaviour,
        client_id: str | None = None,
    ) -> None:
        self.id = id
        self.name = name
        self.token = token
        self.client_id = client_id
        self.goods = tuple(goods)
        self.behaviour = behaviour
        self.rng = rng
        self.clock = clock
        self.listeners: list[Listener] = []
        self.chats: dict[str, ConversationT] = {}
        self.reviews: dict[str, ConversationT] = {}
        self.questions: dict[str, ConversationT] = {}
        self.claims: dict[str, ConversationT] = {}
        self.attachments: dict[str, Attachment] = {}
        self.duplicates = 0
        self._accepted: set[tuple[str, str]] = set()
        self._newest = 0

    @abstractmethod
    def form(self, draft: Conversation) -> ConversationT:
        """The conversation as this marketplace keeps it: the draft, or `Kind.of(draft, …)`."""

    def new_id(self, channel: Channel) -> str:
        """The id of a new conversation of the channel."""
        return self.uuid()

    def new_message_id(self, conversation: ConversationT, time: int) -> str:
        """The id of the conversation's next message, which is of that time."""
        return self.uuid()

    def new_order_id(self) -> str:
        """The number of the order that a conversation is about."""
        return str(self.rng.randrange(1_000_000_000, 9_999_999_999))

    def shown_name(self, buyer: Buyer | None) -> str:
        """What the marketplace tells of the buyer's name."""
        return buyer.person.name if buyer else ""

    def new_message(
        self,
        conversation: ConversationT,
        author: Author,
        text: str | None,
        *,
        time: int,
        attachments: tuple[Attachment, ...],
        through_api: bool,
        automatic: bool,
        visible_from: float,
    ) -> Message:
        """The message as this marketplace keeps it."""
        return Message(
            id=self.new_message_id(conversation, time),
            conversation_id=conversation.id,
            time=time,
            author=author,
            text=text,
            attachments=attachments,
            through_api=through_api,
            automatic=automatic,
            visible_from=visible_from,
        )

    def stored(self, conversation: ConversationT, message: Message) -> None:
        """Called once a message is in its conversation: the place to feed an event or to change a status."""

    def conversations(self, channel: Channel | None = None) -> Iterable[ConversationT]:
        """Those of a channel, or all of them."""
        if channel is not None:
            return self.of_channel(channel).values()
        return chain.from_iterable(self.of_channel(each).values() for each in Channel)

    def of_channel(self, channel: Channel) -> dict[str, ConversationT]:
        """The channel's conversations by id."""
        match channel:
            case Channel.CHAT:
                return self.chats
            case Channel.REVIEW:
                return self.reviews
            case Channel.QUESTION:
                return self.questions
            case Channel.CLAIM:
                return self.claims

    def conversation(self, conversation_id: str) -> ConversationT:
        """The conversation of that id, whatever its channel; KeyError where there is none."""
        for channel in Channel:
            found = self.of_channel(channel).get(conversation_id)
            if found is not None:
                return found
        raise KeyError(conversation_id)

    def messages(self, conversation_id: str) -> list[Message]:
        """The truth about a conversation: every message, also those the marketplace does not show yet."""
        return list(self.conversation(conversation_id).messages)

    def api_messages(self) -> list[Message]:
        """Every message accepted through the API, by time."""
        written = (message for each in self.conversations() for message in each.messages)
        return sorted((message for message in written if message.through_api), key=lambda each: each.time)

    def waiting(self, channel: Channel | None = None) -> list[ConversationT]:
        """Conversations where the last person to write was the buyer."""
        return [each for each in self.conversations(channel) if each.waiting]

    def situation(self, conversation_id: str) -> str:
        """Why the buyer writes: the value of Situation, "" in conversations opened by hand."""
        return self.conversation(conversation_id).situation

    def count(self, message: Message) -> None:
        """Remember an accepted text, and count it when it was accepted in this conversation before."""
        if message.text:
            key = (message.conversation_id, folded(message.text))
            self.duplicates += key in self._accepted
            self._accepted.add(key)

    def begin(
        self,
        channel: Channel,
        *,
        buyer: Buyer | None,
        client_name: str | None,
        good: Good | None,
        at: datetime | None,
        order_id: str | None = None,
        stars: int | None = None,
        pros: str = "",
        cons: str = "",
    ) -> ConversationT:
        """A new conversation without messages, formed and kept."""
        good = good or (buyer.good if buyer else self.rng.choice(self.goods))
        draft = Conversation(
            channel=channel,
            good=good,
            order_id=self.new_order_id() if order_id is None else order_id,
            size=buyer.size if buyer else self.rng.choice(good.sizes),
            buyer_name=self.shown_name(buyer) if client_name is None else client_name,
            id=self.new_id(channel),
            created=round((at.timestamp() if at else self.clock()) * 1000),
            buyer=buyer,
            situation=buyer.situation.value if buyer else "",
            stars=stars,
            pros=pros,
            cons=cons,
        )
        formed = self.form(draft)
        self.of_channel(channel)[formed.id] = formed
        return formed

    def store(
        self,
        conversation: ConversationT,
        author: Author,
        text: str | None,
        *,
        at: datetime | None = None,
        milliseconds: int | None = None,
        attachments: tuple[Attachment, ...] = (),
        through_api: bool = False,
        automatic: bool = False,
        visible_from: float = 0.0,
    ) -> Message:
        """Put a message of anybody into a conversation, at a time or at the next millisecond."""
        if milliseconds is None:
            milliseconds = round(at.timestamp() * 1000) if at else self.next_millisecond()
        message = self.new_message(
            conversation,
            author,
            text,
            time=milliseconds,
            attachments=attachments,
            through_api=through_api,
            automatic=automatic,
            visible_from=visible_from,
        )
        conversation.append(message)
        self.seen(message.time)
        self.stored(conversation, message)
        return message

    def seen(self, time: int) -> None:
        """Nothing written from now on is as early as this."""
        self._newest = max(self._newest, time)

    def next_millisecond(self) -> int:
        """Now, but later than anything written: what happens later is never behind a reader's cursor."""
        return max(int(self.clock() * 1000), self._newest + 1)

    def uuid(self) -> str:
        """A UUID that follows from the seed."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def attach(self, photos: Sequence[Photo], at: datetime | None) -> tuple[Attachment, ...]:
        """Pictures of a message, kept so that they can be downloaded."""
        now = self.clock()
        attached = tuple(
            Attachment(
                download_id=self.uuid(),
                name=photo.name,
                content_type=photo.content_type,
                size=len(photo.content) if photo.content is not None else 7000,
                added=round(at.timestamp() * 1000) if at else int(now * 1000),
                content=photo.content,
                moderation=photo.moderation,
                ready_at=now + photo.wait,
            )
            for photo in photos
        )
        self.attachments.update((file.download_id, file) for file in attached)
        return attached


def folded(text: str) -> str:
    """The text as duplicates are counted by: NFC, white space folded."""
    return " ".join(unicodedata.normalize("NFC", text).split())
