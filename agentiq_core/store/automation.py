"""Replies that leave by themselves, in SQL: what is allowed, what waits for a decision, what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.automation import Automation, AutomationRecord, AutomationSettings, Held, Mode
from agentiq_core.domain.views import ChatRef, MessageKey
from agentiq_core.store.messages import storable

_INTENTS = text("""
select intent, mode, daily_cap, least_confidence, templates from automations where seller_id = :seller order by intent
""")

_SWITCH = text("select stopped, per_chat from automation_switches where seller_id = :seller")

_PUT = text("""
insert into automations (seller_id, intent, mode, daily_cap, least_confidence, templates)
values (:seller, :intent, :mode, :cap, :confidence, :templates)
on conflict (seller_id, intent) do update set mode = excluded.mode, daily_cap = excluded.daily_cap,
    least_confidence = excluded.least_confidence, templates = excluded.templates
""")

_PUT_SWITCH = text("""
insert into automation_switches (seller_id, stopped, per_chat) values (:seller, :stopped, coalesce(:per_chat, 2))
on conflict (seller_id) do update set stopped = excluded.stopped,
    per_chat = coalesce(:per_chat, automation_switches.per_chat)
""")

# reads outbox_automatic
_WITHDRAW_ALL = text("""
update outbox set state = 'cancelled', settled_at = clock_timestamp()
where seller_id = :seller and automatic and state = 'queued'
  and (cast(:intent as text) is null or suggestion_id in (
      select g.id from suggestions g where g.seller_id = :seller and g.intent = :intent))
returning id
""")

# reads outbox_automatic
_WITHDRAW = text("""
update outbox set state = 'cancelled', settled_at = clock_timestamp()
where seller_id = :seller and chat_id = :chat and automatic and state = 'queued'
""")

# reads outbox_automatic: what was decided when it was queued must still hold as it leaves
_WITHDRAW_UNWANTED = text("""
update outbox o set state = 'cancelled', settled_at = clock_timestamp()
where o.seller_id = :seller and o.chat_id = :chat and o.automatic and o.state = 'queued' and (
    exists (select from automation_switches s where s.seller_id = :seller and s.stopped)
    or not exists (select from automations a join suggestions g on g.seller_id = a.seller_id and g.intent = a.intent
        where a.seller_id = :seller and a.mode = 'on' and g.id = o.suggestion_id)
    or exists (select from chats c where c.seller_id = :seller and c.id = :chat
        and (not c.needs_reply or c.snoozed_until is not null or c.assignee is not null))
    or exists (select from drafts d join chats c on c.seller_id = d.seller_id and c.id = d.chat_id
        where d.seller_id = :seller and d.chat_id = :chat and d.field = 'reply' and d.updated_at >= c.waiting_since)
    or exists (select from suggestion_outcomes u where u.seller_id = :seller and u.outbox_id = 0 and u.suggestion_id = o.suggestion_id)
    or exists (select from presence p where p.seller_id = :seller and p.chat_id = :chat and p.typing_until > clock_timestamp())
    or exists (select from messages m where m.seller_id = :seller and m.chat_id = :chat
        and (m.sent_at, m.external_id) > (o.seen_at, o.seen_id) and m.origin <> 'automatic' and m.author <> 'marketplace')
    or o.guardrails is distinct from :guardrails)
""")

# reads suggestions_newest, then keys; what a model still writes waits for it
_UNDECIDED = text("""
select g.seller_id, g.chat_id from automations a
join suggestions g on g.seller_id = a.seller_id and g.intent = a.intent and g.created_at > now() - interval '1 hour'
join chats c on c.seller_id = g.seller_id and c.id = g.chat_id and c.asked = g.asked and c.queue is not null
where a.mode <> 'off' and g.state not in ('wanted', 'writing') and (cast(:seller as bigint) is null or a.seller_id = :seller)
  and not exists (select from automation_switches s where s.seller_id = a.seller_id and s.stopped)
  and not exists (select from automation_log l where l.seller_id = g.seller_id and l.chat_id = g.chat_id and l.asked = g.asked)
order by g.created_at limit :limit
""")

# reads keys, outbox_by_chat, messages_in_order and automation_log_newest
_SITUATION = text("""
with this as (
    select c.*, s.marketplace, date_trunc('day', now() at time zone s.timezone) at time zone s.timezone as today
    from chats c join sellers s on s.id = c.seller_id where c.seller_id = :seller and c.id = :chat)
select c.asked, c.channel, c.stars, c.closes_at, c.closes_hard, c.shut, c.last_at, c.last_id, c.marketplace,
    c.queue is not null as waits, m.sent_at as asked_at, g.id as suggestion_id, g.body, g.intent, g.sentiment, g.confidence,
    g.source, g.stop_class, g.injection, jsonb_array_length(g.violations) as violations,
    c.assignee is not null as assigned,
    c.snoozed_until is not null or exists (select from drafts d where d.seller_id = :seller and d.chat_id = :chat
            and d.field = 'reply' and d.updated_at >= c.waiting_since)
        or exists (select from suggestion_outcomes u where u.seller_id = :seller and u.outbox_id = 0 and u.suggestion_id = g.id)
        or exists (select from presence p where p.seller_id = :seller and p.chat_id = :chat and p.typing_until > clock_timestamp()) as person,
    exists (select from outbox o where o.seller_id = :seller and o.chat_id = :chat
        and o.state in ('queued', 'sending', 'unknown', 'needs_operator')) as under_way,
    exists (select from messages f where f.seller_id = :seller and f.chat_id = :chat and f.author = 'buyer'
        and f.sent_at >= c.waiting_since and f.attachments <> '[]') as files,
    coalesce((select x.automatic from (
        (select a.sent_at as at, coalesce(o.automatic, false) as automatic from messages a
         left join outbox o on o.seller_id = :seller and o.id = a.outbox_id
         where a.seller_id = :seller and a.chat_id = :chat and a.author = 'seller' and a.origin in ('api', 'cabinet', 'untold')
         order by a.sent_at desc, a.external_id desc limit 1)
        union all
        (select coalesce(o.accepted_at, o.attempted_at), o.automatic from outbox o
         where o.seller_id = :seller and o.chat_id = :chat and o.state in ('sent', 'confirmed') and o.external_id is null
         order by o.created_at desc limit 1)) x order by x.at desc limit 1), false) as last_automatic,
    (select count(*) from automation_log l where l.seller_id = :seller and l.chat_id = :chat and l.reasons = '{}' and l.at >= c.today) as chat_today,
    (select count(*) from automation_log l where l.seller_id = :seller and l.at >= c.today and l.reasons = '{}' and l.intent = g.intent) as today
from this c
join suggestions g on g.seller_id = c.seller_id and g.chat_id = c.id and g.asked = c.asked
join messages m on m.seller_id = c.seller_id and m.chat_id = c.id and m.external_id = c.asked
""")

# two questions of one intent are decided one behind the other, or both would see room under the cap
_ALONE = text(
    "select pg_advisory_xact_lock(hashtextextended('agentiq automation ' || :seller || ' ' || :intent, 0))"
)

_LOG = text("""
insert into automation_log (seller_id, chat_id, asked, suggestion_id, intent, mode, body, reasons, client_id)
values (:seller, :chat, :asked, :suggestion, :intent, :mode, :body, cast(:reasons as text[]), cast(:client as uuid))
on conflict do nothing returning chat_id
""")

# reads automation_log_newest; the answer of a person is the first behind the question that did not leave by itself
_RECORDS = text("""
select l.chat_id, l.at, l.intent, l.mode, l.body, l.reasons, l.client_id is not null as sent, q.body as question, p.body as person_sent
from automation_log l
left join messages q on q.seller_id = l.seller_id and q.chat_id = l.chat_id and q.external_id = l.asked
left join lateral (
    select x.body from (
        (select m.sent_at as at, m.body from messages m left join outbox o on o.seller_id = m.seller_id and o.id = m.outbox_id
         where m.seller_id = l.seller_id and m.chat_id = l.chat_id and m.sent_at >= q.sent_at and m.author = 'seller'
           and m.origin in ('api', 'cabinet', 'untold') and not coalesce(o.automatic, false)
         order by m.sent_at, m.external_id limit 1)
        union all
        (select coalesce(o.accepted_at, o.attempted_at), o.body from outbox o
         where o.seller_id = l.seller_id and o.chat_id = l.chat_id and o.state in ('sent', 'confirmed') and o.external_id is null
           and not o.automatic and o.file_name is null and o.created_at >= l.at
         order by o.created_at limit 1)) x order by x.at limit 1) p on true
where l.seller_id = :seller and (cast(:before as timestamptz) is null or l.at < :before)
order by l.at desc limit :limit
""")


@dataclass(frozen=True, slots=True)
class Situation:
    """A conversation and the suggestion for its newest question, as far as automation asks."""

    asked: str
    channel: str
    stars: int | None
    closes_at: datetime | None
    closes_hard: bool
    shut: bool
    last_at: datetime
    last_id: str
    marketplace: str
    waits: bool
    asked_at: datetime
    suggestion_id: int
    body: str
    intent: str
    sentiment: str
    confidence: float
    source: str
    stop_class: str | None
    injection: float
    violations: int
    assigned: bool
    person: bool
    under_way: bool
    files: bool
    last_automatic: bool
    chat_today: int
    today: int

    @property
    def newest(self) -> MessageKey:
        """The message behind which a reply would be stale."""
        return MessageKey(self.last_at, self.last_id)

    def closed(self, now: datetime) -> bool:
        """Whether the marketplace takes no reply any more."""
        return self.shut or (self.closes_hard and self.closes_at is not None and self.closes_at <= now)


async def settings(session: AsyncSession, seller_id: int) -> AutomationSettings:
    """What a seller allows."""
    key = {"seller": seller_id}
    switch = (await session.execute(_SWITCH, key)).first()
    intents = tuple(
        Automation(intent, Mode(mode), cap, round(confidence, 3), templates)
        for intent, mode, cap, confidence, templates in await session.execute(_INTENTS, key)
    )
    if switch is None:
        return AutomationSettings(seller_id, intents=intents)
    return AutomationSettings(seller_id, switch.stopped, switch.per_chat, intents)


async def put(session: AsyncSession, seller_id: int, automation: Automation) -> None:
    """Allow this for an intent, instead of what was allowed."""
    values = {
        "seller": seller_id,
        "intent": automation.intent,
        "mode": automation.mode.value,
        "cap": automation.daily_cap,
        "confidence": automation.least_confidence,
        "templates": automation.templates,
    }
    await session.execute(_PUT, values)


async def switch(
    session: AsyncSession, seller_id: int, *, stopped: bool, per_chat: int | None = None
) -> None:
    """Stop everything of a seller, or let it go on."""
    await session.execute(_PUT_SWITCH, {"seller": seller_id, "stopped": stopped, "per_chat": per_chat})


async def withdraw_all(session: AsyncSession, seller_id: int, intent: str | None = None) -> int:
    """Take back whatever of a seller's waits to leave by itself, of one intent or of all; how many."""
    return len((await session.execute(_WITHDRAW_ALL, {"seller": seller_id, "intent": intent})).all())


async def withdraw(session: AsyncSession, ref: ChatRef) -> None:
    """A person answers here: what waits to leave by itself does not. Call it with the conversation locked."""
    await session.execute(_WITHDRAW, {"seller": ref.seller_id, "chat": ref.chat_id})


async def withdraw_unwanted(session: AsyncSession, ref: ChatRef, guardrails: str) -> None:
    """Take back what waits to leave by itself and may not any more, or was held to other rules than those of now.

    Call it with the conversation locked.
    """
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "guardrails": guardrails}
    await session.execute(_WITHDRAW_UNWANTED, values)


async def undecided(session: AsyncSession, seller_id: int | None, limit: int) -> list[ChatRef]:
    """Conversations whose newest question has a suggestion and no decision, oldest suggestion first."""
    rows = await session.execute(_UNDECIDED, {"seller": seller_id, "limit": limit})
    return [ChatRef(*row) for row in rows]


async def situation(session: AsyncSession, ref: ChatRef) -> Situation | None:
    """How it stands with a conversation; None without a suggestion for its newest question."""
    row = (
        (await session.execute(_SITUATION, {"seller": ref.seller_id, "chat": ref.chat_id})).mappings().first()
    )
    return Situation(**row) if row else None


async def alone(session: AsyncSession, seller_id: int, intent: str) -> None:
    """Nobody else decides of this seller's questions of this intent until the transaction ends."""
    await session.execute(_ALONE, {"seller": str(seller_id), "intent": intent})


async def log(
    session: AsyncSession,
    ref: ChatRef,
    found: Situation,
    mode: Mode,
    reasons: Sequence[Held],
    client_id: UUID | None = None,
) -> bool:
    """Write down what was decided of a question; False when that was decided before."""
    values: dict[str, Any] = {
        "seller": ref.seller_id,
        "chat": ref.chat_id,
        "asked": found.asked,
        "suggestion": found.suggestion_id,
        "intent": found.intent,
        "mode": mode.value,
        "body": storable(found.body),
        "reasons": [reason.value for reason in reasons],
        "client": client_id,
    }
    return (await session.execute(_LOG, values)).first() is not None


async def records(
    session: AsyncSession, seller_id: int, before: datetime | None, limit: int
) -> list[AutomationRecord]:
    """What was decided, newest first."""
    values = {"seller": seller_id, "before": before, "limit": limit}
    return [
        AutomationRecord(
            ref=ChatRef(seller_id, row["chat_id"]),
            at=row["at"],
            intent=row["intent"],
            mode=Mode(row["mode"]),
            text=row["body"],
            reasons=tuple(Held(reason) for reason in row["reasons"]),
            sent=row["sent"],
            question=row["question"] or "",
            person_sent=row["person_sent"],
        )
        for row in (await session.execute(_RECORDS, values)).mappings()
    ]
