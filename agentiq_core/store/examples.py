"""Replies that people accepted, and which of them answer a question like this one, in SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.store.messages import storable

# similar_examples reads examples_words, and examples_letters where the words find too few; row security alone would let it
# read neither, so it is a function that asks whose sellers these are (0007_suggesting.sql)
_SIMILAR = text(
    "select id, question, reply, nearness from similar_examples(:seller, :words, :strange, :most)"
)

_ADD = text("""
insert into examples (seller_id, chat_id, outbox_id, channel, stars, intent, question, reply, lemmas)
select c.seller_id, c.id, :reply_id, c.channel, c.stars, :intent, :question, :reply, :lemmas
from chats c where c.seller_id = :seller and c.id = :chat
on conflict (seller_id, outbox_id) do nothing
""")


@dataclass(frozen=True, slots=True)
class NewExample:
    """A question and the reply that a person accepted, both masked; `lemmas` are the question's, spaces between."""

    seller_id: int
    chat_id: int
    reply_id: int
    """Its number in the outbox."""
    intent: str
    question: str
    reply: str
    lemmas: str


@dataclass(frozen=True, slots=True)
class SimilarExample:
    """An example found; `nearness` orders those found, no more."""

    id: int
    question: str
    reply: str
    nearness: float


async def similar(
    session: AsyncSession, seller_id: int, *, words: str, strange: str, most: int
) -> tuple[SimilarExample, ...]:
    """This seller's examples nearest to a question: `words` is a tsquery of its lemmas, `strange` its words that
    no dictionary has, as brands and bad typos."""
    values = {"seller": seller_id, "words": words, "strange": storable(strange), "most": most}
    return tuple(SimilarExample(*row) for row in await session.execute(_SIMILAR, values))


async def add(session: AsyncSession, example: NewExample) -> None:
    """Keep an example; one of the same reply stays as it is."""
    values = {
        "seller": example.seller_id,
        "chat": example.chat_id,
        "reply_id": example.reply_id,
        "intent": example.intent,
        "question": storable(example.question),
        "reply": storable(example.reply),
        "lemmas": storable(example.lemmas),
    }
    await session.execute(_ADD, values)
