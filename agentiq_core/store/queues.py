"""The queues as read models: one indexed query a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.chats import ChatStatus, Priority, Queue
from agentiq_core.domain.filters import EVERYTHING, QueueFilter
from agentiq_core.domain.messages import Author
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.team import FilteredCount, shown_name
from agentiq_core.domain.views import (
    ChannelStatus,
    ChatRef,
    Overview,
    QueueKey,
    QueuePage,
    QueueRow,
    SellerState,
    SellerStatus,
)
from agentiq_core.store.narrowing import shape_of

# the lines of conversations named in `keys`: only these are looked up
_ROWS = """
select c.seller_id, c.id, k.marketplace, k.seller_name, c.buyer_name,
       coalesce(c.product_title, nullif(c.product_id, '')) as product, c.preview, c.last_author, c.last_at, c.status,
       c.priority, c.needs_reply, c.due_at, c.unread, c.channel, c.stars, case when c.closes_hard then c.closes_at end as closes_at,
       c.tags, c.assignee, a.name as assignee_name, a.email as assignee_email, c.snoozed_until, c.notes, c.queue, c.waiting_since,
       o.state as outbox
from (<keys>) k
cross join lateral (select * from chats c where c.seller_id = k.seller_id and c.id = k.id limit 1) c
left join operators a on a.id = c.assignee
left join lateral (
    select o.state from outbox o where o.seller_id = c.seller_id and o.chat_id = c.id and o.state <> 'cancelled'
    order by case o.state when 'needs_operator' then 0 when 'failed' then 1 when 'unknown' then 2 when 'sending' then 3
        when 'queued' then 4 else 5 end, o.id desc limit 1) o on true
<order>
"""
# one short index range a seller, merged: the page costs the same however many conversations there are. The index alone
# says which they are
_PAGE = _ROWS.replace(
    "<keys>",
    """
    select k.seller_id, k.id, s.marketplace, s.name as seller_name from {sellers}
    cross join lateral (
        select c.seller_id, c.id, c.{column} as at from {chats} where c.seller_id = s.id and {where} order by {walk} limit :limit) k
    order by k.at {direction}, k.id {direction} limit :limit""",
).replace("<order>", "order by {order}")
# reads the keys of chats and sellers
_NAMED = text(
    _ROWS.replace(
        "<keys>",
        """
    select w.seller_id, w.id, s.marketplace, s.name as seller_name
    from unnest(cast(:sellers as bigint[]), cast(:chats as bigint[])) as w(seller_id, id) join sellers s on s.id = w.seller_id""",
    ).replace("<order>", "")
)
_REFS = """
select c.seller_id, c.id, c.at from {sellers}
cross join lateral (
    select c.seller_id, c.id, c.{column} as at from {chats} where c.seller_id = s.id and {where} order by {walk} limit :limit) c
order by c.at {direction}, c.id {direction} limit :limit
"""
_STANDS = text("select queue, due_at, snoozed_until from chats where seller_id = :seller and id = :chat")
_COUNT = """
select count(*) from (
    select 1 from {sellers} cross join lateral (select 1 from {chats} where c.seller_id = s.id and {where} limit :limit) c limit :limit) c
"""


# No number is counted: `counters` keeps them, and its policy leaves everybody's rows and the own ones. Reads the keys of counters and
# sync_state, each once: a look at a table costs a check of the token, and one for each seller a list of all.
_OVERVIEW = text("""
select s.id, s.name, s.marketplace, s.state, s.reason, s.detail, (feeds.first).complete_at, (feeds.first).due_at, (feeds.first).begins_at,
       (feeds.first).read_from, feeds.trouble, feeds.detail as sync_detail, feeds.pages, feeds.messages, feeds.oldest_at, feeds.syncing,
       feeds.channels, k.slow, k.expires_at, kept.*
from sellers s
left join (
    select o.seller_id, (array_agg(o order by o.channel <> 'chat', o.channel))[1] as first,
           sum(o.pages)::bigint as pages, sum(o.messages)::bigint as messages, min(o.oldest_at) as oldest_at,
           bool_or(o.lease_until > clock_timestamp()) as syncing,
           (array_agg(o.trouble order by o.channel <> 'chat', o.channel) filter (where o.trouble is not null))[1] as trouble,
           (array_agg(o.detail order by o.channel <> 'chat', o.channel) filter (where o.trouble is not null))[1] as detail,
           jsonb_agg(jsonb_build_object('channel', o.channel, 'at', o.complete_at, 'trouble', o.trouble, 'detail', o.detail)
               order by o.channel <> 'chat', o.channel) as channels
    from sync_state o group by o.seller_id) feeds on feeds.seller_id = s.id
left join (
    select c.seller_id, sum(c.work) as work, sum(c.waiting) as waiting, sum(c.every) as every, sum(c.snoozed) as snoozed,
           sum(c.unsent) as unsent, sum(c.look) as look, sum(c.quarantined) as quarantined, sum(c.mine) as mine,
           sum(c.mentions) as mentions
    from counters c group by c.seller_id) kept on kept.seller_id = s.id
left join seller_credentials k on k.seller_id = s.id
order by s.id
""")
_KEPT = ("work", "waiting", "every", "snoozed", "unsent", "look", "mine", "mentions")
"""The numbers that are told of all sellers together."""


async def page(
    session: AsyncSession,
    queue: Queue,
    after: QueueKey | None,
    limit: int,
    narrowed: QueueFilter = EVERYTHING,
) -> QueuePage:
    """A run of a queue behind `after`, in its order, of what the filter lets through."""
    shape = shape_of(queue, narrowed)
    values = shape.values | _place(after) | {"limit": limit + 1}
    statement = shape.statement(_PAGE, after is not None)
    result = (await session.execute(statement, values)).mappings().all()
    rows = tuple(_row(row) for row in result[:limit])
    if len(result) <= limit:
        return QueuePage(rows, None)
    last = result[limit - 1]
    return QueuePage(rows, QueueKey(last[shape.column], last["id"]))


async def rows(session: AsyncSession, refs: Sequence[ChatRef]) -> list[QueueRow]:
    """The lines of these conversations as they are now, wherever they stand; what is gone is left out."""
    values = {"sellers": [ref.seller_id for ref in refs], "chats": [ref.chat_id for ref in refs]}
    return [_row(row) for row in (await session.execute(_NAMED, values)).mappings()]


async def refs(
    session: AsyncSession, queue: Queue, after: QueueKey | None, limit: int, narrowed: QueueFilter
) -> tuple[list[ChatRef], QueueKey | None]:
    """The same run as bare names, for what is done to all of it; and where the next one begins."""
    shape = shape_of(queue, narrowed)
    values = shape.values | _place(after) | {"limit": limit + 1}
    rows = (await session.execute(shape.statement(_REFS, after is not None), values)).all()
    found = [ChatRef(row.seller_id, row.id) for row in rows[:limit]]
    return found, QueueKey(rows[limit - 1].at, rows[limit - 1].id) if len(rows) > limit else None


async def next_waiting(
    session: AsyncSession, current: ChatRef | None, narrowed: QueueFilter
) -> tuple[Queue, ChatRef] | None:
    """Who waits for a reply behind this conversation, by deadline: the work queue before the waiting one, round and round.

    From the top where that one waits in none of them. None where nobody else waits. As two pages of one line, however deep.
    """
    stands, at = await _stands(session, current, narrowed)
    queues = [Queue.WORK] if narrowed.snoozed else [Queue.WORK, Queue.WAITING]
    begin = queues.index(stands) if stands in queues and at is not None else None
    runs: list[tuple[Queue, QueueKey | None]] = [(queue, None) for queue in queues]
    if begin is not None:
        # what is left of its own queue, then the others, and its own from the top
        runs = [(queues[begin], at), *runs[begin + 1 :], *runs[: begin + 1]]
    for queue, after in runs:
        # itself may stand at the top of its own
        some, _after = await refs(session, queue, after, 2, narrowed)
        for ref in some:
            if ref != current:
                return queue, ref
    return None


async def _stands(
    session: AsyncSession, ref: ChatRef | None, narrowed: QueueFilter
) -> tuple[Queue | None, QueueKey | None]:
    """The queue a conversation waits in, and its place there."""
    if ref is None:
        return None, None
    row = (await session.execute(_STANDS, {"seller": ref.seller_id, "chat": ref.chat_id})).first()
    if row is None:
        return None, None
    if narrowed.snoozed:
        return Queue.WORK, QueueKey(row.snoozed_until, ref.chat_id) if row.snoozed_until else None
    return (
        Queue(row.queue) if row.queue else None,
        QueueKey(row.due_at, ref.chat_id) if row.due_at else None,
    )


async def count(session: AsyncSession, queue: Queue, narrowed: QueueFilter, limit: int) -> FilteredCount:
    """How many conversations of a queue the filter lets through, counted no further than `limit`."""
    shape = shape_of(queue, narrowed)
    found = await session.scalar(shape.statement(_COUNT, False), shape.values | {"limit": limit + 1})
    return FilteredCount(min(int(found or 0), limit), int(found or 0) > limit)


def _place(after: QueueKey | None) -> dict[str, Any]:
    return {} if after is None else {"after_at": after.at, "after_id": after.chat_id}


async def overview(session: AsyncSession) -> Overview:
    """The kept numbers, the operator's own among them, and the state of every seller's line, of one moment."""
    rows = (await session.execute(_OVERVIEW)).mappings().all()
    kept = {name: sum(row[name] or 0 for row in rows) for name in _KEPT}
    return Overview(
        counts={Queue.WORK: kept["work"], Queue.WAITING: kept["waiting"], Queue.ALL: kept["every"]},
        sellers=tuple(_seller(row) for row in rows),
        unsent=kept["unsent"],
        need_a_look=kept["look"],
        snoozed=kept["snoozed"],
        mine=kept["mine"],
        mentions=kept["mentions"],
    )


def _row(row: Any) -> QueueRow:
    return QueueRow(
        ref=ChatRef(row["seller_id"], row["id"]),
        marketplace=row["marketplace"],
        seller_name=row["seller_name"],
        buyer_name=row["buyer_name"],
        product=row["product"],
        preview=row["preview"],
        last_author=Author(row["last_author"]) if row["last_author"] else None,
        last_at=row["last_at"],
        status=ChatStatus(row["status"]),
        priority=Priority(row["priority"]),
        needs_reply=row["needs_reply"],
        due_at=row["due_at"],
        unread=row["unread"],
        outbox=OutboxState(row["outbox"]) if row["outbox"] else None,
        channel=row["channel"],
        stars=row["stars"],
        closes_at=row["closes_at"],
        tags=tuple(row["tags"]),
        assignee=row["assignee"],
        assignee_name=shown_name(row["assignee_name"], row["assignee_email"])
        if row["assignee_email"]
        else None,
        snoozed_until=row["snoozed_until"],
        notes=row["notes"],
        queue=Queue(row["queue"]) if row["queue"] else None,
        waiting_since=row["waiting_since"],
    )


def _seller(row: Any) -> SellerStatus:
    return SellerStatus(
        seller_id=row["id"],
        name=row["name"],
        marketplace=row["marketplace"],
        state=SellerState(row["state"]),
        last_sync_at=row["complete_at"],
        next_sync_at=row["due_at"],
        trouble=row["reason"] or row["trouble"],
        trouble_detail=row["detail"] or row["sync_detail"] or "",
        slow=bool(row["slow"]),
        pages=row["pages"] or 0,
        messages=row["messages"] or 0,
        quarantined=row["quarantined"] or 0,
        syncing=bool(row["syncing"]),
        oldest_at=row["oldest_at"],
        key_expires_at=row["expires_at"],
        begins_at=row["begins_at"],
        read_from=row["read_from"],
        channels=tuple(_channel(one) for one in row["channels"] or ()),
    )


def _channel(one: dict[str, Any]) -> ChannelStatus:
    at = one["at"]
    return ChannelStatus(
        channel=one["channel"],
        last_sync_at=None if at is None else datetime.fromisoformat(at),
        trouble=one["trouble"],
        trouble_detail=one["detail"] or "",
    )
