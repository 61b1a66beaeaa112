"""Whose a conversation is: given, claimed for a while, shared out among those who are here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.sharing import Candidate, Given
from agentiq_core.domain.team import AssignmentMode, AssignmentRule
from agentiq_core.store.messages import as_json

# A colleague's stays a colleague's, as the trigger has it: here it is passed over instead of refused, so that one of many
# does not undo the rest. Held in id order.
_ASSIGN = text("""
with held as materialized (
    select c.seller_id, c.id, c.assignee, c.claimed_until from chats c
    where c.seller_id = :seller and c.id = any(:ids) order by c.id for no key update),
free as materialized (
    select h.seller_id, h.id from held h
    where h.assignee is null or h.assignee = (select operator_id()) or :seller = any((select my_sellers(3))::bigint[])
        or h.claimed_until <= clock_timestamp() or not works_for(h.assignee, h.seller_id)),
changed as (
    update chats c set assignee = cast(:to as bigint), assigned_at = clock_timestamp(), assigned_by = :by,
        claimed_until = clock_timestamp() + make_interval(mins => cast(:minutes as integer))
    from free f where c.seller_id = f.seller_id and c.id = f.id
        and (c.assignee is distinct from :to or c.claimed_until is not null or cast(:minutes as integer) is not null)
    returning c.id)
select h.id, h.id in (select id from free) as free, h.id in (select id from changed) as changed from held h
""")

# reads chats_claimed
_EXPIRE = text("""
with over as materialized (
    select c.seller_id, c.id from sellers s join chats c on c.seller_id = s.id and c.claimed_until <= clock_timestamp()
    for no key update of c skip locked)
update chats c set assignee = null, claimed_until = null, assigned_at = clock_timestamp(), assigned_by = 'expiry'
from over o where c.seller_id = o.seller_id and c.id = o.id
returning c.seller_id, c.id
""")

_RULE = text("select mode, claim_minutes from assignment where seller_id = :seller")
_SET_RULE = text("""
insert into assignment (seller_id, mode, claim_minutes) values (:seller, :mode, :minutes)
on conflict (seller_id) do update set mode = excluded.mode, claim_minutes = excluded.claim_minutes
""")

# reads chats_unassigned; what somebody laid down by hand is left until the buyer writes again
_UNASSIGNED = """
c.queue is not null and c.assignee is null and (c.assigned_by is distinct from 'person' or c.assigned_at < c.waiting_since)
"""
_SELLERS_WITH_WORK_SQL = """
select a.seller_id from assignment a
where a.mode <> 'manual' and exists (select from chats c where c.seller_id = a.seller_id and {unassigned})
"""
_SELLERS_WITH_WORK = text(_SELLERS_WITH_WORK_SQL.format(unassigned=_UNASSIGNED))
_TAKE_UNASSIGNED_SQL = """
select c.id from chats c where c.seller_id = :seller and {unassigned}
order by c.queue desc, c.due_at, c.id limit :limit for no key update skip locked
"""
_TAKE_UNASSIGNED = text(_TAKE_UNASSIGNED_SQL.format(unassigned=_UNASSIGNED))

_LAST_TURN = text("""
insert into assignment_turns (seller_id, operator_id) values (:seller, 0)
on conflict (seller_id) do update set operator_id = assignment_turns.operator_id returning operator_id
""")
_NEXT_TURN = text("update assignment_turns set operator_id = :operator where seller_id = :seller")

# reads chats_assigned_waiting, one short range a candidate
_CANDIDATES = text("""
select p.operator_id, (select count(*) from chats c where c.seller_id = p.seller_id and c.assignee = p.operator_id and c.queue is not null)
from presence p where p.seller_id = :seller and p.seen_until > clock_timestamp() and works_for(p.operator_id, p.seller_id)
order by p.operator_id
""")

_GIVE = text("""
update chats c set assignee = r.operator_id, assigned_at = clock_timestamp(), assigned_by = :by, claimed_until = null
from jsonb_to_recordset(cast(:rows as jsonb)) as r(chat_id bigint, operator_id bigint)
where c.seller_id = :seller and c.id = r.chat_id
""")


async def assign(
    session: AsyncSession,
    seller_id: int,
    ids: Sequence[int],
    to: int | None,
    *,
    by: str = "person",
    minutes: int | None = None,
) -> dict[int, bool | None]:
    """Give these conversations to somebody, or to nobody: True for those that changed, None for those that were so, False
    for a colleague's. `minutes` makes it a claim. What is missing from the answer does not exist.

    Raises `Rejected` for who may not be given them.
    """
    values = {"seller": seller_id, "ids": list(ids), "to": to, "by": by, "minutes": minutes}
    rows = await session.execute(_ASSIGN, values)
    return {row.id: True if row.changed else None if row.free else False for row in rows}


async def expire_claims(session: AsyncSession) -> list[tuple[int, int]]:
    """Conversations whose claim ran out are nobody's again: their sellers and numbers."""
    return [(row.seller_id, row.id) for row in await session.execute(_EXPIRE)]


async def rule(session: AsyncSession, seller_id: int) -> AssignmentRule:
    """How a seller's conversations are shared out."""
    row = (await session.execute(_RULE, {"seller": seller_id})).first()
    return AssignmentRule() if row is None else AssignmentRule(AssignmentMode(row.mode), row.claim_minutes)


async def set_rule(session: AsyncSession, seller_id: int, rule: AssignmentRule) -> None:
    """Share a seller's conversations out so."""
    values = {"seller": seller_id, "mode": rule.mode.value, "minutes": rule.claim_minutes}
    await session.execute(_SET_RULE, values)


async def sellers_with_work(session: AsyncSession) -> list[int]:
    """Sellers that share out by themselves and have conversations that are nobody's."""
    return list((await session.scalars(_SELLERS_WITH_WORK)).all())


async def last_turn(session: AsyncSession, seller_id: int) -> int | None:
    """Whose turn it was last; held until the transaction ends, so that two workers share out one behind the other."""
    return int(await session.scalar(_LAST_TURN, {"seller": seller_id}) or 0) or None


async def take_unassigned(session: AsyncSession, seller_id: int, limit: int) -> list[int]:
    """Conversations that wait and are nobody's, the most urgent first, held until the transaction ends."""
    return list((await session.scalars(_TAKE_UNASSIGNED, {"seller": seller_id, "limit": limit})).all())


async def candidates(session: AsyncSession, seller_id: int) -> list[Candidate]:
    """Who is at the desk and may be given conversations of this seller, and how many wait for each."""
    return [Candidate(*row) for row in await session.execute(_CANDIDATES, {"seller": seller_id})]


async def give(session: AsyncSession, seller_id: int, given: Sequence[Given], mode: AssignmentMode) -> None:
    """Write down what was shared out, and whose turn it was."""
    rows: list[dict[str, Any]] = [{"chat_id": one.chat_id, "operator_id": one.operator_id} for one in given]

    await session.execute(_GIVE, {"seller": seller_id, "rows": as_json(rows), "by": mode.value})
    await session.execute(_NEXT_TURN, {"seller": seller_id, "operator": given[-1].operator_id})
