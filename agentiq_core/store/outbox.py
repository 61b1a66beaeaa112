"""The outbox in SQL: every function is one step of docs/delivery.md, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.outbox import OutboxState, Undelivered
from agentiq_core.domain.views import ChatRef, MessageKey

# unique (seller, client id): a second press of the key changes nothing; a file of the same transaction is younger
_INSERT = text("""
insert into outbox (seller_id, chat_id, client_id, body, file_name, file_type, file_content, not_before, seen_at, seen_id,
    anyway, overridden, guardrails, suggestion_id, created_at)
values (:seller, :chat, :client, :body, :file_name, :file_type, :file_content,
    now() + make_interval(secs => :undo), :seen_at, :seen_id, :anyway, cast(:overridden as jsonb), :guardrails, :suggestion,
    clock_timestamp())
on conflict (seller_id, client_id) do nothing
returning id
""")

_BY_CLIENT_ID = text("select id from outbox where seller_id = :seller and client_id = :client")

# reads outbox_by_chat; one message in flight per chat, in order
_CLAIM = text("""
update outbox o set state = 'sending', reason = null, detail = '', worker_id = :worker, attempt = attempt + 1,
    attempted_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => :lease), polls = 0,
    ahead = coalesce((select y.ahead from sync_state y where y.seller_id = :seller and y.channel = 'chat'), 0)
where o.seller_id = :seller and o.id = (
    select h.id from outbox h
    where h.seller_id = :seller and h.chat_id = :chat and h.state = 'queued'
    order by h.created_at, h.id limit 1)
  and o.state = 'queued' and o.not_before <= clock_timestamp()
  and not exists (
    select from outbox b where b.seller_id = :seller and b.chat_id = :chat
      and b.state in ('sending', 'unknown', 'needs_operator'))
  and exists (select from sellers s where s.id = :seller and s.state = 'active')
  and not exists (select from sync_state y where y.seller_id = :seller and y.failures > 0)
returning o.id, o.chat_id, o.client_id, o.body, o.file_name, o.file_type, o.file_content, o.attempt, o.attempted_at, o.seen_at, o.seen_id,
    o.anyway, o.operator_id
""")

# reads messages_in_order
_NEWER_THAN_SEEN = text("""
select m.author from messages m
left join outbox o on o.seller_id = m.seller_id and o.id = m.outbox_id
where m.seller_id = :seller and m.chat_id = :chat
  and (cast(:seen_at as timestamptz) is null or (m.sent_at, m.external_id) > (:seen_at, :seen_id))
  and m.origin <> 'automatic' and m.author <> 'marketplace'
  and not (o.id is not null and o.operator_id is not distinct from :operator)
order by m.sent_at desc, m.external_id desc limit 1
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
  and not exists (select from sync_state y where y.seller_id = o.seller_id and y.failures > 0)
  and not exists (select from outbox b where b.seller_id = o.seller_id and b.chat_id = o.chat_id
      and b.state in ('sending', 'unknown', 'needs_operator'))
order by 1, 2 limit :limit
""")

# rows whose echo may still come: sending and unknown ones, sent ones, and those a person gave up on
_AWAITING_ECHO = text("""
select o.id, o.chat_id, o.state, o.body, o.file_name, o.accepted_at, o.reference,
       o.attempted_at + make_interval(secs => o.ahead) as attempted_at
from outbox o
where o.seller_id = :seller and o.chat_id = any(:chats) and o.external_id is null and o.attempted_at is not null
  and o.state in ('sending', 'sent', 'unknown', 'needs_operator', 'cancelled')
order by o.attempted_at, o.id
for update
""")

_UNJOINED = text("""
select m.chat_id, m.external_id, m.sent_at, m.body, m.attachments <> '[]' as has_files from messages m
where m.seller_id = :seller and m.chat_id = any(:chats) and m.origin = 'api' and m.outbox_id is null
  and m.sent_at >= :since
order by m.sent_at, m.external_id
""")

_JOIN = text("""
update outbox set state = 'confirmed', external_id = :external_id, reason = null, detail = '', lease_until = null,
    settled_at = clock_timestamp()
where seller_id = :seller and id = :id and external_id is null
""")

_MARK_JOINED = text("""
update messages set outbox_id = :id where seller_id = :seller and chat_id = :chat and external_id = :external_id
""")

_CHATS_AWAITING_ECHO = text("""
select distinct chat_id from outbox where seller_id = :seller and state in ('sending', 'sent', 'unknown', 'needs_operator')
""")

# a complete poll counts only when it began after the attempt
_COUNT_POLL = text("""
update outbox set polls = polls + 1
where seller_id = :seller and state = 'unknown' and attempted_at < :started
""")

_GIVE_UP = text("""
update outbox o set state = 'needs_operator', reason = coalesce(o.reason, 'no_echo')
where o.state = 'unknown' and (
    (o.polls >= 2 and o.attempted_at < clock_timestamp() - make_interval(secs => :window))
    or exists (select from seller_credentials k where k.seller_id = o.seller_id and k.slow))
returning o.seller_id, o.chat_id
""")

_SAME_TEXT = text("""
select o.body from outbox o where o.seller_id = :seller and o.chat_id = :chat and o.state <> 'cancelled' and o.state <> 'failed'
  and o.created_at > now() - make_interval(secs => :within)
union all
select m.body from messages m where m.seller_id = :seller and m.chat_id = :chat and m.author = 'seller' and m.origin <> 'automatic'
  and m.sent_at > now() - make_interval(secs => :within - coalesce(
      (select y.ahead from sync_state y where y.seller_id = :seller and y.channel = 'chat'), 0))
""")

_RESOLVE = text("""
update outbox set state = :state, polls = 0, settled_at = case when :state = 'unknown' then null else now() end
where seller_id = :seller and chat_id = :chat and id = :id and state = 'needs_operator'
returning id
""")

# keeps its place before the replies that waited behind it
_COPY = text("""
insert into outbox (seller_id, chat_id, client_id, operator_id, body, file_name, file_type, file_content, anyway, overridden,
    guardrails, suggestion_id, created_at)
select seller_id, chat_id, :client, operator_id, body, file_name, file_type, file_content, true, overridden, guardrails,
    suggestion_id, created_at from outbox where seller_id = :seller and id = :id
returning id
""")


@dataclass(frozen=True, slots=True)
class NewReply:
    """A reply to be queued. `seen` is the newest message its writer had on screen; `undo` seconds may pass first."""

    ref: ChatRef
    client_id: UUID
    body: str = ""
    file_name: str | None = None
    file_type: str | None = None
    file_content: bytes | None = None
    undo: float = 0.0
    seen: MessageKey | None = None
    anyway: bool = False
    overridden: str | None = None
    guardrails: str | None = None
    suggestion_id: int | None = None


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
    anyway: bool
    operator_id: int | None

    @property
    def seen(self) -> MessageKey | None:
        """The newest message its writer had on screen."""
        return MessageKey(self.seen_at, self.seen_id) if self.seen_at and self.seen_id else None


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A reply whose echo may still be read. `attempted_at` is by the marketplace's clock."""

    id: int
    chat_id: int
    state: OutboxState
    body: str
    is_file: bool
    attempted_at: datetime
    accepted_at: datetime | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class Echo:
    """A message sent through the API that belongs to no reply of ours yet."""

    chat_id: int
    external_id: str
    sent_at: datetime
    body: str
    has_files: bool


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
        "anyway": reply.anyway,
        "overridden": reply.overridden,
        "guardrails": reply.guardrails,
        "suggestion": reply.suggestion_id,
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
    return ClaimedReply(**row) if row else None


async def moved_on(
    session: AsyncSession, ref: ChatRef, seen: MessageKey | None, operator_id: int | None = None
) -> bool:
    """Whether the buyer or a colleague wrote after what the reply's writer saw (rule 7)."""
    values = {
        "seller": ref.seller_id,
        "chat": ref.chat_id,
        "seen_at": seen.sent_at if seen else None,
        "seen_id": seen.external_id if seen else None,
        "operator": operator_id,
    }
    return (await session.execute(_NEWER_THAN_SEEN, values)).first() is not None


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
    values = {
        "seller": seller_id,
        "id": reply.id,
        "attempt": reply.attempt,
        "worker": worker,
        "lease": lease,
    }
    return (await session.execute(_RENEW, values)).first() is not None


async def expire(session: AsyncSession) -> list[ChatRef]:
    """Attempts whose worker fell silent become `unknown`, never `queued` (rule 2)."""
    return [ChatRef(*row) for row in await session.execute(_EXPIRE)]


async def due(session: AsyncSession, limit: int = 500) -> list[ChatRef]:
    """Conversations with a reply that may leave now."""
    return [ChatRef(*row) for row in await session.execute(_DUE, {"limit": limit})]


async def awaiting_echo(session: AsyncSession, seller_id: int, chats: Sequence[int]) -> list[Awaiting]:
    """Replies of these conversations whose echo may still come, oldest attempt first; locked."""
    result = await session.execute(_AWAITING_ECHO, {"seller": seller_id, "chats": list(chats)})
    return [
        Awaiting(
            id=row["id"],
            chat_id=row["chat_id"],
            state=OutboxState(row["state"]),
            body=row["body"],
            is_file=row["file_name"] is not None,
            attempted_at=row["attempted_at"],
            accepted_at=row["accepted_at"],
            reference=row["reference"],
        )
        for row in result.mappings()
    ]


async def unjoined_echoes(
    session: AsyncSession, seller_id: int, chats: Sequence[int], since: datetime
) -> list[Echo]:
    """API messages of these conversations that belong to no reply, oldest first."""
    result = await session.execute(_UNJOINED, {"seller": seller_id, "chats": list(chats), "since": since})
    return [Echo(**row) for row in result.mappings()]


async def join(session: AsyncSession, seller_id: int, reply: Awaiting, echo: Echo) -> None:
    """The echo is this reply: it is confirmed, and the echo never becomes a second message (rule 5)."""
    await session.execute(_JOIN, {"seller": seller_id, "id": reply.id, "external_id": echo.external_id})
    await session.execute(
        _MARK_JOINED,
        {"seller": seller_id, "id": reply.id, "chat": echo.chat_id, "external_id": echo.external_id},
    )


async def chats_awaiting_echo(session: AsyncSession, seller_id: int) -> list[int]:
    """Conversations with a reply that is not settled at the marketplace."""
    return list((await session.execute(_CHATS_AWAITING_ECHO, {"seller": seller_id})).scalars())


async def count_poll(session: AsyncSession, seller_id: int, started: datetime) -> None:
    """A complete poll that began at `started` found no echo for the replies that are unknown."""
    await session.execute(_COUNT_POLL, {"seller": seller_id, "started": started})


async def give_up(session: AsyncSession, window: timedelta) -> list[ChatRef]:
    """Unknown replies that two complete polls and `window` did not settle go to a person."""
    return [ChatRef(*row) for row in await session.execute(_GIVE_UP, {"window": window.total_seconds()})]


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


async def copy(session: AsyncSession, seller_id: int, reply_id: int, client_id: UUID) -> int:
    """Queue the same content anew, as a reply of its own."""
    values = {"seller": seller_id, "id": reply_id, "client": client_id}
    return int((await session.execute(_COPY, values)).scalar_one())
