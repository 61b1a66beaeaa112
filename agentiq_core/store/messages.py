"""Conversations and their messages into the database, as marketplaces tell them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.messages import (
    Attachment,
    AttachmentKind,
    IncomingChat,
    IncomingMessage,
    Mark,
    Product,
)
from agentiq_core.domain.views import ChatRef, FeedRef

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

# a link to a file may be another one each time it is told: files alone are no change; what was deleted asks and answers no more
_REVISE_MESSAGES = text("""
update messages m set body = r.body, attachments = r.attachments,
    author = case when r.origin = 'automatic' then r.author else m.author end,
    origin = case when r.origin = 'automatic' then r.origin else m.origin end, read = m.read or coalesce(r.read, false),
    edited_at = case when m.body is distinct from r.body then clock_timestamp() else m.edited_at end
from jsonb_to_recordset(cast(:rows as jsonb)) as r(chat_id bigint, external_id text, author text, origin text,
    body text, attachments jsonb, read boolean)
where m.seller_id = :seller and m.chat_id = r.chat_id and m.external_id = r.external_id
  and (m.body <> r.body or coalesce(r.read, false) and not m.read
      or jsonb_array_length(m.attachments) <> jsonb_array_length(r.attachments))
returning m.chat_id, m.sent_at
""")

# one that a page only marks may be another's at this moment: it is read once more then, and nobody waits in a ring
_MARK_CHATS = text("""
update chats c set mark = r.mark
from jsonb_to_recordset(cast(:rows as jsonb)) as r(external_id text, mark text)
where c.seller_id = :seller and c.channel = :channel and c.external_id = r.external_id and c.mark is distinct from r.mark
  and c.id = any(array(select h.id from chats h where h.seller_id = :seller and h.channel = :channel
      and h.external_id = any(:chats) for no key update skip locked))
""")

_LOCK_CHATS = text("""
select id from chats where seller_id = :seller and id = any(:ids) order by id for update
""")

# those whose standing stays are only told again, to whoever has them on screen
_MARK_STALE = text("""
with arrived as materialized (
    select a.id, not a.stated and coalesce((
        select true from messages m where m.seller_id = :seller and m.chat_id = a.id and m.sent_at > a.newest
          and m.author = 'seller' and m.origin in ('api', 'cabinet', 'untold') limit 1) and (
        select true from outbox o where o.seller_id = :seller and o.chat_id = a.id and o.external_id is null
          and o.attempted_at is not null limit 1) is null, false) as stays
    from unnest(cast(:ids as bigint[]), cast(:newest as timestamptz[]), cast(:stated as boolean[])) as a(id, newest, stated)),
marked as (
    update chats c set stale = true where c.seller_id = :seller and c.id = any(array(select id from arrived where not stays)))
select pg_notify(s.feed, s.id || ':' || a.id) from arrived a join sellers s on s.id = :seller where a.stays
""")

# reads chats_stale
_STALE = text("""
select id from chats where seller_id = :seller and stale and channel = :channel order by id limit :limit
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
    rows = as_json(list(described.values()))
    known = await _hold_chats(session, seller_id, rows)
    if len(known) < len(described):
        await session.execute(_INSERT_CHATS, {"seller": seller_id, "rows": rows})
        known = await _hold_chats(session, seller_id, rows)
    told = [row for name, row in described.items() if any(known[name][key] != row[key] for key in row)]
    if told:
        await session.execute(_DESCRIBE_CHATS, {"seller": seller_id, "rows": as_json(told)})
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
            "open_until": iso(chat.open_until),
            "settled_through": iso(chat.settled_through),
        }
        for chat in described
        if (chat.stars, chat.closed, chat.open_until, chat.settled_through) != (None, None, None, None)
    ]
    if not rows:
        return []
    return list((await session.execute(_STATE_CHATS, {"seller": seller_id, "rows": as_json(rows)})).scalars())


async def mark_chats(session: AsyncSession, feed: FeedRef, marks: Sequence[Mark]) -> None:
    """How far these conversations were read, in the transaction of what was read."""
    if marks:
        rows = [
            {"external_id": storable(mark.chat_external_id), "mark": storable(mark.mark)} for mark in marks
        ]
        values = {
            "seller": feed.seller_id,
            "channel": feed.channel,
            "rows": as_json(rows),
            "chats": [row["external_id"] for row in rows],
        }
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
    values = {"seller": seller_id, "rows": as_json(list(rows.values()))}
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


async def mark_stale(
    session: AsyncSession,
    seller_id: int,
    chats: Iterable[HeldChat],
    newest: Mapping[int, datetime],
    stated: Collection[int] = (),
) -> None:
    """These conversations got messages, the `newest` of them then, or were `stated` otherwise; they are derived later, by
    `stale_chats`.

    What is older than a known answer changes nothing that is derived, and is left out of that; an answer of ours that was
    not read back yet may be among it.
    """
    fresh = {
        chat.id: newest.get(chat.id)
        for chat in chats
        if not chat.stale and (chat.id in newest or chat.id in stated)
    }
    if fresh:
        values = {
            "seller": seller_id,
            "ids": list(fresh),
            "newest": list(fresh.values()),
            "stated": [chat in stated for chat in fresh],
        }
        await session.execute(_MARK_STALE, values)


async def stale_chats(session: AsyncSession, feed: FeedRef, limit: int = 500) -> list[int]:
    """Conversations of a feed whose standing waits to be derived."""
    values = {"seller": feed.seller_id, "channel": feed.channel, "limit": limit}
    return list((await session.execute(_STALE, values)).scalars())


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


def _product_columns(product: Product) -> dict[str, Any]:
    columns = {
        "product_id": product.external_id or None,
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


def attachments_of(items: Any) -> tuple[Attachment, ...]:
    """Files as a message's row has them."""
    return tuple(Attachment(**{**item, "kind": AttachmentKind(item["kind"])}) for item in items)


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


def iso(moment: datetime | None) -> str | None:
    """A moment as a statement's JSON holds it."""
    return moment.isoformat() if moment else None


def as_json(rows: Sequence[dict[str, Any]]) -> str:
    """Rows for a statement that reads them with jsonb_to_recordset."""
    return json.dumps(rows, ensure_ascii=False)
