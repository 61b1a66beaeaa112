"""How each seller's model is asked, in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.suggesting import ModelSettings
from agentiq_core.store.messages import storable
from agentiq_core.store.tables import ModelSettingsRow

_ALL = text("""
select seller_id, profile, enabled, base_url, model, folder, scope, price_in, price_out, currency, tone, daily_budget, concurrency from model_settings
where cast(:seller as bigint) is null or seller_id = :seller
order by seller_id
""")


async def get(session: AsyncSession, seller_id: int) -> ModelSettings | None:
    """A seller's settings; None where nobody chose a model."""
    return (await _read(session, seller_id)).get(seller_id)


async def every(session: AsyncSession) -> dict[int, ModelSettings]:
    """The settings of all sellers that have any."""
    return await _read(session, None)


async def put(session: AsyncSession, seller_id: int, settings: ModelSettings) -> None:
    """Give a seller these settings instead of any it had. Raises `Forbidden` unless an admin asks."""
    columns: dict[str, Any] = {
        "enabled": settings.enabled,
        "profile": settings.profile,
        "base_url": settings.base_url,
        "model": settings.model,
        "folder": settings.folder,
        "scope": settings.scope,
        "price_in": settings.price_in,
        "price_out": settings.price_out,
        "currency": settings.currency,
        "tone": storable(settings.tone),
        "daily_budget": settings.daily_budget,
        "concurrency": settings.concurrency,
    }
    added = insert(ModelSettingsRow).values(seller_id=seller_id, **columns)
    await session.execute(added.on_conflict_do_update(index_elements=["seller_id"], set_=columns))


async def _read(session: AsyncSession, seller_id: int | None) -> dict[int, ModelSettings]:
    rows = (await session.execute(_ALL, {"seller": seller_id})).mappings()
    return {
        row["seller_id"]: ModelSettings(**{k: v for k, v in row.items() if k != "seller_id"}) for row in rows
    }
