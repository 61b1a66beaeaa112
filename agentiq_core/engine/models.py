"""The language models of sellers, as a front end asks for them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from decimal import Decimal
from typing import Any

from agentiq_core.ai import profiles
from agentiq_core.ai.model import Completion, ModelFailed, ModelRequest, Role, Turn
from agentiq_core.domain.errors import Misconfigured, NoModel, Rejected, Unheard
from agentiq_core.domain.suggesting import (
    LONGEST_TONE,
    MOST_AT_ONCE,
    ModelAnswered,
    ModelSettings,
    ModelStanding,
    Spending,
)
from agentiq_core.domain.text import inert
from agentiq_core.engine.context import Engine
from agentiq_core.engine.model_lines import configured, currency_of, knows_cost
from agentiq_core.engine.passes import Passes
from agentiq_core.store import models as stored
from agentiq_core.store import passes, sellers, spending

_TRY = ModelRequest((Turn(Role.USER, "Ответь одним словом: да"),), max_tokens=16)
NAMES: tuple[str, ...] = tuple(profiles.PROFILES)
"""The ready profiles."""


class Models:
    """How sellers' models are asked and what that costs. Errors are those of `domain.errors`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def key_place(self) -> str:
        """Where this machine keeps keys of models: the `kind` of its secret store, or "environment"."""
        return self._engine.models.keys.place

    async def settings(self, seller_id: int) -> ModelSettings | None:
        """A seller's settings; None where templates are all there is. Raises `NotFound`."""
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            return await stored.get(session, seller_id)

    async def standing(self, seller_id: int) -> ModelStanding:
        """A seller's model, whether this machine has its key, and what was asked today. Raises `NotFound`, `VaultLocked`."""
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            settings = await stored.get(session, seller_id)
            today = await spending.today(session, seller_id)
            waiting = await passes.waiting(session, seller_id)
        if settings is None:
            return ModelStanding(None, "", "", False, today, waiting)
        try:
            profile = configured(settings)
        except Misconfigured as error:
            return ModelStanding(
                settings, settings.model or "", "", False, today, waiting, trouble=str(error)
            )
        here = await self._engine.models.has_key(settings)
        currency = currency_of(settings)
        return ModelStanding(settings, f"{profile.id}/{profile.model}", currency, here, today, waiting)

    async def set(self, seller_id: int, settings: ModelSettings) -> None:
        """Ask this seller's model so from now on. A provider that needs no key is taken to be reached from this machine.

        Raises `NotFound`, `Rejected`, `Misconfigured`, `Forbidden` unless an admin asks.
        """
        self._engine.access.only_admins()
        settings = checked(settings)
        profile = configured(settings)
        if settings.daily_budget is not None and not knows_cost(settings):
            raise Rejected("a budget of money needs prices: say what a million tokens cost, or set no budget")
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            await stored.put(session, seller_id, settings)
            if not settings.enabled:
                await passes.let_go(session, seller_id)
        keys = self._engine.models.keys
        if not profile.needs_key and keys.keeps and not await self._engine.models.has_key(settings):
            await asyncio.to_thread(keys.set, profile.id, profile.base_url, "")

    async def off(self, seller_id: int) -> None:
        """Templates only from now on; the settings stay, to be turned on again. Raises as `set`, `NoModel`."""
        await self.set(seller_id, replace(await self._chosen(seller_id), enabled=False))

    async def keep_key(self, seller_id: int, key: str) -> None:
        """Keep the key of this seller's provider on this machine, for the address that the settings name and no other.

        Raises `NoModel`, `Misconfigured`, `VaultLocked`.
        """
        profile = configured(await self._chosen(seller_id))
        await asyncio.to_thread(self._engine.models.keys.set, profile.id, profile.base_url, key.strip())

    async def forget_key(self, profile: str) -> None:
        """This machine asks models of this profile no more. Raises `VaultLocked`."""
        await asyncio.to_thread(self._engine.models.keys.delete, profile)

    async def test(self, seller_id: int, key: str | None = None) -> ModelAnswered:
        """Ask this seller's model a word, with a key that is not kept or the one that is.

        Raises `Unheard` with a word of `ai.model.Failure`, `NoModel`, `Misconfigured`, `VaultLocked`, `Forbidden` for a viewer.
        """
        self._engine.access.only_writers()
        settings = await self._chosen(seller_id)
        if key is None:
            model = await self._engine.models.reach(settings)
            if model is None:
                raise NoModel("this machine has no key for this seller's model", reason="no key")
            return await self._tried(seller_id, settings, model.name, model.complete(_TRY))
        line = await self._engine.models.trying(settings, key.strip())
        try:
            return await self._tried(seller_id, settings, line.name, line.complete(_TRY))
        finally:
            await line.aclose()

    async def write_due(self) -> None:
        """Let models write what is due now, as far as this machine has their keys, and wait for it."""
        self._engine.access.only_writers()
        due = Passes(self._engine)
        try:
            await due.begin_due()
            await due.settled()
        finally:
            await due.stop()

    async def spent_today(self, seller_id: int) -> tuple[Spending, ...]:
        """What was asked today, a model a row."""
        async with self._engine.store.transaction() as session:
            return await spending.today(session, seller_id)

    async def _chosen(self, seller_id: int) -> ModelSettings:
        settings = await self.settings(seller_id)
        if settings is None:
            raise NoModel("this seller has no language model", reason="none")
        return settings

    async def _tried(
        self, seller_id: int, settings: ModelSettings, name: str, asking: Coroutine[Any, Any, Completion]
    ) -> ModelAnswered:
        async with self._engine.store.transaction() as session:
            reserved = await spending.reserve(session, seller_id, name, Decimal(0), currency_of(settings))
        try:
            said = await asking
        except ModelFailed as failed:
            raise Unheard("the model gave no answer", failure=failed.failure.value) from None
        async with self._engine.store.transaction() as session:
            await spending.settle(
                session, reserved, cost=said.cost, tokens_in=said.tokens_in, tokens_out=said.tokens_out
            )
        return ModelAnswered(said.model, said.latency, said.cost)


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
    if (settings.price_in is None) != (settings.price_out is None):
        raise Rejected("a price for what is read needs one for what is written")
    return replace(settings, tone=tone)
