"""`agentiq sla calendar`: when a seller works, so that deadlines count working minutes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_tui.cli.effect import DryRun, say_counted, show_effect
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.options import Seller
from agentiq_tui.cli.output import Exit, data, pairs, say
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from datetime import date

    from agentiq_core.sla.calendar import Calendar, Spans

app = typer.Typer(help="When a seller works.", no_args_is_help=True)


@app.command("show")
def show(seller: Seller, as_json: Json = False) -> None:
    """The calendar that a seller's deadlines are counted by."""

    async def work() -> Exit:
        async with open_desk() as desk:
            terms = await desk.terms(seller)
        if as_json:
            data({"seller_id": seller, "calendar": _json(terms.calendar)})
        elif terms.calendar is None:
            say(_("No calendar: deadlines go on day and night, half as long again from 22:00 to 09:00"))
        else:
            pairs(_lines(terms.calendar))
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("set")
def set_calendar(
    seller: Seller,
    hours: Annotated[
        str,
        typer.Option("--hours", help="“mon-fri 09:00-13:00,14:00-18:00; sat 22:00-02:00”, or 24/7."),
    ],
    zone: Annotated[
        str, typer.Option("--zone", help="IANA time zone, as Europe/Moscow; the seller's without it.")
    ] = "",
    holidays: Annotated[
        str, typer.Option("--holidays", help="Closed on the public holidays of this country, as RU.")
    ] = "",
    open_days: Annotated[
        list[str] | None,
        typer.Option("--open", help="An own day, holiday or not: “2026-12-31” or “2026-12-31 10:00-14:00”."),
    ] = None,
    closed_days: Annotated[
        list[str] | None, typer.Option("--closed", help="A day that is closed: 2026-12-30.")
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Count this seller's deadlines in working minutes. Conversations that wait are counted anew."""

    async def work() -> Exit:
        from agentiq_core.sla.calendar import Calendar
        from agentiq_core.sla.hours import parse_date, parse_day, parse_week

        week = parse_week(hours)
        own: dict[date, Spans | None] = dict(parse_day(day) for day in open_days or ())
        own |= {parse_date(day): () for day in closed_days or ()}
        async with open_desk() as desk:
            terms = await desk.terms(seller)
            days = tuple((day, own[day]) for day in sorted(own))
            calendar = Calendar(zone or terms.timezone, week, holidays.upper() or None, days)
            if dry_run:
                show_effect(await desk.effect(seller, replace(terms, calendar=calendar)), as_json=as_json)
                return Exit.DONE
            counted = await desk.set_calendar(seller, calendar)
        if as_json:
            data({"seller_id": seller, "calendar": _json(calendar), "recounted": counted})
        else:
            pairs(_lines(calendar))
            say_counted(counted)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("clear")
def clear(seller: Seller, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Forget the calendar: deadlines go on day and night again."""

    async def work() -> Exit:
        async with open_desk() as desk:
            if dry_run:
                terms = await desk.terms(seller)
                show_effect(await desk.effect(seller, replace(terms, calendar=None)), as_json=as_json)
                return Exit.DONE
            counted = await desk.set_calendar(seller, None)
        if as_json:
            data({"seller_id": seller, "calendar": None, "recounted": counted})
        else:
            say_counted(counted)
        return Exit.DONE

    perform(work, as_json=as_json)


def _lines(calendar: Calendar) -> list[tuple[str, str]]:
    from agentiq_core.sla.hours import spans_text, week_text

    lines = [
        (_("hours"), week_text(calendar.week)),
        (_("time zone"), calendar.zone),
        (_("holidays"), calendar.holidays or "—"),
    ]
    for day, spans in calendar.days:
        usual = _("open as usual") if spans is None else spans_text(spans) or _("closed")
        lines.append((day.isoformat(), usual))
    return lines


def _json(calendar: Calendar | None) -> dict[str, Any] | None:
    from agentiq_core.sla.hours import spans_text, week_text

    if calendar is None:
        return None
    return {
        "hours": week_text(calendar.week),
        "zone": calendar.zone,
        "holidays": calendar.holidays,
        "open": [
            f"{day} {spans_text(spans)}" if spans else f"{day}"
            for day, spans in calendar.days
            if spans is None or spans
        ],
        "closed": [f"{day}" for day, spans in calendar.days if spans == ()],
    }
