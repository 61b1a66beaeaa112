"""Product cards in SQL: which are lacking, what they say."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.messages import ProductCard
from agentiq_core.domain.views import ChatRef
from agentiq_core.store.messages import storable

# reads chats_by_last; a card that the marketplace did not give is asked for again after a day, one that it gave after a week
_LACKING = text("""
select c.product_id from (
    select seller_id, channel, product_id, last_at from chats where seller_id = :seller and last_at is not null
    order by last_at desc, id desc limit 200) c
left join products p on p.seller_id = c.seller_id and p.external_id = c.product_id
where c.channel = :channel and c.product_id <> ''
  and (p.seller_id is null or p.asked_at < now() - case when p.title is null then interval '1 day' else interval '7 days' end)
group by c.product_id order by max(c.last_at) desc limit :limit
""")

_STORE = text("""
insert into products (seller_id, external_id, title, brand, vendor_code, photo_url, description, facts)
select :seller, r.external_id, r.title, r.brand, r.vendor_code, r.photo_url, coalesce(r.description, ''), coalesce(r.facts, '[]')
from jsonb_to_recordset(cast(:rows as jsonb)) as r(external_id text, title text, brand text, vendor_code text, photo_url text,
    description text, facts jsonb)
on conflict (seller_id, external_id) do update set title = coalesce(excluded.title, products.title),
    brand = excluded.brand, vendor_code = excluded.vendor_code, photo_url = excluded.photo_url,
    description = excluded.description, facts = excluded.facts, asked_at = now()
""")

# reads chats_by_product; held in id order, as pulls hold them
_NAME_CHATS = text("""
with nameless as materialized (
    select c.id, p.title from chats c
    join products p on p.seller_id = c.seller_id and p.external_id = c.product_id and p.title is not null
    where c.seller_id = :seller and c.product_id = any(:ids) and coalesce(c.product_title, '') = ''
    order by c.id for no key update of c)
update chats c set product_title = n.title from nameless n
where c.seller_id = :seller and c.id = any(array(select id from nameless)) and c.id = n.id
""")

_CARD = text("""
select p.external_id, p.title, p.brand, p.vendor_code, p.photo_url, p.description, p.facts from chats c
join products p on p.seller_id = c.seller_id and p.external_id = c.product_id
where c.seller_id = :seller and c.id = :chat
""")


async def card(session: AsyncSession, ref: ChatRef) -> ProductCard | None:
    """The card of the good that a conversation is about; None while it is not known."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id}
    row = (await session.execute(_CARD, values)).mappings().one_or_none()
    if row is None:
        return None
    facts = tuple((str(name), str(value)) for name, value in row["facts"])
    return ProductCard(**{**row, "facts": facts})


async def lacking(session: AsyncSession, seller_id: int, channel: str, limit: int) -> list[str]:
    """Goods of recent conversations whose card is not known, or old; the newest conversations first."""
    values = {"seller": seller_id, "channel": channel, "limit": limit}
    return list((await session.execute(_LACKING, values)).scalars())


async def store(
    session: AsyncSession, seller_id: int, asked: Sequence[str], cards: Sequence[ProductCard]
) -> None:
    """Keep the cards that came, and that the others were asked for; conversations without a title get theirs."""
    rows: dict[str, dict[str, object]] = {storable(id): {"external_id": storable(id)} for id in asked}
    for card in cards:
        rows[storable(card.external_id)] = {
            "external_id": storable(card.external_id),
            "title": _text(card.title),
            "brand": _text(card.brand),
            "vendor_code": _text(card.vendor_code),
            "photo_url": _text(card.photo_url),
            "description": storable(card.description),
            "facts": [[storable(name), storable(value)] for name, value in card.facts],
        }
    if not rows:
        return
    # in order, because two channels may know the same goods
    listed = json.dumps([rows[id] for id in sorted(rows)], ensure_ascii=False)
    await session.execute(_STORE, {"seller": seller_id, "rows": listed})
    await session.execute(_NAME_CHATS, {"seller": seller_id, "ids": list(rows)})


def _text(value: str | None) -> str | None:
    return None if value is None else storable(value)
