"""What a scripted desk knows of running shops: their lines, what leaves by itself, language models."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from agentiq_core.domain.automation import (
    Automation,
    AutomationRecord,
    AutomationReport,
    AutomationSettings,
    Held,
    Mode,
)
from agentiq_core.domain.errors import NoModel
from agentiq_core.domain.suggesting import ModelAnswered, ModelSettings, ModelStanding, Spending
from agentiq_core.domain.views import ChannelStatus, ChatRef, SellerState
from agentiq_core.engine.sellers import KeyCheck

if TYPE_CHECKING:
    from tests.tui.scripted import ScriptedDesk


class _Part:
    def __init__(self, desk: ScriptedDesk) -> None:
        self._desk = desk

    def _called(self, name: str, *facts: object) -> None:
        self._desk._called(name, *facts)


class ScriptedShops(_Part):
    """Changes the desk's `sellers`; a test of a key answers `desk.key`."""

    def in_trouble(self) -> None:
        """The first shop's reviews lag and its key ends soon, the second one's key was refused."""
        now = self._desk.clock()
        channels = (
            ChannelStatus("chat", now - timedelta(seconds=12), None, ""),
            ChannelStatus("review", now - timedelta(hours=3), "rate_limited", ""),
        )
        first, second = self._desk.sellers
        self._desk.sellers = (
            replace(first, channels=channels, key_expires_at=now + timedelta(days=5), messages=420, pages=5),
            replace(second, state=SellerState.STOPPED, trouble="key_refused", trouble_detail="expired"),
        )

    async def pause(self, seller_id: int) -> None:
        self._called("shops.pause", seller_id)
        self._set(seller_id, SellerState.PAUSED)

    async def resume(self, seller_id: int) -> None:
        self._called("shops.resume", seller_id)
        self._set(seller_id, SellerState.ACTIVE)

    async def test(self, seller_id: int) -> KeyCheck:
        self._called("shops.test", seller_id)
        return self._desk.key

    async def replace_key(self, seller_id: int, secret: str) -> KeyCheck:
        self._called("shops.replace_key", seller_id, secret)
        return self._desk.key

    def _set(self, seller_id: int, state: SellerState) -> None:
        self._desk.sellers = tuple(
            replace(one, state=state) if one.seller_id == seller_id else one for one in self._desk.sellers
        )


class ScriptedAutomation(_Part):
    """Every shop allows the same; `records` are its decisions, newest first, `waiting` what stopping takes back."""

    def __init__(self, desk: ScriptedDesk) -> None:
        super().__init__(desk)
        self.kept = AutomationSettings(1)
        self.records: list[AutomationRecord] = []
        self.waiting = 0

    def decided(self, number: int, *reasons: Held, at: datetime, **facts: object) -> None:
        """A decision of the script."""
        record = AutomationRecord(
            ChatRef(1, number), at, "size_advice", Mode.SHADOW, f"Берите размер M, ответ {number}", reasons, False,
            f"Какой размер на рост 17{number}?",
        )  # fmt: skip
        self.records.append(replace(record, **facts))  # type: ignore[arg-type]

    async def settings(self, seller_id: int) -> AutomationSettings:
        self._called("automation.settings", seller_id)
        return replace(self.kept, seller_id=seller_id)

    async def set(self, seller_id: int, allowed: Automation) -> None:
        self._called("automation.set", seller_id, allowed)
        others = tuple(one for one in self.kept.intents if one.intent != allowed.intent)
        self.kept = replace(self.kept, intents=(*others, allowed))

    async def stop(self, seller_id: int) -> int:
        self._called("automation.stop", seller_id)
        self.kept = replace(self.kept, stopped=True)
        return self.waiting

    async def stop_all(self) -> tuple[int, int]:
        self._called("automation.stop_all")
        shops = self._desk.sellers
        return len(shops), sum([await self.stop(shop.seller_id) for shop in shops])

    async def resume(self, seller_id: int, *, per_chat: int | None = None) -> None:
        self._called("automation.resume", seller_id, per_chat)
        self.kept = replace(self.kept, stopped=False, per_chat=per_chat or self.kept.per_chat)

    async def report(
        self, seller_id: int, *, before: datetime | None = None, limit: int = 50
    ) -> AutomationReport:
        self._called("automation.report", seller_id, before)
        found = [one for one in self.records if before is None or one.at < before]
        page = found[:limit]
        counts = Counter(reason for one in page for reason in one.reasons)
        return AutomationReport(
            tuple(page), page[-1].at if len(found) > limit else None, tuple(counts.most_common())
        )


class ScriptedModels(_Part):
    """A model for each shop that has settings in `kept`; `keys` are those of this machine, by profile."""

    key_place = "keyring"

    def __init__(self, desk: ScriptedDesk) -> None:
        super().__init__(desk)
        self.kept: dict[int, ModelSettings] = {}
        self.keys: dict[str, str] = {}
        self.today: tuple[Spending, ...] = ()

    def asks(self, seller_id: int = 1, *, cost: str = "0.42") -> None:
        """This shop has a model that was asked today."""
        self.kept[seller_id] = ModelSettings("deepseek", tone="Тепло, коротко", daily_budget=Decimal(2))
        self.keys["deepseek"] = "kept"
        self.today = (
            Spending(date(2026, 3, 10), "deepseek/deepseek-flash", 37, 41_000, 5200, Decimal(cost)),
        )

    async def standing(self, seller_id: int) -> ModelStanding:
        self._called("models.standing", seller_id)
        settings = self.kept.get(seller_id)
        if settings is None:
            return ModelStanding(None, "", "", False)
        name = f"{settings.profile}/{settings.model or 'deepseek-flash'}"
        return ModelStanding(settings, name, "USD", settings.profile in self.keys, self.today, waiting=3)

    async def set(self, seller_id: int, settings: ModelSettings) -> None:
        self._called("models.set", seller_id, settings)
        self.kept[seller_id] = settings

    async def off(self, seller_id: int) -> None:
        self._called("models.off", seller_id)
        self.kept[seller_id] = replace(self._chosen(seller_id), enabled=False)

    async def keep_key(self, seller_id: int, key: str) -> None:
        self._called("models.keep_key", seller_id, key)
        self.keys[self._chosen(seller_id).profile] = key

    async def forget_key(self, profile: str) -> None:
        self._called("models.forget_key", profile)
        self.keys.pop(profile, None)

    async def test(self, seller_id: int, key: str | None = None) -> ModelAnswered:
        self._called("models.test", seller_id)
        return ModelAnswered("deepseek/deepseek-flash", timedelta(seconds=1.4).total_seconds(), Decimal(0))

    def _chosen(self, seller_id: int) -> ModelSettings:
        if seller_id not in self.kept:
            raise NoModel("this seller has no language model", reason="none")
        return self.kept[seller_id]
