"""What asking models costs, in SQL: reserved before a question, settled behind its answer.

A day is one of the seller's zone, by the database's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.suggesting import Spending

# the row of the day is locked until the transaction ends: whoever counts the seller's questions behind it, counts alone
_RESERVE = text("""
insert into model_spending (seller_id, day, model, calls, cost, currency)
select s.id, (now() at time zone s.timezone)::date, :model, 1, :cost, :currency from sellers s where s.id = :seller
on conflict (seller_id, day, model) do update set calls = model_spending.calls + 1, cost = model_spending.cost + excluded.cost,
    currency = excluded.currency
returning day
""")

_SPENT = text("""
select coalesce(sum(cost), 0) from model_spending where seller_id = :seller
  and day = (select (now() at time zone s.timezone)::date from sellers s where s.id = :seller)
""")

_SETTLE = text("""
update model_spending set calls = calls + :calls, cost = cost + :cost,
    tokens_in = tokens_in + :tokens_in, tokens_out = tokens_out + :tokens_out
where seller_id = :seller and day = :day and model = :model
""")

_TODAY = text("""
select day, model, calls, tokens_in, tokens_out, cost from model_spending where seller_id = :seller
  and day = (select (now() at time zone s.timezone)::date from sellers s where s.id = :seller)
order by model
""")


@dataclass(frozen=True, slots=True)
class Reserved:
    """A question that is counted already."""

    seller_id: int
    day: date
    model: str
    cost: Decimal


async def reserve(
    session: AsyncSession, seller_id: int, model: str, cost: Decimal, currency: str
) -> Reserved:
    """Count a question with what it may cost (ISO 4217, "" where nobody knows), before it is asked; undone with the transaction.

    Until that ends nobody else reserves for this seller and model.
    """
    values = {"seller": seller_id, "model": model, "cost": cost, "currency": currency}
    day = (await session.execute(_RESERVE, values)).scalar_one()
    return Reserved(seller_id, day, model, cost)


async def spent(session: AsyncSession, seller_id: int) -> Decimal:
    """What this seller's questions of today cost, with those under way."""
    found: Decimal = (await session.execute(_SPENT, {"seller": seller_id})).scalar_one()
    return found


async def settle(
    session: AsyncSession, reserved: Reserved, *, cost: Decimal, tokens_in: int, tokens_out: int
) -> None:
    """What a reserved question came to."""
    values = {
        "seller": reserved.seller_id,
        "day": reserved.day,
        "model": reserved.model,
        "calls": 0,
        "cost": cost - reserved.cost,
        "tokens_in": tokens_in,
        "tokens_out": tokens_out,
    }
    await session.execute(_SETTLE, values)


async def release(session: AsyncSession, reserved: Reserved) -> None:
    """The question was not asked after all."""
    values = {
        "seller": reserved.seller_id,
        "day": reserved.day,
        "model": reserved.model,
        "calls": -1,
        "cost": -reserved.cost,
        "tokens_in": 0,
        "tokens_out": 0,
    }
    await session.execute(_SETTLE, values)


async def today(session: AsyncSession, seller_id: int) -> tuple[Spending, ...]:
    """What was asked today, a model a row."""
    rows = await session.execute(_TODAY, {"seller": seller_id})
    return tuple(Spending(**row) for row in rows.mappings())
