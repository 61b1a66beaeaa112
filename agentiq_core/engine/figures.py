"""From days as they are kept to the lines that are shown: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from agentiq_core.domain.learning import Outcome
from agentiq_core.domain.statistics import (
    Acceptance,
    AnsweredShare,
    Backlog,
    By,
    Money,
    Service,
    Statistics,
    answered_share,
    waits_of,
)
from agentiq_core.store.statistics import DayOfService, Figures, Judged


@dataclass(frozen=True, slots=True)
class Counted:
    """What the store has of a range of days."""

    days: Sequence[DayOfService]
    breaches: Mapping[tuple[int, date], int]
    outcomes: Sequence[Judged]
    spent: Sequence[tuple[str, int, Money]]
    backlog: Backlog
    unanswered: Mapping[tuple[int, date], int]
    """Those that wait past what their marketplace allows."""
    allowed: timedelta


def told(counted: Counted, since: date, until: date, by: By) -> Statistics:
    """The figures of these days, told for operators, sellers, days, intents or models."""
    service: Iterable[Service] = ()
    acceptance: Iterable[Acceptance] = ()
    match by:
        case By.OPERATOR:
            service = _by_operator(counted)
        case By.SELLER:
            service = _by_seller(counted)
        case By.DAY:
            service = _by_day(counted)
        case By.INTENT:
            acceptance = _acceptance((one.intent, one) for one in counted.outcomes)
        case By.MODEL:
            acceptance = _of_models(counted)
    return Statistics(
        since=since,
        until=until,
        by=by,
        total=replace(
            _gathered(counted.days),
            breaches=sum(counted.breaches.values()),
            marketplace_share=_share(counted, counted.days, sum(counted.unanswered.values())),
        ),
        backlog=counted.backlog,
        service=tuple(service),
        acceptance=tuple(acceptance),
        cost=_summed(money for _model, _calls, money in counted.spent),
    )


def _by_operator(counted: Counted) -> Iterator[Service]:
    # a deadline that passed unanswered belongs to nobody
    for operator in sorted({one.operator_id for one in counted.days}):
        group = [one for one in counted.days if one.operator_id == operator]
        yield replace(_gathered(group), operator_id=operator or None, name=group[0].operator_name)


def _by_seller(counted: Counted) -> Iterator[Service]:
    late: Counter[int] = Counter()
    for (seller, _), count in counted.breaches.items():
        late[seller] += count
    unanswered: Counter[int] = Counter()
    for (seller, _), count in counted.unanswered.items():
        unanswered[seller] += count
    for seller in sorted({one.seller_id for one in counted.days} | set(late) | set(unanswered)):
        group = [one for one in counted.days if one.seller_id == seller]
        name = group[0].seller_name if group else ""
        share = _share(counted, group, unanswered[seller])
        yield replace(
            _gathered(group), seller_id=seller, name=name, breaches=late[seller], marketplace_share=share
        )


def _by_day(counted: Counted) -> Iterator[Service]:
    late: Counter[date] = Counter()
    for (_, day), count in counted.breaches.items():
        late[day] += count
    unanswered: Counter[date] = Counter()
    for (_, day), count in counted.unanswered.items():
        unanswered[day] += count
    for day in sorted({one.day for one in counted.days} | set(late) | set(unanswered)):
        group = [one for one in counted.days if one.day == day]
        share = _share(counted, group, unanswered[day])
        yield replace(_gathered(group), day=day, breaches=late[day], marketplace_share=share)


def _share(counted: Counted, days: Sequence[DayOfService], unanswered: int) -> AnsweredShare | None:
    answered = sum(one.figures.counted for one in days)
    within = sum(one.figures.counted_within for one in days)
    return answered_share(counted.allowed, answered, within, unanswered)


def _gathered(days: Sequence[DayOfService]) -> Service:
    figures: list[Figures] = [one.figures for one in days]
    replies = sum(one.replies for one in figures)
    untouched, edited = sum(one.untouched for one in figures), sum(one.edited for one in figures)
    return Service(
        first=waits_of(
            [wait for one in figures for wait in one.first_waits], sum(one.first_in_time for one in figures)
        ),
        following=waits_of(
            [wait for one in figures for wait in one.next_waits], sum(one.next_in_time for one in figures)
        ),
        replies=replies,
        untouched=untouched,
        edited=edited,
        own=replies - untouched - edited,
        automatic=sum(one.automatic for one in figures),
    )


def _of_models(counted: Counted) -> Iterator[Acceptance]:
    judged = {one.name: one for one in _acceptance((one.model, one) for one in counted.outcomes)}
    for model in sorted({*judged, *(name for name, _calls, _money in counted.spent)}):
        asked = [(calls, money) for name, calls, money in counted.spent if name == model]
        yield replace(
            judged.get(model, Acceptance(model)),
            calls=sum(calls for calls, _money in asked) if asked else None,
            cost=_summed(money for _calls, money in asked),
        )


def _summed(sums: Iterable[Money]) -> tuple[Money, ...]:
    """One sum a currency: roubles and dollars make no number together. Nothing where nothing was paid."""
    by_currency: dict[str, Decimal] = {}
    for one in sums:
        by_currency[one.currency] = by_currency.get(one.currency, Decimal(0)) + one.amount
    return tuple(Money(amount, currency) for currency, amount in sorted(by_currency.items()) if amount)


def _acceptance(judged: Iterable[tuple[str, Judged]]) -> Iterator[Acceptance]:
    groups: dict[str, list[Judged]] = {}
    for name, one in judged:
        groups.setdefault(name, []).append(one)
    for name, group in sorted(groups.items()):
        counts: Counter[Outcome] = Counter()
        reasons: Counter[str] = Counter()
        for one in group:
            counts[one.outcome] += one.count
            if one.reason is not None:
                reasons[one.reason] += one.count
        yield Acceptance(
            name,
            counts[Outcome.ACCEPTED],
            counts[Outcome.EDITED],
            counts[Outcome.REJECTED],
            tuple(reasons.most_common()),
        )
