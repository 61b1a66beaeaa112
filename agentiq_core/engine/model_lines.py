"""Lines to language models: one client for all that are asked in one way with one key on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from agentiq_core.ai import profiles
from agentiq_core.ai.model import Model
from agentiq_core.ai.profiles import Prices, Profile
from agentiq_core.domain.suggesting import ModelSettings
from agentiq_core.identity.model_keys import ModelKeys

DEAREST_TOKENS_IN, DEAREST_TOKENS_OUT = 24_000, 2_400
"""What a question is taken to need before it is asked: all that a prompt may hold, a long answer, and both once more to
mend it."""


class ClosableModel(Model, Protocol):
    """A model whose connections are its own."""

    async def aclose(self) -> None:
        """Close them."""
        ...


Connect = Callable[[Profile, SecretStr | None], ClosableModel]


class ModelLines:
    """Opens lines as they are needed and keeps them. Close it."""

    def __init__(
        self,
        keys: ModelKeys | None = None,
        *,
        ca_file: Path | None = None,
        connect: Connect | None = None,
    ) -> None:
        """`ca_file` holds root certificates that this machine trusts beside the usual ones, where a provider has its own."""
        self.keys = keys or ModelKeys()
        self._ca_file = ca_file
        self._connect = connect or _chat_completions
        self._open: dict[tuple[ModelSettings, str], ClosableModel] = {}

    async def has_key(self, settings: ModelSettings) -> bool:
        """Whether this machine may ask that model. Raises `Misconfigured`, `VaultLocked`."""
        return await self._key(configured(settings), settings) is not None

    async def reach(self, settings: ModelSettings) -> Model | None:
        """The model of these settings; None where this machine has no key for it. Raises `Misconfigured`, `VaultLocked`."""
        profile = configured(settings, self._ca_file)
        key = await self._key(profile, settings)
        if key is None:
            return None
        # what a seller wishes for and may spend opens no other line
        name = (
            replace(settings, tone="", daily_budget=None, concurrency=1, enabled=True),
            key.get_secret_value(),
        )
        if name not in self._open:
            self._open[name] = await self._line(profile, key)
        return self._open[name]

    async def trying(self, settings: ModelSettings, key: str) -> ClosableModel:
        """A line of its own with a key that is not kept. The caller closes it. Raises `Misconfigured`."""
        return await self._line(configured(settings, self._ca_file), SecretStr(key))

    async def aclose(self) -> None:
        """Close every line."""
        lines, self._open = list(self._open.values()), {}
        await asyncio.gather(*(line.aclose() for line in lines), return_exceptions=True)

    async def _line(self, profile: Profile, key: SecretStr) -> ClosableModel:
        return await asyncio.to_thread(self._connect, profile, key if key.get_secret_value() else None)

    async def _key(self, profile: Profile, settings: ModelSettings) -> SecretStr | None:
        usual = profiles.profile(settings.profile).base_url
        return await asyncio.to_thread(self.keys.get, profile.id, profile.base_url, usual=usual)


def configured(settings: ModelSettings, ca_file: Path | None = None) -> Profile:
    """The provider as a seller's settings have it; `ca_file` is this machine's. Raises `Misconfigured`."""
    profile = profiles.profile(settings.profile)
    prices = profile.prices
    if settings.price_in is not None and settings.price_out is not None:
        currency = settings.currency or (prices.currency if prices else "RUB")
        prices = Prices(settings.price_in, settings.price_in, settings.price_out, currency)
    return profile.configured(
        base_url=settings.base_url,
        model=settings.model,
        folder=settings.folder,
        prices=prices,
        scope=settings.scope,
        ca_file=ca_file,
    )


def knows_cost(settings: ModelSettings) -> bool:
    """Whether a question's cost is known, so that a budget of money means something. Raises `Misconfigured`."""
    profile = profiles.profile(settings.profile)
    if settings.price_in is not None or profile.tells_cost:
        return True
    # what is printed beside a profile is the price of its own model; of those on one's own machine each costs nothing
    own = settings.model in (None, profile.model) or not profile.needs_key
    return own and profile.prices is not None


def currency_of(settings: ModelSettings) -> str:
    """What a question's cost is in (ISO 4217); "" where nobody knows prices. Raises `Misconfigured`."""
    profile = configured(settings)
    if profile.prices is not None:
        return profile.prices.currency
    # who tells the cost with each answer (OpenRouter) tells dollars
    return settings.currency or ("USD" if profile.tells_cost else "")


def dearest(settings: ModelSettings) -> Decimal:
    """What one question may cost; 0 where nobody knows prices. Raises `Misconfigured`."""
    prices = configured(settings).prices
    return prices.cost(DEAREST_TOKENS_IN, 0, DEAREST_TOKENS_OUT) if prices else Decimal(0)


def _chat_completions(profile: Profile, key: SecretStr | None) -> ClosableModel:
    from agentiq_core.ai.provider import ChatCompletions

    return ChatCompletions(profile, key)
