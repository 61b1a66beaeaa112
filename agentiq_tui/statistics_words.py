"""Figures of service in words, for the screen and the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentiq_core.domain.statistics import Acceptance, AnsweredShare, Backlog, By, Money, Service, Waits
from agentiq_core.domain.text import inert_line
from agentiq_tui.automation_wording import REJECTIONS
from agentiq_tui.locale import _, mark, ngettext
from agentiq_tui.wording import INTENTS, said

NOTHING = "—"
GROUPS: dict[By, str] = {
    By.OPERATOR: mark("by operator"),
    By.SELLER: mark("by shop"),
    By.DAY: mark("by day"),
    By.INTENT: mark("by intent"),
    By.MODEL: mark("by model"),
}
HEADS: dict[By, str] = {
    By.OPERATOR: mark("operator"),
    By.SELLER: mark("seller"),
    By.DAY: mark("day"),
    By.INTENT: mark("intent"),
    By.MODEL: mark("model"),
}
"""What each line is of."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a group that bars and columns are drawn of. `most` is what a full bar stands for, else the largest one."""

    title: str
    value: Callable[[Service], float | None]
    words: Callable[[float], str]
    most: float | None = None


def time_words(seconds: float | None) -> str:
    """A stretch of time: seconds, minutes, or hours with minutes."""
    if seconds is None:
        return NOTHING
    whole = int(seconds)
    if whole < 60:
        return _("{n} s").format(n=whole)
    if whole < 3600:
        return _("{n} min").format(n=whole // 60)
    return _("{h} h {m:02} min").format(h=whole // 3600, m=whole % 3600 // 60)


def share_words(share: float | None) -> str:
    """A share in per cent."""
    return NOTHING if share is None else f"{share:.0%}".replace("%", " %")


def money_words(cost: Sequence[Money]) -> str:
    """Sums of money, each with its currency as far as it is known."""
    sums = (
        f"{one.amount:.2f} {one.currency}" if one.amount >= 1 else f"{one.amount:.4f} {one.currency}"
        for one in cost
    )
    return " + ".join(line.rstrip() for line in sums) or NOTHING


def service_name(one: Service, by: By) -> str:
    """What a line of figures is of."""
    match by:
        case By.DAY:
            return "" if one.day is None else one.day.strftime("%d.%m.%Y")
        case By.SELLER:
            return inert_line(f"{one.seller_id} {one.name}".strip())
        case _:
            return (
                _("in the cabinet")
                if one.operator_id is None
                else inert_line(one.name or f"#{one.operator_id}")
            )


def acceptance_name(one: Acceptance, by: By) -> str:
    """The intent or the model that people judged."""
    if by is By.INTENT:
        return said(INTENTS, one.name)
    return _("template") if one.name == "template" else inert_line(one.name)


def _count(value: float) -> str:
    return str(int(value))


FIGURES: tuple[Figure, ...] = (
    Figure(mark("replies"), lambda one: one.replies, _count),
    Figure(mark("first answer, median"), lambda one: one.first.median, time_words),
    Figure(mark("next answers, median"), lambda one: one.following.median, time_words),
    Figure(mark("first answers in time"), lambda one: one.first.in_time, share_words, 1.0),
    Figure(mark("replies as suggested"), lambda one: one.share(one.untouched), share_words, 1.0),
    Figure(mark("deadlines passed"), lambda one: one.breaches, _count),
)


def first_line(waits: Waits) -> str:
    """How long first answers took."""
    return _waits(_("First answer: {waits}"), waits)


def next_line(waits: Waits) -> str:
    """How long later answers took."""
    return _waits(_("Next answers: {waits}"), waits)


def _waits(line: str, waits: Waits) -> str:
    if not waits.count:
        return line.format(waits=_("no answers"))
    told = ngettext(
        "median {median}, 90 % within {p90}, in time {share} (of {n})",
        "median {median}, 90 % within {p90}, in time {share} (of {n})",
        waits.count,
    )
    return line.format(
        waits=told.format(
            median=time_words(waits.median),
            p90=time_words(waits.p90),
            share=share_words(waits.in_time),
            n=waits.count,
        )
    )


def replies_line(one: Service) -> str:
    """How many replies there were, and those beside them."""
    parts = [_("Replies: {n}").format(n=one.replies)]
    if one.automatic:
        parts.append(_("left by themselves: {n}").format(n=one.automatic))
    if one.breaches is not None:
        parts.append(_("deadlines passed: {n}").format(n=one.breaches))
    return ", ".join(parts)


def share_line(share: AnsweredShare) -> str:
    """How many questions were answered within what their marketplace allows."""
    told = _("Answered within the marketplace's {h} h: {share} (of {n})")
    return told.format(h=share.hours, share=share_words(share.share), n=share.count)


def use_line(one: Service) -> str:
    """What became of suggestions in the replies."""
    return _("as suggested {untouched}, edited {edited}, own words {own}").format(
        untouched=share_words(one.share(one.untouched)),
        edited=share_words(one.share(one.edited)),
        own=share_words(one.share(one.own)),
    )


def judged_line(one: Acceptance) -> str:
    """What people made of suggestions."""
    line = _("as suggested {accepted}, edited {edited}, rejected {rejected}").format(
        accepted=one.accepted, edited=one.edited, rejected=one.rejected
    )
    share = _("share as suggested")
    parts = [f"{line} ({share} {share_words(one.share)})"]
    if one.calls is not None:
        asked = ngettext("{n} question", "{n} questions", one.calls).format(n=one.calls)
        parts.append(_("{questions} for {cost}").format(questions=asked, cost=money_words(one.cost)))
    if one.reasons:
        parts.append(_("rejected because: {why}").format(why=reasons_words(one)))
    return "; ".join(parts)


def reasons_words(one: Acceptance) -> str:
    """Why people rejected suggestions, and how often."""
    return ", ".join(f"{said(REJECTIONS, reason)} {count}" for reason, count in one.reasons)


def ages(backlog: Backlog) -> Sequence[tuple[str, int]]:
    """Those who wait now by how long, each with its word."""
    return (
        (_("up to 1 h"), backlog.hour),
        (_("up to 4 h"), backlog.four_hours),
        (_("up to 1 d"), backlog.day),
        (_("up to 3 d"), backlog.three_days),
        (_("longer"), backlog.older),
    )
