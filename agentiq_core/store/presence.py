"""Who is at the desk, what they look at, and whether they type. Everything ends by itself on the database's clock."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.team import Onlooker, shown_name
from agentiq_core.domain.views import ChatRef

AT_DESK_SECONDS = 120.0
"""How long somebody counts as being at the desk without being told of again."""
LOOKING_SECONDS = 30.0
TYPING_SECONDS = 8.0

# a row a seller of the operator's, written only where it says something else than before, or would end soon
_SHOW = text("""
insert into presence (seller_id, operator_id, seen_until, chat_id, looking_until, typing_until)
select s.id, me.id, clock_timestamp() + make_interval(secs => :at_desk), case when s.id = :seller then cast(:chat as bigint) end,
    case when s.id = :seller then clock_timestamp() + make_interval(secs => :looking) end,
    case when s.id = :seller and :types then clock_timestamp() + make_interval(secs => :typing) end
from sellers s cross join (select operator_id() as id) me
where s.id = :seller or not exists (
    select from presence p where p.seller_id = s.id and p.operator_id = me.id and p.chat_id is null
        and p.seen_until > clock_timestamp() + make_interval(secs => :at_desk / 2))
order by s.id
on conflict (seller_id, operator_id) do update set seen_until = excluded.seen_until, chat_id = excluded.chat_id,
    looking_until = excluded.looking_until, typing_until = excluded.typing_until
""")

_GONE = text("delete from presence where operator_id = (select operator_id())")

# reads presence_by_chat
_OTHERS = text("""
select p.operator_id, o.name, o.email, p.looking_until, p.typing_until
from presence p join operators o on o.id = p.operator_id
where p.seller_id = :seller and p.chat_id = :chat and p.looking_until > clock_timestamp()
    and p.operator_id <> (select operator_id())
order by p.operator_id
""")

_HERE = text("select distinct operator_id from presence where seen_until > clock_timestamp()")


async def show(session: AsyncSession, ref: ChatRef | None, *, types: bool) -> None:
    """The asking operator is at the desk, and has this conversation on screen. Raises `Forbidden` for a viewer."""
    await session.execute(
        _SHOW,
        {
            "seller": ref.seller_id if ref else 0,
            "chat": ref.chat_id if ref else None,
            "types": types,
            "at_desk": AT_DESK_SECONDS,
            "looking": LOOKING_SECONDS,
            "typing": TYPING_SECONDS,
        },
    )


async def gone(session: AsyncSession) -> None:
    """The asking operator leaves the desk."""
    await session.execute(_GONE)


async def others(session: AsyncSession, ref: ChatRef) -> tuple[Onlooker, ...]:
    """The colleagues who have this conversation on screen."""
    rows = await session.execute(_OTHERS, {"seller": ref.seller_id, "chat": ref.chat_id})
    return tuple(
        Onlooker(row.operator_id, shown_name(row.name, row.email), row.looking_until, row.typing_until)
        for row in rows
    )


async def here(session: AsyncSession) -> frozenset[int]:
    """Everybody who is at a desk now, of those whom the asking operator may see."""
    return frozenset((await session.scalars(_HERE)).all())
