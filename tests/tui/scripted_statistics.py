"""Figures of a scripted desk: two people, one of them in the cabinet, a month of days."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal

from agentiq_core.domain.statistics import (
    Acceptance,
    AnsweredShare,
    Backlog,
    By,
    Money,
    Service,
    Statistics,
    Waits,
)

TODAY = date(2026, 3, 10)
ANNA = Service(
    operator_id=1,
    name="Анна Петрова",
    first=Waits(140, 190, 640, 0.97),
    following=Waits(310, 95, 420, 0.99),
    replies=260,
    untouched=160,
    edited=70,
    own=30,
    automatic=0,
)
CABINET = Service(first=Waits(20, 5400, 16200, 0.6), following=Waits(12, 3700, 9000, 0.75))
TOTAL = Service(
    first=Waits(160, 230, 1500, 0.92),
    following=Waits(322, 100, 480, 0.98),
    replies=260,
    untouched=160,
    edited=70,
    own=30,
    automatic=12,
    breaches=4,
)
JUDGED = (
    Acceptance("size_advice", 90, 20, 4, (("wrong_fact", 3), ("wrong_tone", 1))),
    Acceptance("where_is_order", 60, 40, 12, (("unhelpful", 12),)),
)
SPENT = (Money(Decimal("1.2345"), "USD"), Money(Decimal("0.5"), "RUB"))
MODELS = (
    Acceptance(
        "deepseek/deepseek-flash",
        110,
        50,
        9,
        (),
        SPENT,
        180,
    ),
    Acceptance("template", 40, 10, 7, ()),
)


class ScriptedStatistics:
    """`empty` for a shop where nothing was answered."""

    def __init__(self, called: Callable[..., None], holding: Callable[[str], Awaitable[None]]) -> None:
        self._holding = holding
        self._called = called
        self.empty = False

    async def report(
        self,
        seller_id: int | None = None,
        *,
        since: date | None = None,
        until: date | None = None,
        by: By = By.OPERATOR,
    ) -> Statistics:
        self._called("statistics.report", seller_id, since, until, by)
        await self._holding("statistics")
        until = until or TODAY + timedelta(days=1)
        since = since or until - timedelta(days=29)
        if self.empty:
            return Statistics(since, until, by, Service(breaches=0), Backlog())
        service: tuple[Service, ...] = ()
        acceptance: tuple[Acceptance, ...] = ()
        match by:
            case By.OPERATOR:
                service = (CABINET, ANNA)
            case By.SELLER:
                service = tuple(
                    Service(
                        seller_id=number,
                        name=name,
                        first=ANNA.first,
                        replies=130 * number,
                        untouched=50,
                        breaches=2,
                        marketplace_share=AnsweredShare(24, 17, 16) if number == 2 else None,
                    )
                    for number, name in ((1, "Уютный дом"), (2, "Свет"))
                )
            case By.DAY:
                days = [since + timedelta(days=step) for step in range((min(until, TODAY) - since).days + 1)]
                service = tuple(_of(day) for day in days if day.weekday() != 6)
            case By.INTENT:
                acceptance = JUDGED
            case By.MODEL:
                acceptance = MODELS
        backlog = Backlog(hour=9, four_hours=4, day=2, older=1, overdue=3)
        return Statistics(since, until, by, TOTAL, backlog, service, acceptance, SPENT)


def _of(day: date) -> Service:
    replies = 4 + (day.day * 7) % 13
    waits = Waits(replies, 60 * (1 + day.day % 5), 300 * (1 + day.day % 5), 0.9)
    return Service(
        day=day, first=waits, following=waits, replies=replies, untouched=replies // 2, breaches=day.day % 3
    )
