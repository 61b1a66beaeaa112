"""Columns of days with the days under them; a line says in words what they show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from textual import events
from textual.content import Content
from textual.widgets import Static

from agentiq_tui.bars import columns
from agentiq_tui.locale import _
from agentiq_tui.statistics_words import NOTHING, Figure

HEIGHT = 6
Day = tuple[date, float | None]


class DayChart(Static):
    """One figure over days, None where nothing is known of one. Where there are more days than cells, the last ones are drawn."""

    def __init__(self) -> None:
        super().__init__(id="day-chart")
        self._figure: Figure | None = None
        self._days: tuple[Day, ...] = ()

    def show(self, figure: Figure, days: Sequence[Day]) -> None:
        """Draw this figure."""
        self._figure, self._days = figure, tuple(days)
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width
        if self._figure is None or width < 2:
            return
        wide, gap = next(
            (
                (cell, space)
                for cell, space in ((3, 1), (2, 1), (1, 1))
                if len(self._days) * (cell + space) <= width
            ),
            (1, 0),
        )
        shown = self._days[-(width // (wide + gap)) :]
        top = self._figure.most or max((value or 0.0 for _day, value in shown), default=0.0)
        shares = [None if value is None or not top else value / top for _day, value in shown]
        lines = [Content(self._words())]
        lines += [Content.styled(line, "$accent") for line in columns(shares, HEIGHT, wide=wide, gap=gap)]
        if shown:
            first, last = day_words(shown[0][0]), day_words(shown[-1][0])
            axis = first if len(shown) == 1 else f"{first} – {last}"
            reach = len(shown) * (wide + gap) - gap
            if len(shown) > 1 and reach > len(first) + len(last) + 2:
                axis = first + last.rjust(reach - len(first))
            lines.append(Content.styled(axis, "$faint"))
        self.update(Content("\n").join(lines))

    def _words(self) -> str:
        """The highest and the lowest day, and the last one."""
        assert self._figure is not None
        known = [(value, day) for day, value in self._days if value is not None]
        title = _(self._figure.title)
        if not known:
            return f"{title}: {NOTHING}"
        words = self._figure.words
        high, low, last = max(known), min(known), known[-1]
        return _(
            "{title} by day: most {most} ({most_day}), least {least} ({least_day}), last {last} ({last_day})"
        ).format(
            title=title,
            most=words(high[0]),
            most_day=day_words(high[1]),
            least=words(low[0]),
            least_day=day_words(low[1]),
            last=words(last[0]),
            last_day=day_words(last[1]),
        )


def day_words(day: date) -> str:
    """A day and its month."""
    return day.strftime("%d.%m")
