"""A seller's account at any marketplace: its conversations, and everything that people do in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from agentiq_core.domain.messages import Author, Channel
from agentiq_core.sandbox.buyers import Buyer, Good
from agentiq_core.sandbox.conversation import Conversation, Message, Photo, Upload
from agentiq_core.sandbox.ledger import ConversationT, Ledger


class Shop(Ledger[ConversationT]):
    """One seller: buyers open conversations, its people answer in the cabinet or through the API."""

    def echo_time(self, added: int) -> int:
        """The time that a message accepted at `added` is shown with."""
        return added

    def fill(self, chats: int, events: int, until: datetime, span: timedelta) -> None:
        """History in bulk, for measurements; ValueError where a marketplace has none."""
        raise ValueError("this marketplace cannot be filled in bulk")

    def open_chat(
        self,
        *,
        buyer: Buyer | None = None,
        client_name: str | None = None,
        good: Good | None = None,
        greeting: str | None = None,
        at: datetime | None = None,
    ) -> str:
        """A new chat without messages; with greeting, the marketplace's automatic seller message opens it.

        Without a buyer the name and the good are taken from the arguments or at random.
        """
        chat = self.begin(Channel.CHAT, buyer=buyer, client_name=client_name, good=good, at=at)
        if greeting is not None:
            self.store(chat, Author.SELLER, greeting, at=at, automatic=True)
        return chat.id

    def leave_review(
        self,
        *,
        stars: int,
        text: str | None = None,
        pros: str = "",
        cons: str = "",
        images: int | Sequence[Photo] = (),
        buyer: Buyer | None = None,
        client_name: str | None = None,
        good: Good | None = None,
        at: datetime | None = None,
    ) -> str:
        """A buyer's review; without text, pros and cons it is stars only."""
        if not 1 <= stars <= 5:
            raise ValueError("stars are 1 to 5")
        review = self.begin(
            Channel.REVIEW, buyer=buyer, client_name=client_name, good=good, at=at, stars=stars, pros=pros, cons=cons
        )  # fmt: skip
        self.buyer_says(review.id, text or None, images=images, at=at)
        return review.id

    def ask_question(
        self,
        text: str,
        *,
        buyer: Buyer | None = None,
        client_name: str | None = None,
        good: Good | None = None,
        at: datetime | None = None,
    ) -> str:
        """A question about a good, on its page."""
        question = self.begin(Channel.QUESTION, buyer=buyer, client_name=client_name, good=good, at=at)
        self.buyer_says(question.id, text, at=at)
        return question.id

    def file_claim(
        self,
        text: str,
        *,
        images: int | Sequence[Photo] = (),
        order_id: str | None = None,
        buyer: Buyer | None = None,
        client_name: str | None = None,
        good: Good | None = None,
        at: datetime | None = None,
    ) -> str:
        """A request to return the good of an order."""
        claim = self.begin(
            Channel.CLAIM, buyer=buyer, client_name=client_name, good=good, at=at, order_id=order_id
        )
        self.buyer_says(claim.id, text, images=images, at=at)
        return claim.id

    def buyer_says(
        self,
        conversation_id: str,
        text: str | None,
        *,
        images: int | Sequence[Photo] = (),
        at: datetime | None = None,
    ) -> Message:
        """A buyer's message. images: how many pictures, or the pictures. at: its time, now by default."""
        photos = [Photo()] * images if isinstance(images, int) else images
        return self.store(
            self.conversation(conversation_id),
            Author.BUYER,
            text,
            at=at,
            attachments=self.attach(photos, at),
        )

    def types_in_cabinet(self, conversation_id: str, text: str, *, at: datetime | None = None) -> Message:
        """A reply typed by a person in the marketplace's own cabinet."""
        return self._notified(self.store(self.conversation(conversation_id), Author.SELLER, text, at=at))

    def answers_in_cabinet(self, conversation_id: str, text: str, *, at: datetime | None = None) -> Message:
        """An answer to a review or a question, typed in the marketplace's own cabinet."""
        return self.types_in_cabinet(conversation_id, text, at=at)

    def marketplace_says(
        self, conversation_id: str, text: str | None, *, at: datetime | None = None
    ) -> Message:
        """An automatic message of the marketplace."""
        return self.store(self.conversation(conversation_id), Author.MARKETPLACE, text, at=at, automatic=True)

    def accept(
        self,
        conversation_id: str,
        text: str | None,
        files: Sequence[Upload] = (),
        *,
        echo_delay: float | None = None,
    ) -> Message:
        """What an accepted request to send does. `added` of the message is the time the answer tells."""
        added = self.next_millisecond()
        time = self.echo_time(added)
        delay = self.behaviour.echo_delay if echo_delay is None else echo_delay
        photos = [
            Photo(content=file.content, name=file.name, content_type=file.content_type) for file in files
        ]
        message = self.store(
            self.conversation(conversation_id),
            Author.SELLER,
            text,
            milliseconds=time,
            attachments=self.attach(photos, None),
            through_api=True,
            visible_from=self.clock() + delay if delay else 0.0,
        )
        message.added = added
        self.count(message)
        return self._notified(message)

    def _notified(self, message: Message) -> Message:
        conversation = self.conversation(message.conversation_id)
        for listener in self.listeners:
            listener(self, conversation, message)
        return message


class PlainShop(Shop[Conversation]):
    """A shop whose marketplace adds nothing to its conversations."""

    def form(self, draft: Conversation) -> Conversation:
        """The draft itself."""
        return draft
