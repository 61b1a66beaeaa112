"""One conversation as a read model, and the operator's marks on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.connectors.base import Capabilities
from agentiq_core.domain.chats import ChatStatus, Priority
from agentiq_core.domain.drafts import DraftView
from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.messages import Attachment, Author, Origin
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.suggesting import PassState
from agentiq_core.domain.team import shown_name
from agentiq_core.domain.views import (
    ChatRef,
    ClaimView,
    Conversation,
    MessageKey,
    MessageView,
    RelatedChat,
    ReplyView,
    SuggestionView,
    ViolationView,
)
from agentiq_core.sla.calendar import Pause
from agentiq_core.store import drafts, notes, presence
from agentiq_core.store.messages import attachments_of, storable
from agentiq_core.store.suggestions import product_of

_HEAD = text("""
select c.*, s.marketplace, s.name as seller_name, d.body as draft, d.other as draft_other, a.name as assignee_name, a.email as assignee_email
from chats c join sellers s on s.id = c.seller_id
left join operators a on a.id = c.assignee
left join drafts d on d.seller_id = c.seller_id and d.chat_id = c.id and d.operator_id = (select operator_id()) and d.field = 'reply'
where c.seller_id = :seller and c.id = :chat
""")

# reads messages_in_order backwards
_MESSAGES = text("""
select external_id, author, origin, sent_at, body, attachments, outbox_id, read, edited_at,
    outbox_id is not null and exists (select from outbox o where o.seller_id = :seller and o.id = outbox_id and o.automatic) as by_itself
from messages where seller_id = :seller and chat_id = :chat
  and (cast(:before_at as timestamptz) is null or (sent_at, external_id) < (:before_at, :before_id))
order by sent_at desc, external_id desc limit :limit
""")

# reads outbox_by_chat; a confirmed reply is a message already
_REPLIES = text("""
select id, state, body, file_name, created_at, not_before, coalesce(accepted_at, settled_at, attempted_at) as sent_at, reason,
       detail, attempt, automatic
from outbox where seller_id = :seller and chat_id = :chat and state not in ('confirmed', 'cancelled')
order by created_at, id
""")

# reads chats_by_order and chats_by_product
_RELATED = text("""
with this as (select * from chats where seller_id = :seller and id = :chat)
(select c.id, c.channel, false as maybe, c.buyer_name, c.preview, c.stars, c.last_at, c.needs_reply
 from this t join chats c on c.seller_id = t.seller_id and c.order_id = t.order_id and c.id <> t.id
 where t.order_id <> '' order by c.last_at desc nulls last limit 5)
union all
(select c.id, c.channel, true, c.buyer_name, c.preview, c.stars, c.last_at, c.needs_reply
 from this t join chats c on c.seller_id = t.seller_id and c.product_id = t.product_id and c.id <> t.id
    and c.channel <> t.channel and c.last_at between t.last_at - interval '14 days' and t.last_at + interval '14 days'
 where t.product_id <> '' and (t.order_id is null or c.order_id is null or t.order_id = '' or c.order_id = '')
   and (coalesce(t.buyer_name, '') = '' or coalesce(c.buyer_name, '') = '' or lower(t.buyer_name) = lower(c.buyer_name))
 order by abs(extract(epoch from c.last_at - t.last_at)) limit 3)
""")

# a word against a text that was made anew since is none against this one
_SUGGESTION = text("""
select g.*, u.reason as rejected from suggestions g join chats c on c.seller_id = g.seller_id and c.id = g.chat_id and c.asked = g.asked
left join suggestion_outcomes u on u.seller_id = g.seller_id and u.outbox_id = 0 and u.suggestion_id = g.id
    and u.at >= coalesce(g.analyzed_at, g.created_at)
where g.seller_id = :seller and g.chat_id = :chat
""")

_REPLY = text("""
select id, state, body, file_name, created_at, not_before, coalesce(accepted_at, settled_at, attempted_at) as sent_at, reason,
       detail, attempt, automatic
from outbox where seller_id = :seller and id = :id
""")

_MARK_READ = text("""
update chats set unread = 0, read_through = last_at
where seller_id = :seller and id = :chat and unread > 0
returning last_id
""")

_CLOSE = text("""
update chats set closed_through = greatest(last_at, closed_through), closed_at = clock_timestamp()
where seller_id = :seller and id = :chat
returning needs_reply
""")

# only what a person closed: a marketplace that says so knows better
_REOPEN = text("""
update chats set closed_through = null, closed_at = null where seller_id = :seller and id = :chat and closed_at is not null
returning id
""")

_SNOOZE = text("""
update chats set snoozed_until = :until, snoozed_for = case when cast(:until as timestamptz) is not null then asked end,
    queue = case when cast(:until as timestamptz) is null then case priority when 2 then 'work' else 'waiting' end end,
    pauses = cast(:pauses as jsonb)
where seller_id = :seller and id = :chat
""")

_FIND = text("select seller_id, id from chats where id = :chat limit 2")

_ATTACHMENTS = text("""
select attachments from messages where seller_id = :seller and chat_id = :chat and external_id = :message
""")

_BUYER_TEXTS = text("""
select body from messages where seller_id = :seller and chat_id = :chat and author = 'buyer'
order by sent_at desc, external_id desc limit :limit
""")


async def read(
    session: AsyncSession,
    ref: ChatRef,
    *,
    before: MessageKey | None,
    limit: int,
    capabilities: Callable[[str, str], Capabilities],
) -> Conversation:
    """The run of a conversation that ends before `before` (its end without one). Raises `NotFound`."""
    key = {"seller": ref.seller_id, "chat": ref.chat_id}
    head = (await session.execute(_HEAD, key)).mappings().first()
    if head is None:
        raise NotFound(f"there is no conversation {ref.chat_id}", chat=ref.chat_id)
    window = key | {
        "before_at": before.sent_at if before else None,
        "before_id": before.external_id if before else None,
        "limit": limit + 1,
    }
    found = (await session.execute(_MESSAGES, window)).mappings().all()
    messages = tuple(_message(row) for row in reversed(found[:limit]))
    replies = (
        () if before else tuple(_reply(row) for row in (await session.execute(_REPLIES, key)).mappings())
    )
    older = len(found) > limit
    noted = head["notes"] > 0
    since = messages[0].sent_at if older else None
    until = before.sent_at if before else None
    able = capabilities(head["marketplace"], head["channel"])
    return Conversation(
        ref=ref,
        marketplace=head["marketplace"],
        seller_name=head["seller_name"],
        external_id=head["external_id"],
        buyer_name=head["buyer_name"],
        product=product_of(head),
        status=ChatStatus(head["status"]),
        priority=Priority(head["priority"]),
        needs_reply=head["needs_reply"],
        due_at=head["due_at"],
        waiting_since=head["waiting_since"],
        sla_rule=head["sla_rule"],
        messages=messages,
        replies=replies,
        draft=DraftView(head["draft"] or "", head["draft_other"] or ""),
        text_limit=able.text_limit,
        older=MessageKey(messages[0].sent_at, messages[0].external_id) if older else None,
        newest=MessageKey(head["last_at"], head["last_id"]) if head["last_at"] else None,
        channel=head["channel"],
        stars=head["stars"],
        closes_at=head["closes_at"],
        closes_hard=head["closes_hard"],
        shut=head["shut"],
        snoozed_until=head["snoozed_until"],
        can_reply=able.can_reply,
        can_decline=able.can_decline and head["needs_reply"],
        one_answer=able.one_answer,
        related=() if before else await related(session, ref),
        tags=tuple(head["tags"]),
        assignee=head["assignee"],
        assignee_name=shown_name(head["assignee_name"], head["assignee_email"])
        if head["assignee_email"]
        else None,
        claimed_until=head["claimed_until"],
        notes=await notes.of_chat(session, ref, since, until) if noted else (),
        presence=() if before else await presence.others(session, ref),
        left=None if before or head["assignee"] is None else await drafts.left(session, ref),
    )


async def related(session: AsyncSession, ref: ChatRef) -> tuple[RelatedChat, ...]:
    """Other conversations of the seller about the same order; behind them those that may belong to it, because they are
    about the same good at about the same time and no name or order speaks against it."""
    rows = await session.execute(_RELATED, {"seller": ref.seller_id, "chat": ref.chat_id})
    return tuple(
        RelatedChat(
            ref=ChatRef(ref.seller_id, row["id"]),
            channel=row["channel"],
            maybe=row["maybe"],
            buyer_name=row["buyer_name"],
            preview=row["preview"],
            stars=row["stars"],
            last_at=row["last_at"],
            needs_reply=row["needs_reply"],
        )
        for row in rows.mappings()
    )


async def suggestion(session: AsyncSession, ref: ChatRef, rules_checked: int) -> SuggestionView | None:
    """The suggestion for what the buyer asked last, if there is one."""
    row = (
        (await session.execute(_SUGGESTION, {"seller": ref.seller_id, "chat": ref.chat_id}))
        .mappings()
        .first()
    )
    if row is None:
        return None
    return SuggestionView(
        id=row["id"],
        text=row["body"],
        intent=row["intent"],
        sentiment=row["sentiment"],
        confidence=row["confidence"],
        source=row["source"],
        stop_class=row["stop_class"],
        evidence=tuple(row["evidence"]),
        violations=tuple(ViolationView(**violation) for violation in row["violations"]),
        rules_checked=rules_checked,
        created_at=row["created_at"],
        state=PassState(row["state"]),
        partial=row["partial"],
        failure=row["failure"],
        wish=row["wish"],
        model=row["model"],
        recommendation=row["recommendation"],
        categories=tuple(row["categories"]),
        urgency=row["urgency"],
        claims=tuple(ClaimView(**claim) for claim in row["claims"]),
        analyzed_at=row["analyzed_at"],
        injection=row["injection"],
        repaired=row["repaired"],
        language=row["language"],
        latency=row["latency"],
        cost=row["cost"],
        tokens_in=row["tokens_in"],
        tokens_out=row["tokens_out"],
        rejected=row["rejected"],
    )


async def reply(session: AsyncSession, seller_id: int, reply_id: int) -> ReplyView:
    """One reply of the outbox, whatever its state. Raises `NotFound`."""
    row = (await session.execute(_REPLY, {"seller": seller_id, "id": reply_id})).mappings().first()
    if row is None:
        raise NotFound(f"there is no reply {reply_id}", reply=reply_id)
    return _reply(row)


async def mark_read(session: AsyncSession, ref: ChatRef) -> str | None:
    """The operator has the conversation on screen; the newest message's id where something was unread."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id}
    through: str | None = (await session.execute(_MARK_READ, values)).scalar()
    return through


async def close(session: AsyncSession, ref: ChatRef) -> bool:
    """No answer is needed to what was written so far; whether one was. Raises `NotFound`."""
    row = (await session.execute(_CLOSE, {"seller": ref.seller_id, "chat": ref.chat_id})).first()
    if row is None:
        raise NotFound(f"there is no conversation {ref.chat_id}", chat=ref.chat_id)
    return bool(row.needs_reply)


async def reopen(session: AsyncSession, ref: ChatRef) -> bool:
    """An answer is needed after all to what a person closed; False when nobody did."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id}
    return (await session.execute(_REOPEN, values)).first() is not None


async def snooze(
    session: AsyncSession, ref: ChatRef, until: datetime | None, pauses: Sequence[Pause]
) -> None:
    """Put a conversation that wants a reply off until then, or take that back; `pauses` are its pauses from now on."""
    values = {
        "seller": ref.seller_id,
        "chat": ref.chat_id,
        "until": until,
        "pauses": json.dumps([[begin.isoformat(), end.isoformat()] for begin, end in pauses]),
    }
    await session.execute(_SNOOZE, values)


async def find(session: AsyncSession, chat_id: int) -> ChatRef:
    """The conversation with this number. Raises `NotFound`."""
    row = (await session.execute(_FIND, {"chat": chat_id})).first()
    if row is None:
        raise NotFound(f"there is no conversation {chat_id}", chat=chat_id)
    return ChatRef(*row)


async def attachments(session: AsyncSession, ref: ChatRef, message_id: str) -> tuple[Attachment, ...]:
    """The files beside a message. Raises `NotFound`."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "message": storable(message_id)}
    found = await session.scalar(_ATTACHMENTS, values)
    if found is None:
        raise NotFound(f"conversation {ref.chat_id} has no message {message_id}", message_id=message_id)
    return attachments_of(found)


async def buyer_texts(session: AsyncSession, ref: ChatRef, limit: int = 10) -> list[str]:
    """What the buyer wrote last, oldest first: guardrails weigh a reply against it."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "limit": limit}
    return list(reversed((await session.execute(_BUYER_TEXTS, values)).scalars().all()))


def _message(row: Any) -> MessageView:
    sent_at: datetime = row["sent_at"]
    return MessageView(
        external_id=row["external_id"],
        author=Author(row["author"]),
        origin=Origin(row["origin"]),
        sent_at=sent_at,
        text=row["body"],
        attachments=attachments_of(row["attachments"]),
        outbox_id=row["outbox_id"],
        read=row["read"],
        edited_at=row["edited_at"],
        by_itself=row["by_itself"],
    )


def _reply(row: Any) -> ReplyView:
    return ReplyView(
        id=row["id"],
        state=OutboxState(row["state"]),
        text=row["body"] or f"[{row['file_name']}]",
        created_at=row["created_at"],
        not_before=row["not_before"],
        sent_at=row["sent_at"],
        reason=row["reason"],
        detail=row["detail"],
        attempt=row["attempt"],
        file=row["file_name"],
        by_itself=row["automatic"],
    )
