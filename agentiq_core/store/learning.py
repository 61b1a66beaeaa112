"""What people made of suggestions, in SQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.learning import Edit, Outcome, RejectionReason
from agentiq_core.domain.views import ChatRef
from agentiq_core.store.messages import storable

# reads suggestions_once, or the primary key
_OFFERED = text("""
select g.id, g.body, g.intent, case g.source when 'model' then coalesce(g.model, g.source) else g.source end as model from suggestions g
where g.seller_id = :seller and g.chat_id = :chat and case when cast(:id as bigint) is null
    then g.asked = (select c.asked from chats c where c.seller_id = :seller and c.id = :chat) else g.id = :id end
""")

_RECORD = text("""
insert into suggestion_outcomes (seller_id, suggestion_id, outbox_id, chat_id, outcome, difference, intent, model)
values (:seller, :suggestion, :reply, :chat, :outcome, cast(:difference as jsonb), :intent, :model)
on conflict do nothing
""")

_REJECT = text("""
insert into suggestion_outcomes (seller_id, suggestion_id, chat_id, outcome, reason, words, intent, model)
values (:seller, :suggestion, :chat, 'rejected', :reason, :words, :intent, :model)
on conflict (seller_id, outbox_id, suggestion_id) do update set reason = excluded.reason, words = excluded.words, at = now()
""")

_TAKE_BACK = text("""
delete from suggestion_outcomes where seller_id = :seller and outbox_id = 0 and suggestion_id = :suggestion and chat_id = :chat
returning true
""")

# what the buyer had asked when the suggestion was made, since the answer before; reads messages_in_order
_QUESTION = text("""
with asked as (
    select m.sent_at, m.external_id from suggestions g
    join messages m on m.seller_id = g.seller_id and m.chat_id = g.chat_id and m.external_id = g.asked
    where g.seller_id = :seller and g.id = :suggestion and g.chat_id = :chat)
select m.body from asked a join messages m on m.seller_id = :seller and m.chat_id = :chat and m.author = 'buyer' and m.origin = 'buyer'
  and (m.sent_at, m.external_id) <= (a.sent_at, a.external_id)
  and m.sent_at > coalesce((select max(b.sent_at) from messages b where b.seller_id = :seller and b.chat_id = :chat
      and b.author = 'seller' and b.origin in ('api', 'cabinet', 'untold') and b.sent_at < a.sent_at), '-infinity')
order by m.sent_at desc, m.external_id desc limit 5
""")


@dataclass(frozen=True, slots=True)
class Offered:
    """A suggestion that stood beside a conversation. `model` is "template" where none wrote it."""

    id: int
    body: str
    intent: str
    model: str


async def offered(session: AsyncSession, ref: ChatRef, suggestion_id: int | None) -> Offered | None:
    """The suggestion of this number, or the one for what the buyer asked last."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "id": suggestion_id}
    row = (await session.execute(_OFFERED, values)).first()
    return Offered(*row) if row else None


async def record(
    session: AsyncSession,
    ref: ChatRef,
    suggestion: Offered,
    reply_id: int,
    outcome: Outcome,
    difference: Sequence[Edit],
) -> None:
    """This reply made that of the suggestion."""
    changes = [[change.at, storable(change.out), storable(change.put)] for change in difference]
    values = {
        "seller": ref.seller_id,
        "suggestion": suggestion.id,
        "reply": reply_id,
        "chat": ref.chat_id,
        "outcome": outcome.value,
        "difference": json.dumps(changes, ensure_ascii=False) if changes else None,
        "intent": suggestion.intent,
        "model": suggestion.model,
    }
    await session.execute(_RECORD, values)


async def reject(
    session: AsyncSession, ref: ChatRef, suggestion_id: int, reason: RejectionReason, words: str
) -> None:
    """A person says that this suggestion is no good; the last word counts. Raises `NotFound`."""
    suggestion = await offered(session, ref, suggestion_id)
    if suggestion is None:
        raise NotFound(f"there is no suggestion {suggestion_id}", suggestion=suggestion_id)
    values = {
        "seller": ref.seller_id,
        "suggestion": suggestion.id,
        "chat": ref.chat_id,
        "reason": reason.value,
        "words": storable(words),
        "intent": suggestion.intent,
        "model": suggestion.model,
    }
    await session.execute(_REJECT, values)


async def take_back(session: AsyncSession, ref: ChatRef, suggestion_id: int) -> bool:
    """Nobody says any more that this suggestion is no good; False when nobody did."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "suggestion": suggestion_id}
    return (await session.execute(_TAKE_BACK, values)).first() is not None


async def question(session: AsyncSession, ref: ChatRef, suggestion_id: int) -> tuple[str, ...]:
    """What the buyer had asked that this suggestion answers, oldest first; at most five messages."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "suggestion": suggestion_id}
    return tuple(reversed((await session.execute(_QUESTION, values)).scalars().all()))
