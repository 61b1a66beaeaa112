"""Guardrail rules of a seller's own, the replies that a change of them is tried on, and the suggestions that it stops."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# reads guard_rules_pkey; the rules come along only where they are not those of `known`
_GET = text("""
select revision, case when revision is distinct from cast(:known as text) then rules end as rules
from guard_rules where seller_id = :seller
""")

_PUT = text("""
insert into guard_rules (seller_id, rules) values (:seller, cast(:rules as jsonb))
on conflict (seller_id) do update set rules = excluded.rules
""")

_DROP = text("delete from guard_rules where seller_id = :seller returning seller_id")

# reads chats_by_last, then messages_in_order backwards: one reply of each conversation
_REPLIES = text("""
select c.id, c.channel, m.sent_at, m.body
from (select id, channel from chats where seller_id = :seller and last_at is not null
      order by last_at desc, id desc limit :chats) c
cross join lateral (
    select sent_at, body from messages where seller_id = :seller and chat_id = c.id and author = 'seller'
        and origin in ('api', 'cabinet', 'untold') and body <> ''
    order by sent_at desc, external_id desc limit 1) m
order by m.sent_at desc, c.id limit :limit
""")

# reads chats_by_deadline and suggestions_once
_SUGGESTED = text("""
select c.id, c.channel, g.body from chats c
join suggestions g on g.seller_id = c.seller_id and g.chat_id = c.id and g.asked = c.asked
where c.seller_id = :seller and c.queue is not null and c.id > :after and c.suggested_for = c.asked
order by c.id limit :limit
""")

_WITHOUT = text("update chats set suggested_for = null where seller_id = :seller and id = any(:chats)")


@dataclass(frozen=True, slots=True)
class StoredRules:
    """A seller's rules as they were written. `rules` is None where they are those that are known already."""

    revision: str
    rules: Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class SentReply:
    """A reply that a buyer has."""

    chat_id: int
    channel: str
    sent_at: datetime
    text: str


async def get(session: AsyncSession, seller_id: int, known: str | None = None) -> StoredRules | None:
    """A seller's own rules, if it has any; without them where their revision is the known one."""
    row = (await session.execute(_GET, {"seller": seller_id, "known": known})).first()
    return None if row is None else StoredRules(row.revision, row.rules)


async def put(session: AsyncSession, seller_id: int, rules: Sequence[Mapping[str, Any]]) -> None:
    """Give a seller these rules instead of any it had. Raises `Forbidden` unless an admin asks."""
    await session.execute(_PUT, {"seller": seller_id, "rules": json.dumps(list(rules), ensure_ascii=False)})


async def drop(session: AsyncSession, seller_id: int) -> bool:
    """A seller has no rules of its own any more; whether it had some that may be dropped here."""
    return (await session.execute(_DROP, {"seller": seller_id})).first() is not None


async def last_replies(session: AsyncSession, seller_id: int, limit: int) -> list[SentReply]:
    """The newest reply of each of the conversations that were busy last, at most `limit`."""
    values = {"seller": seller_id, "limit": limit, "chats": 4 * limit}
    return [SentReply(*row) for row in await session.execute(_REPLIES, values)]


async def suggested(
    session: AsyncSession, seller_id: int, after: int = 0, limit: int = 500
) -> list[tuple[int, str, str]]:
    """Suggestions on offer behind conversation `after`: its number, its channel and the text."""
    values = {"seller": seller_id, "after": after, "limit": limit}
    return [(row[0], row[1], row[2]) for row in await session.execute(_SUGGESTED, values)]


async def without_suggestion(session: AsyncSession, seller_id: int, chats: Sequence[int]) -> None:
    """The suggestions of these conversations are to be written anew."""
    await session.execute(_WITHOUT, {"seller": seller_id, "chats": list(chats)})
