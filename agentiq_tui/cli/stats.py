"""`agentiq stats`: how long buyers wait, who answers, what suggestions are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer

from agentiq_core.domain.errors import Misconfigured
from agentiq_core.domain.statistics import Acceptance, Backlog, By, Service, Statistics, Waits
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, line, table
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _
from agentiq_tui.statistics_words import (
    HEADS,
    NOTHING,
    acceptance_name,
    money_words,
    reasons_words,
    service_name,
    share_line,
    share_words,
    time_words,
)


def stats(
    seller: Annotated[int | None, typer.Option("--seller", help="Only this seller.")] = None,
    since: Annotated[
        str, typer.Option("--from", help="The first day, as 2026-12-31; thirty days without it.")
    ] = "",
    until: Annotated[str, typer.Option("--to", help="The last day; today without it.")] = "",
    by: Annotated[By, typer.Option("--by", help="A line for each of what.")] = By.OPERATOR,
    as_json: Json = False,
) -> None:
    """Figures of service and of suggestions, of the sellers you work for."""

    async def work() -> Exit:
        first, last = _day(since), _day(until)
        async with open_desk() as desk:
            found = await desk.statistics.report(seller, since=first, until=last, by=by)
        if as_json:
            data(_json(found, seller))
        elif by in (By.INTENT, By.MODEL):
            _show_acceptance(found)
        else:
            _show_service(found)
        return Exit.DONE

    perform(work, as_json=as_json)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Misconfigured(f"not a date: {text!r}", day=text) from error


def _show_service(found: Statistics) -> None:
    header = (
        _("first answer"),
        "90 %",
        _("in time"),
        _("next answer"),
        "90 %",
        _("in time"),
        _("replies"),
        _("as suggested"),
        _("edited"),
        _("own words"),
        _("by themselves"),
        _("deadlines passed"),
    )
    lines = [(service_name(one, found.by), one) for one in found.service] + [(_("all"), found.total)]
    table([(name, *_cells(one)) for name, one in lines], (_(HEADS[found.by]), *header))
    line()
    if found.by is By.SELLER:
        for name, one in lines[:-1]:
            if one.marketplace_share is not None:
                line(f"{name}: {share_line(one.marketplace_share)}")
    elif found.total.marketplace_share is not None:
        line(share_line(found.total.marketplace_share))
    line(_backlog(found.backlog))


def _cells(one: Service) -> Sequence[str]:
    return (
        *_wait_cells(one.first),
        *_wait_cells(one.following),
        str(one.replies),
        share_words(one.share(one.untouched)),
        share_words(one.share(one.edited)),
        share_words(one.share(one.own)),
        str(one.automatic),
        NOTHING if one.breaches is None else str(one.breaches),
    )


def _wait_cells(waits: Waits) -> tuple[str, str, str]:
    return time_words(waits.median), time_words(waits.p90), share_words(waits.in_time)


def _show_acceptance(found: Statistics) -> None:
    rows = [
        (
            acceptance_name(one, found.by),
            str(one.accepted),
            str(one.edited),
            str(one.rejected),
            share_words(one.share),
            money_words(one.cost),
            reasons_words(one) or NOTHING,
        )
        for one in found.acceptance
    ]
    table(
        rows,
        (
            _(HEADS[found.by]),
            _("as suggested"),
            _("edited"),
            _("rejected"),
            _("share as suggested"),
            _("cost"),
            _("why rejected"),
        ),
    )


def _backlog(backlog: Backlog) -> str:
    return _(
        "Waiting now: {hour} under an hour, {four} under four, {day} under a day, {three} under three days, {older} longer; "
        "{overdue} overdue"
    ).format(
        hour=backlog.hour,
        four=backlog.four_hours,
        day=backlog.day,
        three=backlog.three_days,
        older=backlog.older,
        overdue=backlog.overdue,
    )


def _json(found: Statistics, seller: int | None) -> dict[str, Any]:
    return {
        "seller_id": seller,
        "from": found.since,
        "to": found.until,
        "by": found.by.value,
        "total": _service_json(found.total),
        "backlog": asdict(found.backlog),
        "cost": found.cost,
        "lines": [_service_json(one) for one in found.service]
        or [_acceptance_json(one) for one in found.acceptance],
    }


def _service_json(one: Service) -> dict[str, Any]:
    counted = one.marketplace_share
    return asdict(one) | {
        "marketplace_share": None if counted is None else asdict(counted) | {"share": counted.share},
        "untouched_share": one.share(one.untouched),
        "edited_share": one.share(one.edited),
        "own_share": one.share(one.own),
    }


def _acceptance_json(one: Acceptance) -> dict[str, Any]:
    return asdict(one) | {"reasons": dict(one.reasons), "share": one.share}
