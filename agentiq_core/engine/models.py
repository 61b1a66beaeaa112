"""The language models of sellers, as a front end asks for them."""

from __future__ import annotations

from dataclasses import replace

from agentiq_core.domain.errors import NotFound, Rejected
from agentiq_core.domain.suggesting import LONGEST_TONE, MOST_AT_ONCE, ModelSettings, Spending
from agentiq_core.domain.text import inert
from agentiq_core.engine.context import Engine
from agentiq_core.store import models as stored
from agentiq_core.store import sellers, spending


class Models:
    """How sellers' models are asked and what that costs. Errors are those of `domain.errors`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def settings(self, seller_id: int) -> ModelSettings | None:
        """A seller's settings; None where templates are all there is. Raises `NotFound`."""
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            return await stored.get(session, seller_id)

    async def set(self, seller_id: int, settings: ModelSettings) -> None:
        """Ask this seller's model so from now on. Raises `NotFound`, `Rejected`, `Misconfigured`, `Forbidden` unless an
        admin asks."""
        self._engine.access.only_admins()
        settings = checked(settings)
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            await stored.put(session, seller_id, settings)

    async def off(self, seller_id: int) -> None:
        """Templates only from now on; the settings stay, to be turned on again. Raises as `set`."""
        current = await self.settings(seller_id)
        if current is None:
            raise NotFound("this seller has no model")
        await self.set(seller_id, replace(current, enabled=False))

    async def spent_today(self, seller_id: int) -> tuple[Spending, ...]:
        """What was asked today, a model a row."""
        async with self._engine.store.transaction() as session:
            return await spending.today(session, seller_id)


def checked(settings: ModelSettings) -> ModelSettings:
    """Settings as they may be kept. Raises `Rejected`."""
    tone = inert(settings.tone).strip()
    if len(tone) > LONGEST_TONE:
        raise Rejected(f"a tone has at most {LONGEST_TONE} characters", longest_tone=LONGEST_TONE)
    if not 1 <= settings.concurrency <= MOST_AT_ONCE:
        raise Rejected(f"1 to {MOST_AT_ONCE} questions may be asked at once", at_once=MOST_AT_ONCE)
    amounts = (settings.daily_budget, settings.price_in, settings.price_out)
    if any(amount is not None and not (amount.is_finite() and amount >= 0) for amount in amounts):
        raise Rejected("a budget and prices are sums of money from 0")
    return replace(settings, tone=tone)
