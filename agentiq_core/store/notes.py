"""Notes on conversations, and who is named in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.errors import NotFound, Rejected
from agentiq_core.domain.team import MentionView, NoteView, shown_name
from agentiq_core.domain.views import ChatRef

_COLUMNS = """
    n.seller_id, n.id, n.chat_id, n.operator_id, n.body, n.mentions, n.handover, n.created_at, n.edited_at,
    o.name, o.email, n.operator_id = (select operator_id()) as own
"""

# reads notes_in_order
_OF_CHAT_SQL = """
select {columns} from notes n left join operators o on o.id = n.operator_id
where n.seller_id = :seller and n.chat_id = :chat
  and (cast(:since as timestamptz) is null or n.created_at >= :since)
  and (cast(:before as timestamptz) is null or n.created_at < :before)
order by n.created_at, n.id
"""
_OF_CHAT = text(_OF_CHAT_SQL.format(columns=_COLUMNS))

_ONE_SQL = """
select {columns} from notes n left join operators o on o.id = n.operator_id
where n.seller_id = :seller and n.chat_id = :chat and n.id = :id
"""
_ONE = text(_ONE_SQL.format(columns=_COLUMNS))

_ADD = text("""
insert into notes (seller_id, chat_id, body, mentions, handover) values (:seller, :chat, :body, :mentions, :handover) returning id
""")

_EDIT = text("""
update notes set body = :body, mentions = :mentions, edited_at = clock_timestamp()
where seller_id = :seller and chat_id = :chat and id = :id and operator_id = (select operator_id())
returning id
""")

_DROP = text("""
delete from notes where seller_id = :seller and chat_id = :chat and id = :id and operator_id = (select operator_id())
returning id
""")

# one short range of mentions_pkey a seller, or of mentions_unseen
_MENTIONS = """
select {columns}, m.seen_at, c.buyer_name
from sellers s join mentions m on m.seller_id = s.id and m.operator_id = (select operator_id()) {unseen}
join notes n on n.seller_id = m.seller_id and n.id = m.note_id
join chats c on c.seller_id = n.seller_id and c.id = n.chat_id
left join operators o on o.id = n.operator_id
where cast(:before as timestamptz) is null or n.created_at < :before
order by n.created_at desc, n.id desc limit :limit
"""
_ALL_MENTIONS = text(_MENTIONS.format(columns=_COLUMNS, unseen=""))
_UNSEEN_MENTIONS = text(_MENTIONS.format(columns=_COLUMNS, unseen="and m.seen_at is null"))

_SEEN = text("""
update mentions m set seen_at = clock_timestamp() from notes n
where m.seller_id = :seller and n.seller_id = m.seller_id and n.id = m.note_id and n.chat_id = :chat
  and m.operator_id = (select operator_id()) and m.seen_at is null
returning m.note_id
""")


async def of_chat(
    session: AsyncSession, ref: ChatRef, since: datetime | None = None, before: datetime | None = None
) -> tuple[NoteView, ...]:
    """The notes of a conversation, oldest first; of a stretch of time, where one is given."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "since": since, "before": before}
    return tuple(_note(row) for row in (await session.execute(_OF_CHAT, values)).mappings())


async def add(
    session: AsyncSession, ref: ChatRef, body: str, mentions: Iterable[int], *, handover: bool = False
) -> NoteView:
    """Write a note; the database signs it. Raises `NotFound`, `Forbidden`, `Rejected` for who does not work there."""
    values = _named(ref) | {"body": body, "mentions": sorted(set(mentions)), "handover": handover}
    if not await session.scalar(
        text("select true from chats where seller_id = :seller and id = :chat"), _named(ref)
    ):
        raise NotFound(f"there is no conversation {ref.chat_id}", chat=ref.chat_id)
    note_id = await session.scalar(_ADD, values)
    return await one(session, ref, int(note_id or 0))


async def edit(
    session: AsyncSession, ref: ChatRef, note_id: int, body: str, mentions: Iterable[int]
) -> NoteView:
    """Change a note of one's own. Raises `NotFound`, `Rejected` for a colleague's."""
    values = _named(ref) | {"id": note_id, "body": body, "mentions": sorted(set(mentions))}
    if await session.scalar(_EDIT, values) is None:
        await _refuse(session, ref, note_id)
    return await one(session, ref, note_id)


async def drop(session: AsyncSession, ref: ChatRef, note_id: int) -> None:
    """Delete a note of one's own. Raises `NotFound`, `Rejected` for a colleague's."""
    if await session.scalar(_DROP, _named(ref) | {"id": note_id}) is None:
        await _refuse(session, ref, note_id)


async def one(session: AsyncSession, ref: ChatRef, note_id: int) -> NoteView:
    """One note. Raises `NotFound`."""
    row = (await session.execute(_ONE, _named(ref) | {"id": note_id})).mappings().first()
    if row is None:
        raise NotFound(f"there is no note {note_id}", note=note_id)
    return _note(row)


async def mentions(
    session: AsyncSession, *, unseen: bool, before: datetime | None, limit: int
) -> tuple[MentionView, ...]:
    """Notes that name the asking operator, newest first, written before `before`."""
    rows = await session.execute(
        _UNSEEN_MENTIONS if unseen else _ALL_MENTIONS, {"before": before, "limit": limit}
    )
    return tuple(
        MentionView(note=_note(row), buyer_name=row["buyer_name"], seen_at=row["seen_at"])
        for row in rows.mappings()
    )


async def seen(session: AsyncSession, ref: ChatRef) -> int:
    """The asking operator has seen what names them in this conversation; how many notes that were."""
    return len((await session.execute(_SEEN, _named(ref))).all())


async def _refuse(session: AsyncSession, ref: ChatRef, note_id: int) -> None:
    await one(session, ref, note_id)
    raise Rejected("a note is its writer's")


def _named(ref: ChatRef) -> dict[str, Any]:
    return {"seller": ref.seller_id, "chat": ref.chat_id}


def _note(row: Any) -> NoteView:
    return NoteView(
        id=row["id"],
        ref=ChatRef(row["seller_id"], row["chat_id"]),
        operator_id=row["operator_id"],
        author=shown_name(row["name"] or "", row["email"] or "?"),
        text=row["body"],
        created_at=row["created_at"],
        mentions=tuple(row["mentions"]),
        handover=row["handover"],
        edited_at=row["edited_at"],
        own=bool(row["own"]),
    )
