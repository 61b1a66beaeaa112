"""Messages into the database, and what they say of their conversations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.chats import ChatFacts, ChatState, Priority, Queue
from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.messages import Attachment, Channel, IncomingChat, IncomingMessage, Mark, Product
from agentiq_core.domain.text import inert_line
from agentiq_core.domain.views import ChatRef, FeedRef
from agentiq_core.sla.calendar import Pause
from agentiq_core.sla.snooze import Snooze

PREVIEW_CHARACTERS = 120

_INSERT_CHATS = text("""
insert into chats (seller_id, channel, external_id)
select :seller, r.channel, r.external_id
from jsonb_to_recordset(cast(:rows as jsonb)) as r(channel text, external_id text)
on conflict do nothing
""")

# reads chats_external; in id order so that two holders never wait in a ring
_HOLD_CHATS = text("""
select r.channel, r.external_id, c.id, c.stale, c.buyer_name, c.product_id, c.product_title, c.order_id, c.price, c.currency, c.size
from jsonb_to_recordset(cast(:rows as jsonb)) as r(channel text, external_id text)
join chats c on c.seller_id = :seller and c.channel = r.channel and c.external_id = r.external_id
order by c.id for update of c
""")

# a marketplace may tell the buyer and the order in one place and leave them out in another: what is known stays
_DESCRIBE_CHATS = text("""
update chats c set
    buyer_name = coalesce(r.buyer_name, c.buyer_name), product_id = coalesce(r.product_id, c.product_id),
    product_title = coalesce(r.product_title, c.product_title), order_id = coalesce(r.order_id, c.order_id),
    price = coalesce(r.price, c.price), currency = coalesce(r.currency, c.currency), size = coalesce(r.size, c.size)
from jsonb_to_recordset(cast(:rows as jsonb)) as r(channel text, external_id text, buyer_name text, product_id text,
    product_title text, order_id text, price bigint, currency text, size text)
where c.seller_id = :seller and c.channel = r.channel and c.external_id = r.external_id
  and (r.buyer_name, r.product_id, r.product_title, r.order_id, r.price, r.currency, r.size) is distinct from
      (c.buyer_name, c.product_id, c.product_title, c.order_id, c.price, c.currency, c.size)
  and (coalesce(r.buyer_name, c.buyer_name), coalesce(r.product_id, c.product_id),
       coalesce(r.product_title, c.product_title), coalesce(r.order_id, c.order_id), coalesce(r.price, c.price),
       coalesce(r.currency, c.currency), coalesce(r.size, c.size)) is distinct from
      (c.buyer_name, c.product_id, c.product_title, c.order_id, c.price, c.currency, c.size)
""")

# what the marketplace says of a conversation as a whole, and what changes where it stands
_STATE_CHATS = text("""
update chats c set stars = coalesce(r.stars, c.stars), shut = coalesce(r.shut, c.shut),
    open_until = coalesce(r.open_until, c.open_until), closed_through = greatest(r.settled_through, c.closed_through)
from jsonb_to_recordset(cast(:rows as jsonb)) as r(channel text, external_id text, stars smallint, shut boolean,
    open_until timestamptz, settled_through timestamptz)
where c.seller_id = :seller and c.channel = r.channel and c.external_id = r.external_id
  and (coalesce(r.stars, c.stars), coalesce(r.shut, c.shut), coalesce(r.open_until, c.open_until),
       greatest(r.settled_through, c.closed_through)) is distinct from (c.stars, c.shut, c.open_until, c.closed_through)
returning c.id
""")

# the primary key decides what is new
_INSERT_MESSAGES = text("""
insert into messages (seller_id, chat_id, external_id, author, origin, sent_at, body, attachments, read)
select :seller, r.chat_id, r.external_id, r.author, r.origin, r.sent_at, r.body, r.attachments, coalesce(r.read, false)
from jsonb_to_recordset(cast(:rows as jsonb)) as r(chat_id bigint, external_id text, author text, origin text,
    sent_at timestamptz, body text, attachments jsonb, read boolean)
on conflict do nothing
returning chat_id, sent_at
""")

# a link to a file may be another one each time it is told: files alone are no change
_REVISE_MESSAGES = text("""
update messages m set body = r.body, attachments = r.attachments, read = m.read or coalesce(r.read, false),
    edited_at = case when m.body is distinct from r.body then clock_timestamp() else m.edited_at end
from jsonb_to_recordset(cast(:rows as jsonb)) as r(chat_id bigint, external_id text, body text, attachments jsonb, read boolean)
where m.seller_id = :seller and m.chat_id = r.chat_id and m.external_id = r.external_id
  and (m.body <> r.body or coalesce(r.read, false) and not m.read
      or jsonb_array_length(m.attachments) <> jsonb_array_length(r.attachments))
returning m.chat_id, m.sent_at
""")

_MARK_CHATS = text("""
update chats c set mark = r.mark
from jsonb_to_recordset(cast(:rows as jsonb)) as r(external_id text, mark text)
where c.seller_id = :seller and c.channel = :channel and c.external_id = r.external_id and c.mark is distinct from r.mark
""")

_LOCK_CHATS = text("""
select id from chats where seller_id = :seller and id = any(:ids) order by id for update
""")

# every lateral walks messages_in_order from its newest end
_FACTS = text("""
select c.id, c.channel, c.stars, c.shut, c.open_until, c.closed_through, c.snoozed_until, c.snoozed_for, c.pauses, answer.sent_at as answer_at, answer.external_id as answer_id, pending.sent_at as pending_at,
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
_MARK_STALE = text("""
with arrived as materialized (
    select a.id, coalesce((
        select true from messages m where m.seller_id = :seller and m.chat_id = a.id and m.sent_at > a.newest
          and m.author = 'seller' and m.origin in ('api', 'cabinet', 'untold') limit 1) and (
        select true from outbox o where o.seller_id = :seller and o.chat_id = a.id and o.external_id is null
          and o.attempted_at is not null limit 1) is null, false) as stays
    from unnest(cast(:ids as bigint[]), cast(:newest as timestamptz[])) as a(id, newest)),
marked as (
    update chats c set stale = true where c.seller_id = :seller and c.id = any(array(select id from arrived where not stays)))
select pg_notify(s.feed, s.id || ':' || a.id) from arrived a join sellers s on s.id = :seller where a.stays
""")

# reads chats_stale
_STALE = text("""
select id from chats where seller_id = :seller and stale order by id limit :limit
""")

_ADDRESS = text("""
select s.marketplace, c.channel, c.external_id, c.closes_at, c.closes_hard, c.shut
from chats c join sellers s on s.id = c.seller_id where c.seller_id = :seller and c.id = :chat
""")

ChatName = tuple[str, str]
"""A conversation as the marketplace names it: channel, external id."""


@dataclass(frozen=True, slots=True)
class HeldChat:
    """A conversation held until the transaction ends; a `stale` one waits to be derived."""

    id: int
    stale: bool


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


def name_of(item: IncomingMessage | IncomingChat) -> ChatName:
    """The conversation an item belongs to, as it is stored."""
    external_id = item.chat_external_id if isinstance(item, IncomingMessage) else item.external_id
    return item.channel, storable(external_id)


async def store_chats(
    session: AsyncSession, seller_id: int, incoming: Iterable[IncomingMessage | IncomingChat]
) -> dict[ChatName, HeldChat]:
    """Make sure that every conversation exists and is described, and hold them all until the transaction ends."""
    described: dict[ChatName, dict[str, Any]] = {}
    for item in incoming:
        name = name_of(item)
        row = described.setdefault(name, {"channel": name[0], "external_id": name[1]})
        if item.buyer_name:
            row["buyer_name"] = storable(item.buyer_name)
        if item.product is not None:
            row |= _product_columns(item.product)
    if not described:
        return {}
    rows = _json(list(described.values()))
    known = await _hold_chats(session, seller_id, rows)
    if len(known) < len(described):
        await session.execute(_INSERT_CHATS, {"seller": seller_id, "rows": rows})
        known = await _hold_chats(session, seller_id, rows)
    told = [row for name, row in described.items() if any(known[name][key] != row[key] for key in row)]
    if told:
        await session.execute(_DESCRIBE_CHATS, {"seller": seller_id, "rows": _json(told)})
    return {name: HeldChat(row["id"], row["stale"]) for name, row in known.items()}


async def state_chats(session: AsyncSession, seller_id: int, described: Iterable[IncomingChat]) -> list[int]:
    """Stars, ends and limits as the marketplace tells them; the conversations that stand otherwise now.

    Call it with the conversations stored and locked.
    """
    rows = [
        {
            "channel": chat.channel,
            "external_id": storable(chat.external_id),
            "stars": chat.stars,
            "shut": chat.closed,
            "open_until": _iso(chat.open_until),
            "settled_through": _iso(chat.settled_through),
        }
        for chat in described
        if (chat.stars, chat.closed, chat.open_until, chat.settled_through) != (None, None, None, None)
    ]
    if not rows:
        return []
    return list((await session.execute(_STATE_CHATS, {"seller": seller_id, "rows": _json(rows)})).scalars())


async def mark_chats(session: AsyncSession, feed: FeedRef, marks: Sequence[Mark]) -> None:
    """How far these conversations were read, in the transaction of what was read."""
    if marks:
        rows = [
            {"external_id": storable(mark.chat_external_id), "mark": storable(mark.mark)} for mark in marks
        ]
        values = {"seller": feed.seller_id, "channel": feed.channel, "rows": _json(rows)}
        await session.execute(_MARK_CHATS, values)


async def store_messages(
    session: AsyncSession,
    seller_id: int,
    chats: Mapping[ChatName, HeldChat],
    messages: Iterable[IncomingMessage],
    *,
    revised: bool = False,
) -> tuple[int, dict[int, datetime]]:
    """Insert what is new; how many were, and the conversations they belong to with the time of their newest. `revised`:
    what is known already may have been edited since, or read; such a conversation is among them."""
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for incoming in messages:
        message = incoming.message
        chat_id, external_id = chats[name_of(incoming)].id, storable(message.external_id)
        rows[chat_id, external_id] = {
            "chat_id": chat_id,
            "external_id": external_id,
            "author": message.author.value,
            "origin": message.origin.value,
            "sent_at": message.sent_at.isoformat(),
            "body": storable(message.text),
            "attachments": [_attachment_json(attachment) for attachment in message.attachments],
            "read": message.read,
        }
    if not rows:
        return 0, {}
    values = {"seller": seller_id, "rows": _json(list(rows.values()))}
    result = await session.execute(_INSERT_MESSAGES, values)
    new, newest = 0, dict[int, datetime]()
    for chat_id, sent_at in result:
        new += 1
        newest[chat_id] = max(sent_at, newest.get(chat_id, sent_at))
    if revised and new < len(rows):
        for chat_id, sent_at in await session.execute(_REVISE_MESSAGES, values):
            newest[chat_id] = max(sent_at, newest.get(chat_id, sent_at))
    return new, newest


async def lock_chats(session: AsyncSession, seller_id: int, ids: Iterable[int]) -> list[int]:
    """Hold these conversations until the transaction ends, in id order so that two holders never wait in a ring."""
    return list((await session.execute(_LOCK_CHATS, {"seller": seller_id, "ids": list(ids)})).scalars())


async def read_chats(session: AsyncSession, seller_id: int, ids: Iterable[int]) -> list[ChatReading]:
    """What the messages of these conversations say now. Call it with the conversations locked."""
    result = await session.execute(_FACTS, {"seller": seller_id, "ids": list(ids)})
    return [_reading(row) for row in result.mappings()]


async def mark_stale(
    session: AsyncSession, seller_id: int, chats: Iterable[HeldChat], newest: Mapping[int, datetime]
) -> None:
    """These conversations got messages, the `newest` of them then, and are derived later, by `stale_chats`.

    What is older than a known answer changes nothing that is derived, and is left out of that; an answer of ours that was
    not read back yet may be among it.
    """
    fresh = {chat.id: newest[chat.id] for chat in chats if chat.id in newest and not chat.stale}
    if fresh:
        values = {"seller": seller_id, "ids": list(fresh), "newest": list(fresh.values())}
        await session.execute(_MARK_STALE, values)


async def stale_chats(session: AsyncSession, seller_id: int, limit: int = 500) -> list[int]:
    """Conversations whose standing waits to be derived."""
    return list((await session.execute(_STALE, {"seller": seller_id, "limit": limit})).scalars())


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
            "due_at": _iso(s.due_at),
            "closes_at": _iso(s.closes_at),
            "closes_hard": s.closes_hard,
            "snoozed_until": _iso(s.snooze.until) if s.snooze else None,
            "snoozed_for": s.snooze.asked if s.snooze else None,
            "pauses": [[begin.isoformat(), end.isoformat()] for begin, end in s.pauses],
            "waiting_since": _iso(s.state.waiting_since),
            "episode": s.state.episode,
            "asked": s.reading.asked,
            "unread": s.reading.unread,
            "last_at": _iso(s.reading.last_at),
            "last_id": s.reading.last_id,
            "last_author": s.reading.last_author,
            "preview": s.reading.preview,
        }
        for s in standings
    ]
    if rows:
        await session.execute(_WRITE_STATES, {"seller": seller_id, "rows": _json(rows)})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a reply goes: the conversation as the marketplace names it, and until when that takes replies."""

    marketplace: str
    channel: str
    external_id: str
    closes_at: datetime | None
    closes_hard: bool
    shut: bool

    def closed(self, now: datetime) -> bool:
        """Whether the marketplace would refuse a reply now, as far as is known here."""
        return self.shut or (self.closes_hard and self.closes_at is not None and self.closes_at <= now)


async def address(session: AsyncSession, ref: ChatRef) -> Address:
    """Where a reply to this conversation goes. Raises `NotFound`."""
    row = (await session.execute(_ADDRESS, {"seller": ref.seller_id, "chat": ref.chat_id})).first()
    if row is None:
        raise NotFound(f"there is no conversation {ref.chat_id}", chat=ref.chat_id)
    return Address(*row)


def storable(value: str) -> str:
    """The same text without what Postgres cannot hold: NUL and lone surrogates become the replacement character."""
    if "\x00" in value:
        value = value.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        value = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return value


async def _hold_chats(session: AsyncSession, seller_id: int, rows: str) -> dict[ChatName, RowMapping]:
    result = await session.execute(_HOLD_CHATS, {"seller": seller_id, "rows": rows})
    return {(row["channel"], row["external_id"]): row for row in result.mappings()}


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


def _product_columns(product: Product) -> dict[str, Any]:
    columns = {
        "product_id": product.external_id,
        "product_title": product.title,
        "order_id": product.order_id,
        "price": product.price,
        "currency": product.currency,
        "size": product.size,
    }
    return {
        name: storable(value) if isinstance(value, str) else value
        for name, value in columns.items()
        if value is not None
    }


def _attachment_json(attachment: Attachment) -> dict[str, Any]:
    values = {
        "kind": attachment.kind.value,
        "download_id": attachment.download_id,
        "name": attachment.name,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "url": attachment.url,
    }
    return {
        name: storable(value) if isinstance(value, str) else value
        for name, value in values.items()
        if value is not None
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _json(rows: Sequence[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False)
