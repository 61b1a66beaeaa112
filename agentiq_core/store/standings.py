"""What the stored messages say of their conversations, and where these stand: read and written back in one round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.chats import ChatFacts, ChatState, Priority, Queue
from agentiq_core.domain.messages import Channel
from agentiq_core.domain.text import inert_line
from agentiq_core.sla.calendar import Pause
from agentiq_core.sla.snooze import Snooze
from agentiq_core.store.messages import as_json, iso

PREVIEW_CHARACTERS = 120

# every lateral walks messages_in_order from its newest end
_FACTS = text("""
select c.id, c.channel, c.stars, c.shut, c.open_until, c.closed_through, c.snoozed_until, c.snoozed_for, c.pauses,
       answer.sent_at as answer_at, answer.external_id as answer_id, pending.sent_at as pending_at,
       buyer.sent_at as buyer_at, buyer.external_id as buyer_id,
       newest.sent_at as last_at, newest.external_id as last_id, newest.author as last_author, newest.body as last_body,
       newest.attachments <> '[]' as last_has_files,
       waiting.times, waiting.ids, waiting.bodies, unread.n as unread
from chats c
left join lateral (
    select sent_at, external_id from messages m
    where m.seller_id = c.seller_id and m.chat_id = c.id and m.author = 'seller' and m.origin in ('api', 'cabinet', 'untold')
    order by sent_at desc, external_id desc limit 1) answer on true
left join lateral (
    select max(coalesce(o.accepted_at, o.attempted_at + make_interval(secs => o.ahead))) as sent_at from outbox o
    where o.seller_id = c.seller_id and o.chat_id = c.id and o.state = 'sent') pending on true
left join lateral (
    select sent_at, external_id from messages m
    where m.seller_id = c.seller_id and m.chat_id = c.id and m.author = 'buyer' and m.origin <> 'rating'
    order by sent_at desc, external_id desc limit 1) buyer on true
left join lateral (
    select sent_at, external_id, author, body, attachments from messages m
    where m.seller_id = c.seller_id and m.chat_id = c.id
    order by sent_at desc, external_id desc limit 1) newest on true
left join lateral (
    select array_agg(w.sent_at) as times, array_agg(w.external_id) as ids, array_agg(w.body) as bodies from (
        select sent_at, external_id, left(body, 4000) as body from messages m
        where m.seller_id = c.seller_id and m.chat_id = c.id and m.author = 'buyer' and m.origin <> 'rating'
          and (answer.sent_at is null or (m.sent_at, m.external_id) > (answer.sent_at, answer.external_id))
          and m.sent_at > coalesce(greatest(c.closed_through, pending.sent_at), '-infinity')
        order by sent_at, external_id limit 100) w) waiting on true
left join lateral (
    select count(*) as n from messages m
    where m.seller_id = c.seller_id and m.chat_id = c.id and m.author = 'buyer'
      and m.sent_at > coalesce(greatest(c.read_through, answer.sent_at, pending.sent_at), '-infinity')) unread on true
where c.seller_id = :seller and c.id = any(:ids)
""")

_WRITE_STATES = text("""
update chats c set status = r.status, needs_reply = r.needs_reply, queue = r.queue, priority = r.priority,
    sla_rule = r.sla_rule, due_at = r.due_at, waiting_since = r.waiting_since, episode = r.episode, asked = r.asked,
    closes_at = r.closes_at, closes_hard = r.closes_hard, snoozed_until = r.snoozed_until, snoozed_for = r.snoozed_for,
    pauses = r.pauses, stale = false, unread = r.unread, last_at = r.last_at, last_id = r.last_id, last_author = r.last_author, preview = r.preview
from jsonb_to_recordset(cast(:rows as jsonb)) as r(id bigint, status text, needs_reply boolean, queue text,
    priority smallint, sla_rule text, due_at timestamptz, waiting_since timestamptz, episode text, asked text,
    closes_at timestamptz, closes_hard boolean, snoozed_until timestamptz, snoozed_for text, pauses jsonb, unread integer, last_at timestamptz, last_id text, last_author text, preview text)
where c.seller_id = :seller and c.id = r.id
""")

# those whose standing stays are only told again, to whoever has them on screen


@dataclass(frozen=True, slots=True)
class ChatReading:
    """What the stored messages of a conversation say: facts for `domain.chats.derive`, texts for the SLA rules."""

    chat_id: int
    facts: ChatFacts
    unanswered: tuple[tuple[datetime, str], ...]
    asked: str | None
    unread: int
    last_at: datetime | None
    last_id: str | None
    last_author: str | None
    preview: str
    channel: str = Channel.CHAT
    stars: int | None = None
    open_until: datetime | None = None
    order: tuple[tuple[datetime, str], ...] = ()
    """Times and ids of the unanswered messages."""
    snooze: Snooze | None = None
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is written back: where the conversation stands and when it must be answered."""

    reading: ChatReading
    state: ChatState
    queue: Queue | None
    priority: Priority
    sla_rule: str | None
    due_at: datetime | None
    closes_at: datetime | None = None
    closes_hard: bool = False
    snooze: Snooze | None = None
    pauses: tuple[Pause, ...] = ()


async def read_chats(session: AsyncSession, seller_id: int, ids: Iterable[int]) -> list[ChatReading]:
    """What the messages of these conversations say now. Call it with the conversations locked."""
    result = await session.execute(_FACTS, {"seller": seller_id, "ids": list(ids)})
    return [_reading(row) for row in result.mappings()]


async def write_standings(session: AsyncSession, seller_id: int, standings: Sequence[Standing]) -> None:
    """Store where these conversations stand."""
    rows = [
        {
            "id": s.reading.chat_id,
            "status": s.state.status.value,
            "needs_reply": s.state.needs_reply,
            "queue": s.queue.value if s.queue else None,
            "priority": int(s.priority),
            "sla_rule": s.sla_rule,
            "due_at": iso(s.due_at),
            "closes_at": iso(s.closes_at),
            "closes_hard": s.closes_hard,
            "snoozed_until": iso(s.snooze.until) if s.snooze else None,
            "snoozed_for": s.snooze.asked if s.snooze else None,
            "pauses": [[begin.isoformat(), end.isoformat()] for begin, end in s.pauses],
            "waiting_since": iso(s.state.waiting_since),
            "episode": s.state.episode,
            "asked": s.reading.asked,
            "unread": s.reading.unread,
            "last_at": iso(s.reading.last_at),
            "last_id": s.reading.last_id,
            "last_author": s.reading.last_author,
            "preview": s.reading.preview,
        }
        for s in standings
    ]
    if rows:
        await session.execute(_WRITE_STATES, {"seller": seller_id, "rows": as_json(rows)})


def _reading(row: Any) -> ChatReading:
    answers = [
        key
        for key in (
            (row["answer_at"], row["answer_id"]) if row["answer_at"] else None,
            (row["pending_at"], "") if row["pending_at"] else None,
        )
        if key is not None
    ]
    times, ids, bodies = row["times"] or [], row["ids"] or [], row["bodies"] or []
    preview = inert_line(row["last_body"] or "")[:PREVIEW_CHARACTERS]
    return ChatReading(
        chat_id=row["id"],
        facts=ChatFacts(
            last_answer=max(answers) if answers else None,
            last_buyer=(row["buyer_at"], row["buyer_id"]) if row["buyer_at"] else None,
            first_unanswered=(times[0], ids[0]) if times else None,
            closed_through=row["closed_through"],
            shut=row["shut"],
        ),
        unanswered=tuple(zip(times, bodies, strict=True)),
        # the list above ends at a hundred; the newest buyer message is always one of those that wait
        asked=row["buyer_id"] if ids else None,
        unread=row["unread"],
        last_at=row["last_at"],
        last_id=row["last_id"],
        last_author=row["last_author"],
        preview=preview or ("📎" if row["last_has_files"] else ""),
        channel=row["channel"],
        stars=row["stars"],
        open_until=row["open_until"],
        order=tuple(zip(times, ids, strict=True)),
        snooze=Snooze(row["snoozed_until"], row["snoozed_for"]) if row["snoozed_until"] else None,
        pauses=tuple(
            (datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in row["pauses"]
        ),
    )
