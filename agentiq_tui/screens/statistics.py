"""Figures of service: how long buyers waited, who answered, what suggestions were worth."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from agentiq_core.domain.statistics import Acceptance, By, Service, Statistics
from agentiq_core.domain.views import SellerStatus
from agentiq_tui import statistics_words as words
from agentiq_tui.actions import Where
from agentiq_tui.bars import bar, level, stacked
from agentiq_tui.days import day_named
from agentiq_tui.locale import _, mark, ngettext
from agentiq_tui.messages_office import OfficeFetched
from agentiq_tui.screens.office_list import OfficeListScreen
from agentiq_tui.shown import fitted, list_line
from agentiq_tui.widgets.action_text import link
from agentiq_tui.widgets.day_chart import DayChart
from agentiq_tui.wording import marketplace_short

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

Line = Service | Acceptance
PERIODS: tuple[tuple[int, str], ...] = ((1, mark("today")), (7, mark("7 days")), (30, mark("30 days")))
MOST_DAYS = 800
TALL = 30
"""Rows of a window in which the columns of days have their place."""
NAME, NUMBER, COUNT, SHORTEST_BAR = 16, 11, 15, 7
"""Cells of columns."""
_PARTS = ("$success", "$accent", "$warning")


@dataclass(frozen=True, slots=True)
class Period:
    """What days are told of. `until` None: today, wherever the shop is."""

    title: str
    since: date
    until: date | None = None


class StatisticsScreen(OfficeListScreen[Line], keys=Where.FIGURES):
    """p chooses the days, b what the lines are of, f the figure that is drawn, s the shop."""

    kind = "-figures"

    def __init__(self, desk: Desk, clock: Callable[[], datetime], shops: Sequence[SellerStatus]) -> None:
        super().__init__(desk, clock)
        self._shops = tuple(shops)
        self._shop: SellerStatus | None = None
        self._period = self._last_days(*PERIODS[-1])
        self._by = By.OPERATOR
        self._figure = 0
        self._days: tuple[Service, ...] = ()

    def heading(self) -> str:
        shop = self._shop
        where = _("all shops") if shop is None else _shop_words(shop)
        return _("Figures: {days}, {shops}, {lines}").format(
            days=self._period.title, shops=where, lines=_(words.GROUPS[self._by])
        )

    def above(self) -> Sequence[Widget]:
        return (DayChart(),)

    def empty(self) -> str:
        return _("Nothing was answered in these days")

    def link_line(self) -> list[Content]:
        figure = _(words.FIGURES[self._figure].title)
        return [
            link(_("days"), "figures_period"),
            link(_("lines of"), "figures_group"),
            link(_("drawn: {figure}").format(figure=figure), "figures_figure"),
            *([link(_("shop"), "list_shop")] if len(self._shops) > 1 else []),
            link(_("back"), "leave"),
        ]

    def key(self, row: Line) -> Hashable:
        if isinstance(row, Acceptance):
            return row.name
        return (row.seller_id, row.operator_id, row.day)

    async def fetch(self) -> OfficeFetched:
        wanted = (self._by, self._period, self._shop)
        seller = None if self._shop is None else self._shop.seller_id
        days, report = self._desk.statistics.report, self._period
        found = await days(seller, since=report.since, until=report.until, by=self._by)
        daily = (
            found
            if self._by is By.DAY
            else await days(seller, since=report.since, until=report.until, by=By.DAY)
        )
        if wanted != (self._by, self._period, self._shop):
            # the operator went on meanwhile
            self.request()
        return OfficeFetched(found.service or found.acceptance, (found, daily.service))

    @property
    def report(self) -> Statistics | None:
        """The figures on screen."""
        return None if self.facts is None else self.facts[0]

    def show(self, rows: Sequence[Line]) -> None:
        if self.facts is not None:
            self._days = self.facts[1]
        super().show(rows)
        chart = self.query_one(DayChart)
        chart.display = self.facts is not None and self.app.size.height >= TALL
        if chart.display:
            chart.show(words.FIGURES[self._figure], self._by_day())

    def _by_day(self) -> list[tuple[date, float | None]]:
        """Every day from the first to the last, those without an answer too."""
        report = self.report
        if report is None:
            return []
        known = {one.day: one for one in self._days}
        last = self._period.until or max([day for day in known if day is not None], default=self._today())
        last = last if self._period.until else max(last, self._today())
        value = words.FIGURES[self._figure].value
        days = [report.since + timedelta(days=step) for step in range((last - report.since).days + 1)]
        return [(day, value(known[day]) if day in known else None) for day in days]

    def head(self) -> Content:
        report = self.report
        if report is None:
            return Content("")
        total, backlog = report.total, report.backlog
        lines = [Content(words.first_line(total.first)), Content(words.next_line(total.following))]
        replies = words.replies_line(total)
        if report.cost:
            replies += ", " + _("models cost {cost}").format(cost=words.money_words(report.cost))
        lines.append(Content(replies))
        lines.append(self._use(total))
        ages = words.ages(backlog)
        waiting = sum(count for _word, count in ages)
        largest = max(count for _word, count in ages) or 1
        parts: list[Content | tuple[str, str] | str] = [_("Waiting: {n}").format(n=waiting), " "]
        for word, count in ages:
            parts += [" ", f"{word} {count}", (level(count / largest), "$accent")]
        if backlog.overdue:
            parts.append((" " + _("overdue {n}").format(n=backlog.overdue), "bold $error"))
        lines.append(Content.assemble(*parts))
        return Content("\n").join(lines)

    def _use(self, total: Service) -> Content:
        """What became of suggestions, as one bar and in words."""
        if not total.replies:
            return Content.styled(_("No replies, so nothing to say of suggestions"), "$faint")
        width = max(8, min(30, self.line_width - 56))
        return _bar_of((total.untouched, total.edited, total.own), width) + "  " + words.use_line(total)

    def columns(self) -> Content:
        judged = self._by in (By.INTENT, By.MODEL)
        names = [name for name, _words in self._cells(Service())]
        if judged:
            names = [_("as suggested"), _("edited"), _("rejected")]
        room = COUNT if judged else NUMBER
        titles = "".join(fitted(name, room - 1).strip().rjust(room) for name in names)
        return Content.styled(fitted(_(words.HEADS[self._by]), self._name_width) + titles, "$faint")

    @property
    def _name_width(self) -> int:
        return NAME if self.line_width < 100 else NAME + 12

    def _cells(self, one: Service) -> list[tuple[str, str]]:
        """The columns that there is room for, with what stands in them."""
        every = [
            (_("1st answer"), words.time_words(one.first.median)),
            ("90 %", words.time_words(one.first.p90)),
            (_("in time"), words.share_words(one.first.in_time)),
            (_("replies"), str(one.replies)),
            (_("next ones"), words.time_words(one.following.median)),
            ("90 %", words.time_words(one.following.p90)),
            (_("in time"), words.share_words(one.following.in_time)),
            (_("late"), words.NOTHING if one.breaches is None else str(one.breaches)),
        ]
        room = self.line_width - self._name_width - SHORTEST_BAR - 2
        return every[: max(1, room // NUMBER)]

    def row(self, row: Line) -> Content:
        if isinstance(row, Acceptance):
            counts = (row.accepted, row.edited, row.rejected)
            name = words.acceptance_name(row, self._by)
            numbers = "".join(str(count).rjust(COUNT) for count in counts)
            room = self.line_width - self._name_width - 3 * COUNT - 2
            return Content.assemble(
                fitted(list_line(name), self._name_width), numbers, "  ", _bar_of(counts, max(room, 4))
            )
        cells = self._cells(row)
        name = fitted(list_line(words.service_name(row, self._by)), self._name_width)
        numbers = "".join(fitted(cell, NUMBER - 1).strip().rjust(NUMBER) for _name, cell in cells)
        room = self.line_width - self._name_width - len(cells) * NUMBER - 2
        return Content.assemble(name, numbers, "  ", (bar(self._share(row), room), "$accent"))

    def _share(self, row: Service) -> float:
        """How much of the largest of its kind the figure that is drawn is."""
        figure = words.FIGURES[self._figure]
        most = figure.most or max(
            (figure.value(one) or 0.0 for one in self.rows if isinstance(one, Service)), default=0.0
        )
        return (figure.value(row) or 0.0) / most if most else 0.0

    def detail(self, row: Line) -> Content:
        if isinstance(row, Acceptance):
            return Content.assemble(
                (words.acceptance_name(row, self._by), "bold"), f": {words.judged_line(row)}"
            )
        said = [words.replies_line(row)]
        if row.marketplace_share is not None:
            said.append(words.share_line(row.marketplace_share))
        lines = [
            Content.assemble((words.service_name(row, self._by), "bold"), ": ", ". ".join(said)),
            Content(f"{words.first_line(row.first)}. {words.next_line(row.following)}"),
        ]
        if row.replies:
            lines.append(Content(words.use_line(row)))
        return Content("\n").join(lines)

    def _today(self) -> date:
        return self.clock().astimezone().date()

    def _last_days(self, days: int, title: str) -> Period:
        return Period(_(title), self._today() - timedelta(days=days - 1))

    def action_period(self) -> None:
        """Other days: today, the last ones, or some that are typed."""
        from agentiq_tui.screens.choose import Choice, ChooseScreen

        def chosen(period: Period | None) -> None:
            if period is not None:
                self._period = period
                self._turn()

        choices = [Choice(one, one.title) for one in (self._last_days(*known) for known in PERIODS)]
        hint = _("or type them: 1.03 - 10.03")
        self.app.push_screen(
            ChooseScreen(_("Figures of which days"), choices, placeholder=hint, read=self._typed), chosen
        )

    def _typed(self, text: str) -> Period:
        """Days as people type them. ValueError says what is wrong."""
        parts = text.replace("–", "-").replace("—", "-").split("-")
        if text.count("-") > 2:
            # days as computers write them: three parts each
            parts = text.replace("–", " ").split()
        typed = [part for part in parts if part.strip()]
        days = [day for part in typed if (day := day_named(part, self._today())) is not None]
        if not 1 <= len(days) <= 2 or len(days) < len(typed):
            raise ValueError(_("Write a day or two: 1.03 - 10.03"))
        since, until = days[0], days[-1]
        if not 0 <= (until - since).days < MOST_DAYS:
            raise ValueError(
                ngettext(
                    "From the first to the last: {n} day at most",
                    "From the first to the last: {n} days at most",
                    MOST_DAYS,
                ).format(n=MOST_DAYS)
            )
        shown = [day.strftime("%d.%m.%Y") for day in dict.fromkeys((since, until))]
        return Period(" – ".join(shown), since, until)

    def action_group(self) -> None:
        """Lines of something else."""
        every = list(By)
        self._by = every[(every.index(self._by) + 1) % len(every)]
        self._turn()

    def action_figure(self) -> None:
        """Draw another figure."""
        self._figure = (self._figure + 1) % len(words.FIGURES)
        if self.loaded:
            self.show(self.rows)

    def action_shop(self) -> None:
        """Figures of one shop, or of all."""
        from agentiq_tui.screens.choose import Choice, ChooseScreen

        if len(self._shops) < 2:
            return
        every = [Choice(0, _("all shops")), *(Choice(one.seller_id, _shop_words(one)) for one in self._shops)]

        def chosen(number: int | None) -> None:
            if number is not None:
                self._shop = next((one for one in self._shops if one.seller_id == number), None)
                self._turn()

        self.app.push_screen(ChooseScreen(_("Figures of which shop"), every), chosen)

    def action_again(self) -> None:
        self._turn()

    def _turn(self) -> None:
        self.say(_("Counting…"))
        self.loaded = False
        self.request()


def _bar_of(counts: Sequence[int], width: int) -> Content:
    return Content.assemble(*zip(stacked(counts, width), _PARTS, strict=True))


def _shop_words(shop: SellerStatus) -> str:
    return f"{marketplace_short(shop.marketplace)} {list_line(shop.name)}"
