"""The audit log, a page at a time: what the database wrote, as whoever may read it sees it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.team import AuditKey, AuditLine, AuditPage, shown_name

# reads audit_log_by_time, one short range a seller; 0 is the team itself, which only an owner sees
_PAGE = text("""
select a.seller_id, a.id, a.at, a.operator_id, a.action, a.subject, a.change, w.name as seller_name, o.name, o.email
from (
    select a.* from (select id from sellers where cast(:seller as bigint) is null or id = :seller
        union all select 0 where coalesce(cast(:seller as bigint), 0) = 0) w
    cross join lateral (
        select * from audit_log a where a.seller_id = w.id
            and (cast(:at as timestamptz) is null or a.at <= :at and (a.at, a.id) < (:at, :id))
            and (cast(:operator as bigint) is null or a.operator_id = :operator)
            and (cast(:action as text) is null or starts_with(a.action, :action))
            and (cast(:subject as text) is null or a.subject = :subject)
        order by a.at desc, a.id desc limit :limit) a
    order by a.at desc, a.id desc limit :limit) a
left join sellers w on w.id = a.seller_id
left join operators o on o.id = a.operator_id
order by a.at desc, a.id desc
""")


async def page(
    session: AsyncSession,
    *,
    before: AuditKey | None,
    limit: int,
    seller_id: int | None = None,
    operator_id: int | None = None,
    action: str | None = None,
    subject: str | None = None,
) -> AuditPage:
    """Lines older than `before`, newest first. `action` names a kind ("chats.assign") or the beginning of one."""
    values: dict[str, Any] = {
        "at": before.at if before else None,
        "id": before.id if before else None,
        "limit": limit + 1,
        "seller": seller_id,
        "operator": operator_id,
        "action": action,
        "subject": subject,
    }
    rows = (await session.execute(_PAGE, values)).mappings().all()
    lines = tuple(_line(row) for row in rows[:limit])
    return AuditPage(lines, AuditKey(lines[-1].at, lines[-1].id) if len(rows) > limit else None)


def _line(row: Any) -> AuditLine:
    return AuditLine(
        id=row["id"],
        at=row["at"],
        seller_id=row["seller_id"],
        seller_name=row["seller_name"],
        operator_id=row["operator_id"],
        operator=shown_name(row["name"] or "", row["email"]) if row["email"] else None,
        action=row["action"],
        subject=row["subject"],
        change=row["change"],
    )
