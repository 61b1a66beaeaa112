"""Suggestions in SQL: which conversations lack one, what they need, and the newest of each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.messages import Author, Channel, Message, Origin, Product
from agentiq_core.domain.views import ChatRef
from agentiq_core.store.messages import attachments_of, storable

# reads chats_unsuggested
_LACKING = text("""
select c.seller_id, c.id from chats c
where c.needs_reply and c.channel <> 'claim' and c.suggested_for is distinct from c.asked
  and (cast(:seller as bigint) is null or c.seller_id = :seller)
order by c.due_at nulls last, c.id limit :limit
""")

_CONTEXT = text("""
select c.seller_id, c.id, coalesce(c.asked, '') as asked, c.buyer_name, c.product_id, c.product_title, c.order_id, c.price, c.currency, c.size,
       s.marketplace, c.channel, c.stars, p.title as card_title, p.brand, p.description, p.facts
from chats c join sellers s on s.id = c.seller_id
left join products p on p.seller_id = c.seller_id and p.external_id = c.product_id
join unnest(cast(:sellers as bigint[]), cast(:chats as bigint[])) as w(seller_id, id)
  on w.seller_id = c.seller_id and w.id = c.id
where c.asked is not null or :answered
""")

_NAMED = text("""
select buyer_name, product_id, product_title, order_id, price, currency, size from chats where seller_id = :seller and id = :chat
""")

_WORDS = text(
    "select body from messages where seller_id = :seller and chat_id = :chat and external_id = :message"
)

_LAST_MESSAGES = text("""
select external_id, author, origin, sent_at, body, attachments from messages
where seller_id = :seller and chat_id = :chat order by sent_at desc, external_id desc limit :limit
""")

_STORE = text("""
insert into suggestions (seller_id, chat_id, asked, body, intent, sentiment, confidence, source, stop_class, evidence,
    violations, guardrails, injection, language, state)
values (:seller, :chat, :asked, :body, :intent, :sentiment, :confidence, :source, :stop_class, cast(:evidence as jsonb),
    cast(:violations as jsonb), :guardrails, :injection, :language, :state)
on conflict (seller_id, chat_id, asked) do update set body = excluded.body, intent = excluded.intent,
    sentiment = excluded.sentiment, confidence = excluded.confidence, source = excluded.source,
    stop_class = excluded.stop_class, evidence = excluded.evidence, violations = excluded.violations,
    guardrails = excluded.guardrails, injection = excluded.injection, language = excluded.language, state = excluded.state,
    wish = '', partial = '', worker_id = null, lease_until = null, attempts = 0, failure = null, model = null, latency = null,
    claims = '[]', recommendation = null, categories = '[]', urgency = null, analyzed_at = null, repaired = false,
    broken_first = '[]', created_at = now()
""")

_MARK = text("""
update chats set suggested_for = :asked where seller_id = :seller and id = :chat and asked = :asked
""")

_USED = text("update suggestions set used_at = now() where seller_id = :seller and id = :id")


@dataclass(frozen=True, slots=True)
class Asked:
    """A conversation that wants a suggestion: what is known of it, its last messages, oldest first."""

    ref: ChatRef
    asked: str
    marketplace: str
    buyer_name: str | None
    product: Product | None
    messages: tuple[Message, ...]
    channel: str = Channel.CHAT
    stars: int | None = None
    card: tuple[str, ...] = ()
    """What the card of the good says: a reply may state it."""


@dataclass(frozen=True, slots=True)
class NewSuggestion:
    """A suggestion to keep. `violations` are plain dictionaries of `ViolationView`'s fields."""

    ref: ChatRef
    asked: str
    body: str
    intent: str
    sentiment: str
    confidence: float
    source: str
    stop_class: str | None
    evidence: Sequence[str]
    violations: Sequence[dict[str, Any]]
    guardrails: str
    injection: float = 0.0
    language: str = "ru"
    failure: str | None = None
    model: str | None = None
    latency: float | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Decimal(0)
    recommendation: str | None = None
    categories: Sequence[str] = ()
    urgency: str | None = None
    claims: Sequence[dict[str, str]] = ()
    analyzed_at: datetime | None = None
    repaired: bool = False
    broken_first: Sequence[str] = ()


async def lacking(session: AsyncSession, seller_id: int | None = None, limit: int = 50) -> list[ChatRef]:
    """Conversations that wait for an answer and have no suggestion for the newest question, most pressing first."""
    return [ChatRef(*row) for row in await session.execute(_LACKING, {"seller": seller_id, "limit": limit})]


async def context(
    session: AsyncSession, refs: Sequence[ChatRef], messages: int = 10, *, answered: bool = False
) -> list[Asked]:
    """What a suggestion for each of these conversations rests on; `answered`: those too in which nobody waits."""
    values: dict[str, object] = {
        "sellers": [ref.seller_id for ref in refs],
        "chats": [ref.chat_id for ref in refs],
        "answered": answered,
    }
    found = []
    for row in (await session.execute(_CONTEXT, values)).mappings().all():
        latest = await session.execute(
            _LAST_MESSAGES, {"seller": row["seller_id"], "chat": row["id"], "limit": messages}
        )
        found.append(
            Asked(
                ref=ChatRef(row["seller_id"], row["id"]),
                asked=row["asked"],
                marketplace=row["marketplace"],
                buyer_name=row["buyer_name"],
                product=product_of(row),
                messages=tuple(_message(m) for m in reversed(latest.mappings().all())),
                channel=row["channel"],
                stars=row["stars"],
                card=_card(row),
            )
        )
    return found


async def named(session: AsyncSession, ref: ChatRef) -> tuple[str | None, Product | None]:
    """The buyer's name and the good that a conversation is about. Raises `NotFound`."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id}
    row = (await session.execute(_NAMED, values)).mappings().first()
    if row is None:
        raise NotFound(f"there is no conversation {ref.chat_id}", chat=ref.chat_id)
    return row["buyer_name"], product_of(row)


async def words(session: AsyncSession, ref: ChatRef, message_id: str) -> str:
    """The text of a message. Raises `NotFound`."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "message": message_id}
    found: str | None = (await session.execute(_WORDS, values)).scalar()
    if found is None:
        raise NotFound(f"there is no message {message_id} in this conversation", message_id=message_id)
    return found


def _card(row: Any) -> tuple[str, ...]:
    facts = (f"{name}: {value}" for name, value in row["facts"] or ())
    return tuple(text for text in (row["card_title"], row["brand"], row["description"], *facts) if text)


async def store(session: AsyncSession, suggestion: NewSuggestion, *, wanted: bool = False) -> None:
    """Keep a suggestion and note that the conversation has one for this question; `wanted`: a model is to write it anew."""
    key = {"seller": suggestion.ref.seller_id, "chat": suggestion.ref.chat_id, "asked": suggestion.asked}
    await session.execute(_STORE, columns(suggestion) | {"state": "wanted" if wanted else "none"})
    await session.execute(_MARK, key)


def columns(new: NewSuggestion) -> dict[str, object]:
    """A suggestion as the statements that keep one name its values."""
    return {
        "seller": new.ref.seller_id,
        "chat": new.ref.chat_id,
        "asked": new.asked,
        "body": storable(new.body),
        "intent": new.intent,
        "sentiment": new.sentiment,
        "confidence": new.confidence,
        "source": new.source,
        "stop_class": new.stop_class,
        "evidence": _json(list(new.evidence)),
        "violations": _json(list(new.violations)),
        "guardrails": new.guardrails,
        "injection": new.injection,
        "language": new.language,
        "failure": new.failure,
        "model": new.model,
        "latency": new.latency,
        "tokens_in": new.tokens_in,
        "tokens_out": new.tokens_out,
        "cost": new.cost,
        "recommendation": None if new.recommendation is None else storable(new.recommendation),
        "categories": _json(list(new.categories)),
        "urgency": new.urgency,
        "claims": _json(list(new.claims)),
        "analyzed_at": new.analyzed_at,
        "repaired": new.repaired,
        "broken_first": _json(list(new.broken_first)),
    }


def _json(value: object) -> str:
    return json.dumps(_clean(value), ensure_ascii=False)


def _clean(value: object) -> object:
    """The same value with texts that Postgres can hold: a model writes anything."""
    match value:
        case str():
            return storable(value)
        case list():
            return [_clean(one) for one in value]
        case dict():
            return {storable(name): _clean(one) for name, one in value.items()}
    return value


async def mark_used(session: AsyncSession, seller_id: int, suggestion_id: int) -> None:
    """An operator sent this suggestion."""
    await session.execute(_USED, {"seller": seller_id, "id": suggestion_id})


def product_of(row: Any) -> Product | None:
    """The product columns of a chat as the domain's value; None when nothing is known."""
    if row["product_id"] is None and row["order_id"] is None:
        return None
    return Product(
        external_id=row["product_id"] or "",
        title=row["product_title"],
        order_id=row["order_id"],
        price=row["price"],
        currency=row["currency"],
        size=row["size"],
    )


def _message(row: Any) -> Message:
    sent_at: datetime = row["sent_at"]
    return Message(
        row["external_id"],
        Author(row["author"]),
        Origin(row["origin"]),
        sent_at,
        row["body"],
        attachments_of(row["attachments"]),
    )
