"""The outbox in SQL: every function is one step of docs/delivery.md, inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.messages import Author, Origin
from agentiq_core.domain.outbox import OutboxState, Undelivered
from agentiq_core.domain.team import shown_name
from agentiq_core.domain.views import ChatRef, MessageKey, NewMessage, ReplyUnderWay
from agentiq_core.store.messages import Address

# unique (seller, client id): a second press of the key changes nothing; a file of the same transaction is younger
_INSERT = text("""
insert into outbox (seller_id, chat_id, client_id, body, file_name, file_type, file_content, not_before, seen_at, seen_id,
    seen_reply, anyway, overridden, guardrails, suggestion_id, automatic, created_at)
values (:seller, :chat, :client, :body, :file_name, :file_type, :file_content,
    now() + make_interval(secs => :undo), :seen_at, :seen_id, :seen_reply, :anyway, cast(:overridden as jsonb), :guardrails, :suggestion,
    :automatic, clock_timestamp())
on conflict (seller_id, client_id) do nothing
returning id
""")

_BY_CLIENT_ID = text("select id from outbox where seller_id = :seller and client_id = :client")

# reads outbox_by_chat or outbox_open, outbox_unsettled, keys; one message in flight per chat, in order
_CLAIM = text("""
update outbox o set state = 'sending', reason = null, detail = '', worker_id = :worker, attempt = attempt + 1,
    attempted_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => :lease), polls = 0,
    ahead = coalesce((select y.ahead from sync_state y where y.seller_id = :seller and y.channel = c.channel), 0)
from chats c join sellers s on s.id = c.seller_id and s.state = 'active'
where o.seller_id = :seller and c.seller_id = :seller and c.id = :chat and o.id = (
    select h.id from outbox h
    where h.seller_id = :seller and h.chat_id = :chat and h.state = 'queued'
    order by h.created_at, h.id limit 1)
  and o.state = 'queued' and o.not_before <= clock_timestamp()
  and not exists (
    select from outbox b where b.seller_id = :seller and b.chat_id = :chat
      and b.state in ('sending', 'unknown', 'needs_operator'))
  and not exists (select from sync_state y where y.seller_id = :seller and y.channel = c.channel and y.failures > 0)
returning o.id, o.chat_id, o.client_id, o.body, o.file_name, o.file_type, o.file_content, o.attempt, o.attempted_at, o.seen_at, o.seen_id,
    o.seen_reply, o.anyway, o.operator_id, s.marketplace, c.channel, c.external_id, c.closes_at, c.closes_hard, c.shut
""")

# reads messages_in_order; a colleague's reply that was seen on its way is no news when it is read back
_NEWER_THAN_SEEN = text("""
select m.author, m.origin, m.sent_at, m.external_id, m.body from messages m
left join outbox o on o.seller_id = m.seller_id and o.id = m.outbox_id
where m.seller_id = :seller and m.chat_id = :chat
  and (cast(:seen_at as timestamptz) is null or (m.sent_at, m.external_id) > (:seen_at, :seen_id))
  and m.origin <> 'automatic' and m.author <> 'marketplace'
  and not (o.id is not null and (o.operator_id is not distinct from :operator or o.id <= coalesce(:seen_reply, 0)))
order by m.sent_at desc, m.external_id desc limit 1
""")

# reads outbox_by_chat; one that was read back is a message already
_COLLEAGUE_ANSWERS = text("""
select o.id, o.body, coalesce(o.file_name, '') as file_name, a.name, a.email from outbox o
left join operators a on a.id = o.operator_id
where o.seller_id = :seller and o.chat_id = :chat and o.state in ('queued', 'sending', 'sent', 'unknown', 'needs_operator')
  and o.operator_id <> (select operator_id()) and (cast(:seen_at as timestamptz) is null or o.created_at > :seen_at)
  and o.id > coalesce(:seen_reply, 0)
order by o.id desc limit 1
""")

_FINISH = text("""
update outbox set state = :state, reason = :reason, detail = :detail,
    accepted_at = coalesce(:accepted_at, accepted_at), reference = coalesce(:reference, reference),
    not_before = case when :state = 'queued' then clock_timestamp() + make_interval(secs => :delay) else not_before end,
    settled_at = case when :state in ('sent', 'failed') then clock_timestamp() else settled_at end,
    lease_until = null, attempt = case when :attempted then attempt else attempt - 1 end
where seller_id = :seller and id = :id and state = 'sending' and worker_id = :worker and attempt = :attempt
returning id
""")

# an echo may be read before the answer: then the row is confirmed already and only learns its reference
_REMEMBER_RECEIPT = text("""
update outbox set accepted_at = coalesce(:accepted_at, accepted_at), reference = coalesce(:reference, reference)
where seller_id = :seller and id = :id and state = 'confirmed'
""")

_RENEW = text("""
update outbox set lease_until = clock_timestamp() + make_interval(secs => :lease)
where seller_id = :seller and id = :id and worker_id = :worker and attempt = :attempt and state = 'sending'
returning id
""")

# an echo is looked for from here on, and a poll that began before it proves nothing
_LEAVE = text("""
update outbox set lease_until = clock_timestamp() + make_interval(secs => :lease), attempted_at = clock_timestamp(),
    ahead = coalesce((select y.ahead from sync_state y join chats c on c.seller_id = y.seller_id and c.channel = y.channel where c.seller_id = :seller and c.id = chat_id), 0)
where seller_id = :seller and id = :id and worker_id = :worker and attempt = :attempt and state = 'sending'
returning id
""")

_EXPIRE = text("""
update outbox set state = 'unknown', reason = 'worker_died', lease_until = null
where state = 'sending' and lease_until < clock_timestamp()
returning seller_id, chat_id
""")

# reads outbox_open
_DUE = text("""
select distinct o.seller_id, o.chat_id from outbox o
join sellers s on s.id = o.seller_id and s.state = 'active'
where o.state = 'queued' and o.not_before <= clock_timestamp()
  and not exists (select from sync_state y join chats c on c.seller_id = y.seller_id and c.channel = y.channel
      where c.seller_id = o.seller_id and c.id = o.chat_id and y.failures > 0)
  and not exists (select from outbox b where b.seller_id = o.seller_id and b.chat_id = o.chat_id
      and b.state in ('sending', 'unknown', 'needs_operator'))
order by 1, 2 limit :limit
""")

_SAME_TEXT = text("""
select o.body from outbox o where o.seller_id = :seller and o.chat_id = :chat and o.state <> 'cancelled' and o.state <> 'failed'
  and o.created_at > now() - make_interval(secs => :within)
union all
select m.body from messages m where m.seller_id = :seller and m.chat_id = :chat and m.author = 'seller' and m.origin <> 'automatic'
  and m.sent_at > now() - make_interval(secs => :within - coalesce(
      (select y.ahead from sync_state y join chats c on c.seller_id = y.seller_id and c.channel = y.channel where c.seller_id = :seller and c.id = :chat), 0))
""")

_RESOLVE = text("""
update outbox set state = :state, polls = 0, settled_at = case when :state = 'unknown' then null else now() end
where seller_id = :seller and chat_id = :chat and id = :id and state = 'needs_operator'
returning id
""")

_SAID = text(
    "select body, cast(overridden as text), guardrails from outbox where seller_id = :seller and id = :id"
)

# keeps its place before the replies that waited behind it
_COPY = text("""
insert into outbox (seller_id, chat_id, client_id, operator_id, body, file_name, file_type, file_content, anyway, overridden,
    guardrails, suggestion_id, created_at)
select seller_id, chat_id, :client, operator_id, body, file_name, file_type, file_content, true, cast(:overridden as jsonb), :guardrails,
    suggestion_id, created_at from outbox where seller_id = :seller and id = :id
returning id
""")


@dataclass(frozen=True, slots=True)
class NewReply:
    """A reply to be queued. `seen` is the newest message its writer had on screen, `seen_reply` the newest of the colleagues'
    replies on their way that they were told of; `undo` seconds may pass first."""

    ref: ChatRef
    client_id: UUID
    body: str = ""
    file_name: str | None = None
    file_type: str | None = None
    file_content: bytes | None = None
    undo: float = 0.0
    seen: MessageKey | None = None
    seen_reply: int | None = None
    anyway: bool = False
    overridden: str | None = None
    guardrails: str | None = None
    suggestion_id: int | None = None
    automatic: bool = False
    """It leaves by itself, in nobody's name."""


@dataclass(frozen=True, slots=True)
class Said:
    """The text of a reply, the errors it was sent in spite of (JSON), and the version of the rules; None for a file."""

    body: str
    overridden: str | None
    guardrails: str | None


@dataclass(frozen=True, slots=True)
class ClaimedReply:
    """A reply this worker may send once: the fence is worker id and attempt number."""

    id: int
    chat_id: int
    client_id: UUID
    body: str
    file_name: str | None
    file_type: str | None
    file_content: bytes | None
    attempt: int
    attempted_at: datetime
    seen_at: datetime | None
    seen_id: str | None
    seen_reply: int | None
    anyway: bool
    operator_id: int | None
    address: Address
    """As it was when the reply was claimed."""

    @property
    def seen(self) -> MessageKey | None:
        """The newest message its writer had on screen."""
        return MessageKey(self.seen_at, self.seen_id) if self.seen_at and self.seen_id else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. `delay` seconds apply to a reply that goes back to `queued`; one that was not `attempted`
    at all does not count towards the most there may be."""

    state: OutboxState
    reason: Undelivered | None = None
    detail: str = ""
    accepted_at: datetime | None = None
    reference: str | None = None
    delay: float = 0.0
    attempted: bool = True


async def insert(session: AsyncSession, reply: NewReply) -> tuple[int, bool]:
    """Queue a reply; its id, and whether it is new."""
    key = {"seller": reply.ref.seller_id, "client": reply.client_id}
    values = key | {
        "chat": reply.ref.chat_id,
        "body": reply.body,
        "file_name": reply.file_name,
        "file_type": reply.file_type,
        "file_content": reply.file_content,
        "undo": reply.undo,
        "seen_at": reply.seen.sent_at if reply.seen else None,
        "seen_id": reply.seen.external_id if reply.seen else None,
        "seen_reply": reply.seen_reply,
        "anyway": reply.anyway,
        "overridden": reply.overridden,
        "guardrails": reply.guardrails,
        "suggestion": reply.suggestion_id,
        "automatic": reply.automatic,
    }
    inserted = (await session.execute(_INSERT, values)).scalar()
    if inserted is not None:
        return int(inserted), True
    return int((await session.execute(_BY_CLIENT_ID, key)).scalar_one()), False


async def by_client_id(session: AsyncSession, seller_id: int, client_id: UUID) -> int | None:
    """The reply that was queued under this client id already."""
    found: int | None = (
        await session.execute(_BY_CLIENT_ID, {"seller": seller_id, "client": client_id})
    ).scalar()
    return found


async def claim(session: AsyncSession, ref: ChatRef, worker: str, lease: float) -> ClaimedReply | None:
    """Take the chat's next reply for one attempt; None when nothing may leave now. Call it with the chat locked."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "worker": worker, "lease": lease}
    row = (await session.execute(_CLAIM, values)).mappings().first()
    if row is None:
        return None
    address = Address(**{one.name: row[one.name] for one in fields(Address)})
    return ClaimedReply(
        **{one.name: row[one.name] for one in fields(ClaimedReply) if one.name != "address"}, address=address
    )


async def newest_since(
    session: AsyncSession,
    ref: ChatRef,
    seen: MessageKey | None,
    *,
    seen_reply: int | None = None,
    operator_id: int | None = None,
) -> NewMessage | None:
    """The newest message of the buyer or a colleague after what the reply's writer saw (rule 9); None when there is none."""
    values = {
        "seller": ref.seller_id,
        "chat": ref.chat_id,
        "seen_at": seen.sent_at if seen else None,
        "seen_id": seen.external_id if seen else None,
        "seen_reply": seen_reply,
        "operator": operator_id,
    }
    row = (await session.execute(_NEWER_THAN_SEEN, values)).mappings().first()
    if row is None:
        return None
    key = MessageKey(row["sent_at"], row["external_id"])
    return NewMessage(key, Author(row["author"]), Origin(row["origin"]), row["body"])


async def colleague_answers(
    session: AsyncSession, ref: ChatRef, seen: MessageKey | None, seen_reply: int | None
) -> ReplyUnderWay | None:
    """A colleague's newest reply that no marketplace has read back yet and that came after what this operator saw."""
    values = {
        "seller": ref.seller_id,
        "chat": ref.chat_id,
        "seen_at": seen.sent_at if seen else None,
        "seen_reply": seen_reply,
    }
    row = (await session.execute(_COLLEAGUE_ANSWERS, values)).mappings().first()
    if row is None:
        return None
    return ReplyUnderWay(
        row["id"], shown_name(row["name"] or "", row["email"] or "?"), row["body"] or row["file_name"]
    )


async def finish(
    session: AsyncSession, seller_id: int, reply: ClaimedReply, worker: str, outcome: Outcome
) -> bool:
    """Write how an attempt ended; False when the row is no longer this worker's."""
    receipt = {
        "seller": seller_id,
        "id": reply.id,
        "accepted_at": outcome.accepted_at,
        "reference": outcome.reference,
    }
    values = receipt | {
        "state": outcome.state.value,
        "reason": outcome.reason.value if outcome.reason else None,
        "detail": outcome.detail,
        "delay": outcome.delay,
        "attempted": outcome.attempted,
        "worker": worker,
        "attempt": reply.attempt,
    }
    if (await session.execute(_FINISH, values)).first() is not None:
        return True
    if outcome.state is OutboxState.SENT:
        await session.execute(_REMEMBER_RECEIPT, receipt)
    return False


async def renew(
    session: AsyncSession, seller_id: int, reply: ClaimedReply, worker: str, lease: float
) -> bool:
    """Keep an attempt that is still under way; False when it is no longer this worker's."""
    return await _still_held(session, _RENEW, seller_id, reply, worker, lease)


async def leave(
    session: AsyncSession, seller_id: int, reply: ClaimedReply, worker: str, lease: float
) -> bool:
    """The first byte leaves next: the attempt counts from now on; False when it is no longer this worker's."""
    return await _still_held(session, _LEAVE, seller_id, reply, worker, lease)


async def _still_held(
    session: AsyncSession,
    statement: TextClause,
    seller_id: int,
    reply: ClaimedReply,
    worker: str,
    lease: float,
) -> bool:
    values = {
        "seller": seller_id,
        "id": reply.id,
        "attempt": reply.attempt,
        "worker": worker,
        "lease": lease,
    }
    return (await session.execute(statement, values)).first() is not None


async def expire(session: AsyncSession) -> list[ChatRef]:
    """Attempts whose worker fell silent become `unknown`, never `queued` (rule 2)."""
    return [ChatRef(*row) for row in await session.execute(_EXPIRE)]


async def due(session: AsyncSession, limit: int = 500) -> list[ChatRef]:
    """Conversations with a reply that may leave now."""
    return [ChatRef(*row) for row in await session.execute(_DUE, {"limit": limit})]


async def recent_texts(session: AsyncSession, ref: ChatRef, within: timedelta) -> list[str]:
    """What was sent to this conversation lately, from here or from the cabinet."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "within": within.total_seconds()}
    return list((await session.execute(_SAME_TEXT, values)).scalars())


async def resolve(session: AsyncSession, ref: ChatRef, reply_id: int, state: OutboxState) -> bool:
    """A person's word on a reply in `needs_operator`; False when it is no longer there."""
    values: dict[str, Any] = {
        "seller": ref.seller_id,
        "chat": ref.chat_id,
        "id": reply_id,
        "state": state.value,
    }
    return (await session.execute(_RESOLVE, values)).first() is not None


async def said(session: AsyncSession, seller_id: int, reply_id: int) -> Said:
    """The text of a reply and what it was held to."""
    row = (await session.execute(_SAID, {"seller": seller_id, "id": reply_id})).one()
    return Said(*row)


async def copy(
    session: AsyncSession,
    seller_id: int,
    reply_id: int,
    client_id: UUID,
    overridden: str | None,
    guardrails: str | None,
) -> int:
    """Queue the same content anew, as a reply of its own, with what the rules say of it now."""
    values = {
        "seller": seller_id,
        "id": reply_id,
        "client": client_id,
        "overridden": overridden,
        "guardrails": guardrails,
    }
    return int((await session.execute(_COPY, values)).scalar_one())
