"""Drafts: what operators type, a row for each person and field. What was typed elsewhere meanwhile is never overwritten."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.drafts import REPLY, DraftKey, DraftView, LeftDraft
from agentiq_core.domain.team import shown_name
from agentiq_core.domain.views import ChatRef
from agentiq_core.store.messages import storable

_READ = text("""
select body, other from drafts
where seller_id = :seller and chat_id = :chat and operator_id = (select operator_id()) and field = :field
""")

# what stands there and is neither known to the writer nor a part of the new text is kept beside it
_SAVE = text("""
insert into drafts (seller_id, chat_id, field, body) values (:seller, :chat, :field, :body)
on conflict (seller_id, chat_id, operator_id, field) do update set body = :body, updated_at = now(), other = concat_ws(E'\\n\\n',
    case when position(drafts.other in cast(:body as text)) = 0 then drafts.other end,
    case when drafts.body <> all(cast(:known as text[])) and position(btrim(drafts.body, E' \\n\\t\\r') in cast(:body as text)) = 0
        then drafts.body end)
returning other
""")

# the last keys of what was sent may not have been saved yet; what was begun elsewhere is no beginning of it
_SENT = text("""
update drafts set body = '', other = case when position(other in :body) = 0 then other else '' end
where seller_id = :seller and chat_id = :chat and operator_id = (select operator_id()) and field = 'reply'
    and starts_with(:body, btrim(body, E' \\n\\t\\r'))
""")

_TIDY = text("""
delete from drafts
where seller_id = :seller and chat_id = :chat and operator_id = (select operator_id()) and field = :field
    and body = '' and other = ''
""")

_LEFT = text("""
select d.operator_id, o.name, o.email, concat_ws(E'\\n\\n', nullif(d.body, ''), nullif(d.other, '')) as words
from drafts d join chats c on c.seller_id = d.seller_id and c.id = d.chat_id
left join operators o on o.id = d.operator_id
where d.seller_id = :seller and d.chat_id = :chat and d.field = 'reply' and d.operator_id <> (select operator_id())
    and c.assignee = (select operator_id())
order by d.updated_at desc, d.operator_id limit 1
""")

_TAKE = text("""
delete from drafts
where seller_id = :seller and chat_id = :chat and operator_id = :operator and field = 'reply'
    and concat_ws(E'\\n\\n', nullif(body, ''), nullif(other, '')) = :words
""")


async def read(session: AsyncSession, key: DraftKey) -> DraftView:
    """What the asking operator has typed in this field."""
    row = (await session.execute(_READ, _named(key))).first()
    return DraftView() if row is None else DraftView(row.body, row.other)


async def save(session: AsyncSession, key: DraftKey, body: str, known: Collection[str]) -> DraftView:
    """Keep what was typed; an empty text drops it. `known` are the texts that the writer has seen or saved there: another one
    is kept beside this, unless it is a part of it. Raises `Forbidden` for a viewer."""
    values = _named(key) | {"body": storable(body), "known": [storable(one) for one in known]}
    other = await session.scalar(_SAVE, values)
    if not body:
        await session.execute(_TIDY, _named(key))
    return DraftView(body, other or "")


async def drop_sent(session: AsyncSession, ref: ChatRef, body: str) -> None:
    """This was sent: the draft that it was written in goes; what the same operator has typed elsewhere meanwhile stays."""
    key = _named(DraftKey(ref, REPLY))
    await session.execute(_SENT, key | {"body": storable(body).strip()})
    await session.execute(_TIDY, key)


async def left(session: AsyncSession, ref: ChatRef) -> LeftDraft | None:
    """What a colleague began there last, if the conversation is the asking operator's."""
    row = (await session.execute(_LEFT, {"seller": ref.seller_id, "chat": ref.chat_id})).first()
    if row is None:
        return None
    return LeftDraft(row.operator_id, shown_name(row.name or "", row.email or "?"), row.words)


async def take(session: AsyncSession, ref: ChatRef, taken: LeftDraft) -> None:
    """The asking operator, whose conversation it is, goes on with this; what the colleague has typed since stays."""
    values = {"operator": taken.operator_id, "words": storable(taken.text)}
    await session.execute(_TAKE, {"seller": ref.seller_id, "chat": ref.chat_id} | values)


def _named(key: DraftKey) -> dict[str, Any]:
    return {"seller": key.ref.seller_id, "chat": key.ref.chat_id, "field": key.field}
