"""When a shop works: a week with several stretches a day, a zone, holidays, own days; what a change would do to deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Input

from agentiq_core.domain.errors import AgentIQError, Rejected
from agentiq_core.domain.views import SellerStatus
from agentiq_tui.actions import Where
from agentiq_tui.explain import explain
from agentiq_tui.locale import _, mark, ngettext
from agentiq_tui.rule_messages import EffectTold, FormBuilt, FormRefused, RulesFetched, RulesSaved
from agentiq_tui.rule_wording import effect_lines
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.labelled_form import LabelledFormScreen
from agentiq_tui.shown import steady_line
from agentiq_tui.widgets.action_text import link
from agentiq_tui.widgets.labelled import Labelled
from agentiq_tui.wording import marketplace_short

if TYPE_CHECKING:
    from datetime import date

    from agentiq_core.engine.desk import Desk
    from agentiq_core.sla.calendar import Calendar, Spans
    from agentiq_core.sla.deadline import Terms

DAYS = (
    mark("Monday"),
    mark("Tuesday"),
    mark("Wednesday"),
    mark("Thursday"),
    mark("Friday"),
    mark("Saturday"),
    mark("Sunday"),
)
AROUND = ("24", "24/7", "00:00-24:00")
CLOSED, OPEN = mark("closed"), mark("worked")


class WorkingHoursScreen(LabelledFormScreen[None], keys=Where.HOURS):
    """F5 says what would change and saves; F2 copies the day under the cursor to the weekdays behind it; Esc leaves.

    All days left empty: no calendar, deadlines go on day and night.
    """

    def __init__(self, desk: Desk, shop: SellerStatus, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._desk = desk
        self._shop = shop
        self._clock = clock
        self._terms: Terms | None = None
        self._calendar: Calendar | None = None

    @property
    def may_change(self) -> bool:
        """Whether whoever works here manages shops."""
        return self._desk.who.may_manage

    def heading(self) -> str:
        heading = _("Working hours")
        return f"{heading}: {marketplace_short(self._shop.marketplace)} {steady_line(self._shop.name)}"

    def rows(self) -> list[Labelled]:
        closed = _("closed")
        days = [Labelled(_(name), _input(f"day-{n}", closed)) for n, name in enumerate(DAYS)]
        return [
            *days,
            Labelled(_("time zone"), _input("zone", "Europe/Moscow")),
            Labelled(_("holidays"), _input("holidays", _("none; RU closes on Russia's"))),
            Labelled(
                _("own days"),
                _input("own", _("2026-12-31 10:00-14:00; 2027-01-02 closed; 2026-11-07 worked")),
            ),
        ]

    def link_line(self) -> list[Content]:
        back = link(_("back"), "leave")
        if not self.may_change:
            return [back]
        return [link(_("save"), "submit"), link(_("the same until Friday"), "hours_copy"), back]

    def opened(self) -> None:
        self.work(_("Reading…"))
        self.begin(self._fetch)

    async def _fetch(self) -> RulesFetched:
        return RulesFetched((await self._desk.terms(self._shop.seller_id),))

    def on_rules_fetched(self, event: RulesFetched) -> None:
        from agentiq_core.sla.hours import spans_text

        (self._terms,) = event.rules
        assert self._terms is not None
        known = self._terms.calendar
        week = known.week if known else ((),) * 7
        for number, spans in enumerate(week):
            self._field(f"day-{number}").value = spans_text(spans).replace(",", ", ")
        self._field("zone").value = known.zone if known else self._terms.timezone
        self._field("holidays").value = (known.holidays or "") if known else ""
        self._field("own").value = _own_text(known)
        self._as_opened = self.filled_in()
        if self.may_change:
            self.rest(self._standing_line(), error=False, focus="day-0")
        else:
            # the fields stay as they are: they may be read
            self.busy = False
            self.say(_("Only admins and owners change this"))

    def _standing_line(self) -> str:
        if self._terms is not None and self._terms.calendar is not None:
            return _(
                "For example 09:00–13:00, 14:00–22:00; 20:00–04:00 runs past midnight; 24 is around the clock"
            )
        return _(
            "No hours yet: deadlines go on day and night. For example 09:00–13:00, 14:00–22:00; 24 is around the clock"
        )

    def _field(self, name: str) -> Input:
        return self.query_one(f"#{name}", Input)

    def action_copy_day(self) -> None:
        """The hours under the cursor are those of the days behind it too, until Friday."""
        focused = self.focused
        name = focused.id or "" if focused is not None else ""
        if name.startswith("day-") and self.may_change:
            number = int(name.removeprefix("day-"))
            for later in range(number + 1, 5 if number < 5 else 7):
                self._field(f"day-{later}").value = self._field(name).value

    def action_submit(self) -> None:
        if self.may_change and self._terms is not None:
            super().action_submit()

    async def built(self) -> FormBuilt | FormRefused:
        """The calendar, none where every day is empty, or the first mistake."""
        return await asyncio.to_thread(_read, self.filled_in(), self._clock().year)

    def take(self, result: Calendar | None) -> None:
        self._calendar = result
        if self._terms is not None and self._calendar == self._terms.calendar:
            self.rest(_("Nothing was changed"), error=False)
            return
        self.work(_("Looking what would change…"))
        self.begin(self._effect)

    async def _effect(self) -> EffectTold:
        assert self._terms is not None
        told = await self._desk.effect(self._shop.seller_id, replace(self._terms, calendar=self._calendar))
        return EffectTold(effect_lines(told, self._clock()))

    def on_effect_told(self, event: EffectTold) -> None:
        def answered(save: bool | None) -> None:
            if save:
                self.work(_("Saving…"))
                self.begin(self._save)
            else:
                self.rest(_("Not saved yet"), error=False, focus="day-0")

        title = _("Save? This would change")
        self.app.push_screen(ConfirmScreen(title, event.lines, _("save"), back=_("back")), answered)

    async def _save(self) -> RulesSaved:
        kept = (await self._desk.terms(self._shop.seller_id)).calendar
        if self._terms is None or kept != self._terms.calendar:
            raise Rejected(_("A colleague changed this meanwhile: leave and open it again"))
        counted = await self._desk.set_calendar(self._shop.seller_id, self._calendar)
        line = ngettext(
            "Saved: {n} open conversation was counted anew",
            "Saved: {n} open conversations were counted anew",
            counted,
        )
        return RulesSaved(line.format(n=counted))

    def on_rules_saved(self, event: RulesSaved) -> None:
        if self._terms is not None:
            self._terms = replace(self._terms, calendar=self._calendar)
        self._as_opened = self.filled_in()
        self.rest(f"✓ {event.line}", error=False, focus="day-0")


def _read(filled: dict[str, str], year: int) -> FormBuilt | FormRefused:
    from agentiq_core.sla.calendar import Calendar, holidays_of, zone_named

    field = ""
    try:
        week: list[Spans] = []
        for field in (f"day-{number}" for number in range(7)):
            week.append(_spans(filled[field]))
        if not any(week):
            return FormBuilt(None)
        field = "zone"
        zone_named(filled["zone"].strip())
        field = "holidays"
        country = filled["holidays"].strip().upper() or None
        if country is not None:
            holidays_of(country, year)
        field = "own"
        own = dict(_own_day(part) for part in filled["own"].split(";") if part.strip())
        days = tuple((day, own[day]) for day in sorted(own))
        return FormBuilt(Calendar(filled["zone"].strip(), tuple(week), country, days))
    except AgentIQError as error:
        if "hours" in error.params:
            written = steady_line(str(error.params["hours"]))
            line = _("These are no hours: {hours}; write 09:00–13:00, 14:00–22:00").format(hours=written)
            return FormRefused(field, line)
        return FormRefused(field, explain(error))


def _spans(text: str) -> Spans:
    from agentiq_core.sla.calendar import ALL_DAY
    from agentiq_core.sla.hours import parse_spans

    said = text.strip().lower()
    if said in ("", "-", CLOSED, _(CLOSED)):
        return ()
    return ALL_DAY if said in AROUND else parse_spans(said)


def _own_day(text: str) -> tuple[date, Spans | None]:
    from agentiq_core.sla.hours import parse_date

    day, _space, hours = text.strip().partition(" ")
    usual = hours.strip().lower() in ("", OPEN, _(OPEN))
    return parse_date(day), None if usual else _spans(hours)


def _own_text(calendar: Calendar | None) -> str:
    from agentiq_core.sla.hours import spans_text

    parts = []
    for day, spans in calendar.days if calendar else ():
        hours = _(OPEN) if spans is None else spans_text(spans).replace(",", ", ") or _(CLOSED)
        parts.append(f"{day.isoformat()} {hours}")
    return "; ".join(parts)


def _input(name: str, hint: str) -> Input:
    return Input(placeholder=hint, id=name, compact=True, select_on_focus=False)
