"""A seller's account in the sandbox: its chats, its feed, and everything that can happen in them."""

from __future__ import annotations

import random
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agentiq_core.sandbox.buyers import Buyer, Good
from agentiq_core.sandbox.wildberries.bulk import bulk_history
from agentiq_core.sandbox.wildberries.feed import Feed
from agentiq_core.sandbox.wildberries.records import (
    Attachment,
    Behaviour,
    Card,
    Chat,
    Message,
    Moderation,
    Sender,
    SignPolicy,
    Source,
)
from agentiq_core.sandbox.wildberries.signs import chat_id_of, current_sign

RETURN_GREETING: Final = "Здравствуйте! Здесь вы можете задать вопросы по возврату товара"
LOW_RATING_GREETING: Final = (
    "Здравствуйте! Вы оставили отзыв с низкой оценкой. Расскажите, пожалуйста, что случилось, "
    "и мы постараемся помочь"
)
_BUYER_SOURCES: Final = (Source.RUSITE, Source.ANDROID, Source.ANDROID, Source.IOS, Source.IOS, Source.GLOBAL)


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture a buyer attaches. content None: the sandbox draws one. wait: seconds of moderation."""

    content: bytes | None = None
    moderation: Moderation = Moderation.PASSED
    wait: float = 0.0
    name: str = "photo.png"
    content_type: str = "image/png"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of POST /api/v1/seller/message that was recognised."""

    name: str
    content_type: str
    content: bytes


class SandboxSeller:
    """One seller. `token` opens the API, `sid` is its account there, `id` its name in the control paths."""

    def __init__(
        self,
        *,
        number: int,
        name: str,
        token: str,
        sid: str,
        goods: Sequence[Good],
        rng: random.Random,
        clock: Callable[[], float],
        behaviour: Behaviour,
    ) -> None:
        self.number = number
        self.id = f"wildberries-{number}"
        self.name = name
        self.token = token
        self.sid = sid
        self.goods = tuple(goods)
        self.behaviour = behaviour
        self.chats: dict[str, Chat] = {}
        self.feed = Feed()
        self.attachments: dict[str, Attachment] = {}
        self.listeners: list[Callable[[SandboxSeller, Chat, Message], None]] = []
        self.duplicates = 0
        self._accepted: set[tuple[str, str]] = set()
        self._rng = rng
        self._clock = clock

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
        good = good or (buyer.good if buyer else self._rng.choice(self.goods))
        card = Card(
            nm_id=good.nm_id,
            price=good.price,
            currency="RUB",
            rid=f"{self._rng.getrandbits(128):032x}",
            size=buyer.size if buyer else self._rng.choice(good.sizes),
        )
        if client_name is None:
            nameless = self.behaviour.quirks and self._rng.random() < 0.06
            client_name = "" if nameless or buyer is None else buyer.person.name
        chat = Chat(
            chat_id=f"1:{self._uuid()}",
            client_name=client_name,
            card=card,
            situation=buyer.situation.value if buyer else "",
            buyer=buyer,
            source=self._rng.choice(_BUYER_SOURCES),
        )
        self.chats[chat.chat_id] = chat
        if greeting is not None:
            source = Source.SELLER_PORTAL if greeting == LOW_RATING_GREETING else None
            self._store(chat, Sender.SELLER, source, greeting, at=at, automatic=True, opens_chat=True)
        return chat.chat_id

    def buyer_says(
        self,
        chat_id: str,
        text: str | None,
        *,
        images: int | Sequence[Photo] = (),
        at: datetime | None = None,
        source: Source | None = None,
    ) -> Message:
        """A buyer's message. images: how many pictures, or the pictures. at: its time, now by default."""
        chat = self.chats[chat_id]
        photos = [Photo()] * images if isinstance(images, int) else images
        return self._store(
            chat,
            Sender.CLIENT,
            source or chat.source,
            text,
            at=at,
            opens_chat=not chat.messages,
            attachments=self._attach(photos, at),
        )

    def types_in_cabinet(self, chat_id: str, text: str, *, at: datetime | None = None) -> Message:
        """A reply typed by a person in the marketplace's own cabinet."""
        return self._notified(
            self._store(self.chats[chat_id], Sender.SELLER, Source.SELLER_PORTAL, text, at=at)
        )

    def marketplace_says(self, chat_id: str, text: str | None, *, at: datetime | None = None) -> Message:
        """An automatic message of Wildberries (sender `wb`); text None: an event without `message`."""
        return self._store(self.chats[chat_id], Sender.WB, None, text, at=at, automatic=True)

    def accept(
        self, chat_id: str, text: str | None, files: Sequence[Upload] = (), *, echo_delay: float | None = None
    ) -> Message:
        """What an accepted POST /api/v1/seller/message does. `added` of the answer is the addTime."""
        chat = self.chats[chat_id]
        added = self._next_millisecond()
        skew = self._rng.randint(0, int(self.behaviour.echo_skew * 1000))
        delay = self.behaviour.echo_delay if echo_delay is None else echo_delay
        photos = [
            Photo(content=file.content, name=file.name, content_type=file.content_type) for file in files
        ]
        message = self._store(
            chat,
            Sender.SELLER,
            Source.SELLER_PUBLIC_API,
            text,
            milliseconds=added + skew,
            attachments=self._attach(photos, None),
            visible_from=self._clock() + delay if delay else 0.0,
        )
        message.added = added
        if self.behaviour.signs is SignPolicy.SINGLE_USE:
            chat.sign_generation += 1
        if text:
            key = (chat_id, folded(text))
            self.duplicates += key in self._accepted
            self._accepted.add(key)
        return self._notified(message)

    def load(self, chats: Iterable[Chat]) -> None:
        """Take chats with their messages whole (bulk history); signs and the feed follow."""
        fresh = list(chats)
        for chat in fresh:
            chat.messages.sort(key=lambda message: message.time)
            self.chats[chat.chat_id] = chat
            if chat.messages:
                chat.messages[0].sign = self.sign_of(chat)
        self.feed.extend_sorted(message for chat in fresh for message in chat.messages)

    def fill(self, chats: int, events: int, until: datetime, span: timedelta) -> None:
        """History in bulk: that many chats and events within span before until, 50,000 events in seconds."""
        self.load(bulk_history(self.goods, self._rng, chats=chats, events=events, until=until, span=span))

    def messages(self, chat_id: str) -> list[Message]:
        """The truth about a chat: every message, also those the feed does not show yet."""
        return list(self.chats[chat_id].messages)

    def api_messages(self) -> list[Message]:
        """Every message accepted through the API, by time."""
        sent = (message for chat in self.chats.values() for message in chat.messages if message.through_api)
        return sorted(sent, key=lambda message: message.time)

    def waiting(self) -> list[Chat]:
        """Chats where the last person to write was the buyer."""
        return [chat for chat in self.chats.values() if chat.waiting]

    def situation(self, chat_id: str) -> str:
        """Why the buyer writes: the value of Situation, "" in chats opened by hand."""
        return self.chats[chat_id].situation

    def sign_of(self, chat: Chat) -> str:
        """The chat's replySign that is good now."""
        return current_sign(chat, self.sid, self.behaviour, self._clock())

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

    def _store(
        self,
        chat: Chat,
        sender: Sender,
        source: Source | None,
        text: str | None,
        *,
        at: datetime | None = None,
        milliseconds: int | None = None,
        attachments: tuple[Attachment, ...] = (),
        opens_chat: bool = False,
        automatic: bool = False,
        visible_from: float = 0.0,
    ) -> Message:
        if milliseconds is None:
            milliseconds = round(at.timestamp() * 1000) if at else self._next_millisecond()
        message = Message(
            chat_id=chat.chat_id,
            event_id=self._uuid(),
            time=milliseconds,
            sender=sender,
            source=source,
            text=text,
            attachments=attachments,
            opens_chat=opens_chat,
            automatic=automatic,
            sign=self.sign_of(chat),
            visible_from=visible_from,
        )
        chat.append(message)
        self.feed.add(message)
        return message

    def _attach(self, photos: Sequence[Photo], at: datetime | None) -> tuple[Attachment, ...]:
        now = self._clock()
        attached = tuple(
            Attachment(
                download_id=self._uuid(),
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

    def _notified(self, message: Message) -> Message:
        for listener in self.listeners:
            listener(self, self.chats[message.chat_id], message)
        return message

    def _next_millisecond(self) -> int:
        """Now, but later than anything in the feed: what happens later is never behind a reader's cursor."""
        return max(int(self._clock() * 1000), self.feed.newest + 1)

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))


def folded(text: str) -> str:
    """The text as duplicates are counted by: NFC, white space folded."""
    return " ".join(unicodedata.normalize("NFC", text).split())
