"""A seller's account at Wildberries: the feed of its chats, and the signs that sending needs."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from agentiq_core.domain.messages import Author, Channel
from agentiq_core.sandbox.buyers import Buyer, Good
from agentiq_core.sandbox.conversation import Conversation, Photo, Upload
from agentiq_core.sandbox.conversation import Message as AnyMessage
from agentiq_core.sandbox.shop import Shop
from agentiq_core.sandbox.wildberries.bulk import bulk_history
from agentiq_core.sandbox.wildberries.feed import Feed
from agentiq_core.sandbox.wildberries.records import Behaviour, Card, Chat, Message, SignPolicy, Source
from agentiq_core.sandbox.wildberries.signs import chat_id_of, current_sign

RETURN_GREETING: Final = "Здравствуйте! Здесь вы можете задать вопросы по возврату товара"
LOW_RATING_GREETING: Final = (
    "Здравствуйте! Вы оставили отзыв с низкой оценкой. Расскажите, пожалуйста, что случилось, "
    "и мы постараемся помочь"
)
_REFUSED_CLAIM: Final = (1, 1)
_LETTERS: Final = string.ascii_letters + string.digits
_BUYER_SOURCES: Final = (Source.RUSITE, Source.ANDROID, Source.ANDROID, Source.IOS, Source.IOS, Source.GLOBAL)


class SandboxSeller(Shop[Chat]):
    """One seller. `sid` is its account in the tokens."""

    behaviour: Behaviour

    def __init__(
        self,
        *,
        id: str,
        number: int,
        name: str,
        token: str,
        sid: str,
        goods: Sequence[Good],
        rng: random.Random,
        clock: Callable[[], float],
        behaviour: Behaviour,
    ) -> None:
        super().__init__(
            id=id, name=name, token=token, goods=goods, rng=rng, clock=clock, behaviour=behaviour
        )
        self.number = number
        self.sid = sid
        self.feed = Feed()

    def new_id(self, channel: Channel) -> str:
        """Ids of chats begin with `1:`, those of reviews and questions are twenty letters and digits."""
        if channel in (Channel.REVIEW, Channel.QUESTION):
            return "".join(self.rng.choices(_LETTERS, k=20))
        return f"1:{self.uuid()}" if channel is Channel.CHAT else self.uuid()

    def new_order_id(self) -> str:
        """`rid`: the order by 32 hexadecimal digits."""
        return f"{self.rng.getrandbits(128):032x}"

    def shown_name(self, buyer: Buyer | None) -> str:
        """Now and then the name is missing."""
        nameless = self.behaviour.quirks and self.rng.random() < 0.06
        return "" if nameless or buyer is None else buyer.person.name

    def form(self, draft: Conversation) -> Chat:
        """A chat with its good's card, on the phone that the buyer uses."""
        card = Card(draft.good.nm_id, draft.good.price, "RUB", draft.order_id, draft.size)
        return Chat.of(draft, card=card, source=self.rng.choice(_BUYER_SOURCES))

    def new_message(self, conversation: Chat, author: Author, text: str | None, **rest: Any) -> Message:
        """An event, with where it was written and the sign good at that time."""
        written = super().new_message(conversation, author, text, **rest)
        source: Source | None = None
        if author is Author.BUYER:
            source = conversation.source
        elif written.through_api:
            source = Source.SELLER_PUBLIC_API
        elif author is Author.SELLER and (not written.automatic or text == LOW_RATING_GREETING):
            source = Source.SELLER_PORTAL
        begins = author is Author.BUYER or (author is Author.SELLER and written.automatic)
        return Message.of(
            written,
            source=source,
            opens_chat=begins and not conversation.messages,
            sign=self.sign_of(conversation),
        )

    def stored(self, conversation: Chat, message: AnyMessage) -> None:
        """Every message of a chat is an event of the feed; a seller's word on a claim decides it."""
        if conversation.channel is Channel.CLAIM and message.author is Author.SELLER:
            conversation.decision, conversation.goods_status = _REFUSED_CLAIM
        if isinstance(message, Message) and conversation.channel is Channel.CHAT:
            self.feed.add(message)

    def decide_claim(
        self, claim_id: str, text: str | None = None, *, status: int = 2, goods: int = 10
    ) -> None:
        """A claim is decided (WB API, claims: `status`, `status_ex`), with a word to the buyer."""
        claim = self.claims[claim_id]
        claim.decision, claim.goods_status = status, goods
        self.marketplace_says(claim_id, text)

    def withdraw(self, post_id: str) -> None:
        """A review or a question is taken away, by its buyer or by Wildberries."""
        self.reviews.pop(post_id, None)
        self.questions.pop(post_id, None)

    def buyer_says(
        self,
        conversation_id: str,
        text: str | None,
        *,
        images: int | Sequence[Photo] = (),
        at: datetime | None = None,
        source: Source | None = None,
    ) -> AnyMessage:
        """A buyer's message; source: from another phone than the chat's."""
        message = super().buyer_says(conversation_id, text, images=images, at=at)
        if source is not None and isinstance(message, Message):
            message.source = source
        return message

    def echo_time(self, added: int) -> int:
        """The event may be later than the answer says."""
        return added + self.rng.randint(0, int(self.behaviour.echo_skew * 1000))

    def accept(
        self,
        conversation_id: str,
        text: str | None,
        files: Sequence[Upload] = (),
        *,
        echo_delay: float | None = None,
    ) -> AnyMessage:
        """What an accepted POST /api/v1/seller/message does: a sign for one use is spent."""
        message = super().accept(conversation_id, text, files, echo_delay=echo_delay)
        if self.behaviour.signs is SignPolicy.SINGLE_USE:
            self.conversation(conversation_id).sign_generation += 1
        return message

    def load(self, chats: Iterable[tuple[Chat, list[Message]]]) -> None:
        """Take chats with their messages whole (bulk history); signs and the feed follow."""
        fresh = list(chats)
        for chat, messages in fresh:
            chat.messages += messages
            chat.messages.sort(key=lambda message: message.time)
            self.chats[chat.id] = chat
            for message in messages[:1]:
                message.sign = self.sign_of(chat)
        self.feed.extend_sorted(message for _, messages in fresh for message in messages)
        self.seen(self.feed.newest)

    def fill(self, chats: int, events: int, until: datetime, span: timedelta) -> None:
        """That many chats and events within span before until, 50,000 events in seconds."""
        self.load(bulk_history(self.goods, self.rng, chats=chats, events=events, until=until, span=span))

    def sign_of(self, chat: Chat) -> str:
        """The chat's replySign that is good now."""
        return current_sign(chat, self.sid, self.behaviour, self.clock())

    def chat_by_sign(self, sign: str) -> Chat | None:
        """The chat whose current sign this is."""
        chat = self.chats.get(chat_id_of(sign)) or next(
            (chat for chat in self.chats.values() if chat.sign_set == sign), None
        )
        return chat if chat is not None and self.sign_of(chat) == sign else None

    def set_sign(self, chat_id: str, sign: str | None) -> None:
        """Give the chat this sign; None returns to the usual ones."""
        self.chats[chat_id].sign_set = sign

    def rotate_sign(self, chat_id: str) -> None:
        """Make every sign of the chat read so far stale."""
        self.chats[chat_id].sign_generation += 1
