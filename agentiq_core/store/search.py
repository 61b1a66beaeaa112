"""The search index in SQL: what waits to be put into it, the words of messages, and finding them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.messages import Author
from agentiq_core.domain.search import SearchKey
from agentiq_core.domain.views import ChatRef, MessageKey
from agentiq_core.language.search import Question
from agentiq_core.store.messages import storable

# a table that is empty but for what has just come
_CLAIM = text("""
update search_pending p set claimed_until = now() + make_interval(secs => :lease)
from (select seller_id, chat_id from search_pending where claimed_until < now()
    order by seller_id, chat_id limit :limit for update skip locked) due
where p.seller_id = due.seller_id and p.chat_id = due.chat_id
returning p.seller_id, p.chat_id, p.mark
""")

# a message that came meanwhile raised the mark: its conversation waits on; one that is raised just now is not waited for,
# its lease ends by itself
_DONE = text("""
delete from search_pending p using (
    select q.seller_id, q.chat_id from search_pending q
    join jsonb_to_recordset(cast(:rows as jsonb)) as r(seller_id bigint, chat_id bigint, mark bigint)
      on q.seller_id = r.seller_id and q.chat_id = r.chat_id and q.mark = r.mark for update of q skip locked) h
where p.seller_id = h.seller_id and p.chat_id = h.chat_id
""")
_GIVE_BACK = text("""
update search_pending p set claimed_until = '-infinity' from (
    select q.seller_id, q.chat_id from search_pending q
    join jsonb_to_recordset(cast(:rows as jsonb)) as r(seller_id bigint, chat_id bigint)
      on q.seller_id = r.seller_id and q.chat_id = r.chat_id for update of q skip locked) h
where p.seller_id = h.seller_id and p.chat_id = h.chat_id
""")
_BEHIND = text("select exists (select from search_pending)")

# reads messages_in_order and the key of search_index
_MISSING = text("""
select m.seller_id, m.chat_id, m.external_id, m.sent_at, m.body, m.attachments, m.edited_at
from unnest(cast(:sellers as bigint[]), cast(:chats as bigint[])) as w(seller_id, id)
join messages m on m.seller_id = w.seller_id and m.chat_id = w.id
left join search_index i on i.seller_id = m.seller_id and i.chat_id = m.chat_id and i.message_id = m.external_id
where i.seller_id is null or m.edited_at is distinct from i.edited_at
order by m.seller_id, m.chat_id, m.external_id limit :limit
""")
_ABOUT = text("""
select c.seller_id, c.id, c.buyer_name, c.product_title, c.product_id, c.order_id, c.external_id, c.size, c.last_at
from chats c join unnest(cast(:sellers as bigint[]), cast(:chats as bigint[])) as w(seller_id, id)
  on w.seller_id = c.seller_id and w.id = c.id
""")
_PUT = text("""
insert into search_index (seller_id, chat_id, message_id, sent_at, words, edited_at)
select r.seller_id, r.chat_id, r.message_id, r.sent_at,
    array_to_tsvector(array(select jsonb_array_elements_text(r.words))), r.edited_at
from jsonb_to_recordset(cast(:rows as jsonb)) as r(seller_id bigint, chat_id bigint, message_id text, sent_at timestamptz, words jsonb,
    edited_at timestamptz)
on conflict (seller_id, chat_id, message_id) do update set sent_at = excluded.sent_at, words = excluded.words, edited_at = excluded.edited_at
    where (search_index.sent_at, search_index.words, search_index.edited_at) is distinct from (excluded.sent_at, excluded.words, excluded.edited_at)
""")
_LEARN = text("""
insert into search_words (seller_id, word)
select r.seller_id, r.word from jsonb_to_recordset(cast(:rows as jsonb)) as r(seller_id bigint, word text)
order by 1, 2 on conflict do nothing
""")

_FIND = text("""
select seller_id, chat_id, message_id, sent_at from find_words(:wanted, :sellers, :at, :chat, :message, :limit)
order by sent_at desc, chat_id desc, message_id desc limit :limit
""")
_FOUND = text("""
select c.seller_id, c.id, s.marketplace, s.name as seller_name, c.channel, c.stars, c.buyer_name,
    coalesce(c.product_title, nullif(c.product_id, '')) as product, c.order_id, c.needs_reply, c.last_at,
    m.external_id as message_id, m.author, m.sent_at, m.body
from unnest(cast(:sellers as bigint[]), cast(:chats as bigint[]), cast(:messages as text[])) as w(seller_id, chat_id, message_id)
join chats c on c.seller_id = w.seller_id and c.id = w.chat_id
join sellers s on s.id = c.seller_id
left join messages m on m.seller_id = w.seller_id and m.chat_id = w.chat_id and m.external_id = w.message_id
""")
# reads the key of search_words
_VOCABULARY = text("""
select distinct word from search_words
where (cast(:sellers as bigint[]) is null or seller_id = any(:sellers)) and word >= :first and word < :behind
  and length(word) between :least and :most limit :limit
""")
MOST_WORDS = 20_000
"""How many words of a seller are looked through for one that was meant."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A conversation that waits to be indexed, claimed by this worker."""

    ref: ChatRef
    mark: int


@dataclass(frozen=True, slots=True)
class Unindexed:
    """A text that is to be found by its words; `message_id` is "" for what is known of the conversation itself."""

    ref: ChatRef
    message_id: str
    sent_at: datetime
    text: str
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A message with the words, before anybody has looked at its text."""

    ref: ChatRef
    key: SearchKey


@dataclass(frozen=True, slots=True)
class FoundText:
    """A find with what a screen needs of it. `body` is None when the conversation itself was found."""

    ref: ChatRef
    marketplace: str
    seller_name: str
    channel: str
    stars: int | None
    buyer_name: str | None
    product: str | None
    order_id: str | None
    needs_reply: bool
    last_at: datetime | None
    message: MessageKey | None
    author: Author | None
    body: str | None


async def claim(session: AsyncSession, limit: int, lease: float) -> list[Pending]:
    """Take conversations that wait, for `lease` seconds."""
    rows = await session.execute(_CLAIM, {"limit": limit, "lease": lease})
    return [Pending(ChatRef(row[0], row[1]), row[2]) for row in rows]


async def missing(session: AsyncSession, refs: Sequence[ChatRef], limit: int) -> list[Unindexed]:
    """Messages of these conversations that the index lacks, in order of conversations, at most `limit`."""
    rows = await session.execute(_MISSING, {**_arrays(refs), "limit": limit})
    return [
        Unindexed(ChatRef(row[0], row[1]), row[2], row[3], "\n".join((row[4], *_names(row[5]))), row[6])
        for row in rows
    ]


async def about(session: AsyncSession, refs: Sequence[ChatRef]) -> list[Unindexed]:
    """What is known of these conversations: buyer, good, order."""
    found = []
    for row in (await session.execute(_ABOUT, _arrays(refs))).mappings():
        if row["last_at"] is not None:
            names = ("buyer_name", "product_title", "product_id", "order_id", "external_id", "size")
            known = "\n".join(row[name] for name in names if row[name])
            found.append(Unindexed(ChatRef(row["seller_id"], row["id"]), "", row["last_at"], known))
    return found


async def put(session: AsyncSession, indexed: Collection[tuple[Unindexed, frozenset[str]]]) -> None:
    """Keep the words of these texts."""
    if not indexed:
        return
    # long texts have a hundred thousand words: off the event loop, so that a key press is never behind them
    rows, learned = await asyncio.to_thread(_written, indexed)
    await session.execute(_PUT, {"rows": rows})
    await session.execute(_LEARN, {"rows": learned})


async def done(session: AsyncSession, settled: Sequence[Pending], rest: Sequence[Pending]) -> None:
    """`settled` wait no more, unless something came meanwhile; `rest` may be taken by anybody."""
    if settled:
        await session.execute(_DONE, {"rows": _marks(settled)})
    if rest:
        await session.execute(_GIVE_BACK, {"rows": _marks(rest)})


async def behind(session: AsyncSession) -> bool:
    """Whether anything waits to be indexed."""
    return bool((await session.execute(_BEHIND)).scalar_one())


async def find(
    session: AsyncSession,
    asked: Question,
    sellers: Sequence[int] | None,
    after: SearchKey | None,
    limit: int,
) -> list[Found]:
    """Messages with every word of a question, newest first. `sellers` None: all that may be seen."""
    values = {
        "wanted": tsquery(asked),
        "sellers": None if sellers is None else list(sellers),
        "at": after.at if after else datetime.max.replace(tzinfo=UTC),
        "chat": after.chat_id if after else 0,
        "message": after.message_id if after else "",
        "limit": limit,
    }
    return [
        Found(ChatRef(row[0], row[1]), SearchKey(row[3], row[1], row[2]))
        for row in await session.execute(_FIND, values)
    ]


async def texts(session: AsyncSession, found: Sequence[Found]) -> dict[tuple[ChatRef, str], FoundText]:
    """What the finds say, by conversation and message."""
    refs = [one.ref for one in found]
    values = {**_arrays(refs), "messages": [one.key.message_id for one in found]}
    by_key = {}
    for row in (await session.execute(_FOUND, values)).mappings():
        ref, message_id = ChatRef(row["seller_id"], row["id"]), row["message_id"]
        by_key[ref, message_id or ""] = FoundText(
            ref=ref,
            marketplace=row["marketplace"],
            seller_name=row["seller_name"],
            channel=row["channel"],
            stars=row["stars"],
            buyer_name=row["buyer_name"],
            product=row["product"],
            order_id=row["order_id"],
            needs_reply=row["needs_reply"],
            last_at=row["last_at"],
            message=MessageKey(row["sent_at"], message_id) if message_id else None,
            author=Author(row["author"]) if row["author"] else None,
            body=row["body"],
        )
    return by_key


async def vocabulary(session: AsyncSession, sellers: Sequence[int] | None, word: str) -> list[str]:
    """Known words of about the length and with the first letter of one."""
    values = {
        "sellers": None if sellers is None else list(sellers),
        "first": word[0],
        "behind": chr(ord(word[0]) + 1),
        "least": len(word) - 2,
        "most": len(word) + 2,
        "limit": MOST_WORDS,
    }
    return list((await session.execute(_VOCABULARY, values)).scalars())


def tsquery(asked: Question) -> str:
    """A question as Postgres reads it; every word is quoted, so that nothing of it is an operator."""
    terms = []
    for term in asked.terms:
        words = [_lexeme(word) for word in sorted(term.words)]
        if term.beginning:
            words.append(f"{_lexeme(term.beginning)}:*")
        terms.append(f"({' | '.join(words)})")
    return " & ".join(terms)


def _written(indexed: Iterable[tuple[Unindexed, frozenset[str]]]) -> tuple[str, str]:
    """The rows of texts and those of their words. Each is written alone: one long call would hold the other threads up too."""
    rows, learned = [], set[tuple[int, str]]()
    for one, words in indexed:
        kept = sorted(storable(word) for word in words)
        rows.append(
            json.dumps(
                {
                    "seller_id": one.ref.seller_id,
                    "chat_id": one.ref.chat_id,
                    "message_id": one.message_id,
                    "sent_at": one.sent_at.isoformat(),
                    "words": kept,
                    "edited_at": one.edited_at and one.edited_at.isoformat(),
                },
                ensure_ascii=False,
            )
        )
        learned |= {(one.ref.seller_id, word) for word in kept if word.isalpha()}
    words_of = (
        json.dumps({"seller_id": seller, "word": word}, ensure_ascii=False) for seller, word in learned
    )
    return f"[{','.join(rows)}]", f"[{','.join(words_of)}]"


def _lexeme(word: str) -> str:
    escaped = storable(word).replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _arrays(refs: Sequence[ChatRef]) -> dict[str, list[int]]:
    return {"sellers": [ref.seller_id for ref in refs], "chats": [ref.chat_id for ref in refs]}


def _marks(pending: Sequence[Pending]) -> str:
    return json.dumps(
        [
            {"seller_id": one.ref.seller_id, "chat_id": one.ref.chat_id, "mark": one.mark}
            for one in sorted(pending, key=lambda one: one.ref)
        ]
    )


def _names(attachments: Any) -> list[str]:
    return [str(one["name"]) for one in attachments or () if one.get("name")]
