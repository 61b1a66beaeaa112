"""One picture on cells that are kept free for it, or drawn of half blocks."""

from __future__ import annotations

from typing import cast

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from agentiq_tui.pictures.reducing import Reduced
from agentiq_tui.pictures.terminal import Shows, Way, drawn, taken_away
from agentiq_tui.workplace import WorkplaceApp


class PictureView(Widget):
    """Writes the picture anew whenever its cells were painted: a terminal forgets what lies under text."""

    def __init__(self) -> None:
        super().__init__(id="picture")
        self._picture: Reduced | None = None
        self._shows: Shows | None = None
        self._due = False

    def room(self, shows: Shows) -> tuple[int, int]:
        """Pixels that fit here, in the measure of this way."""
        if shows.way is Way.BLOCKS:
            return self.size.width, self.size.height * 2
        return self.size.width * shows.cell[0], self.size.height * shows.cell[1]

    def show(self, picture: Reduced | None, shows: Shows | None = None) -> None:
        """Show this one; None leaves the place empty."""
        self._erase()
        self._picture, self._shows = picture, shows
        self.refresh()

    def on_unmount(self) -> None:
        self._erase()

    def _erase(self) -> None:
        if self._picture is not None and self._shows is not None and self._shows.way is not None:
            cast("WorkplaceApp", self.app).write_to_terminal(taken_away(self._shows.way))

    def render_lines(self, crop: Region) -> list[Strip]:
        if not self._due and self._picture is not None and self._shows and self._shows.way is not Way.BLOCKS:
            self._due = True
            self.call_after_refresh(self._draw)
        return super().render_lines(crop)

    def _draw(self) -> None:
        self._due = False
        picture, shows = self._picture, self._shows
        if picture is None or shows is None or shows.way is None or self.app.screen is not self.screen:
            return
        cells = self._cells(picture, shows)
        region = self.content_region
        place = (region.x + (region.width - cells[0]) // 2, region.y + (region.height - cells[1]) // 2)
        cast("WorkplaceApp", self.app).write_to_terminal(drawn(shows.way, picture.content, place, cells))

    def _cells(self, picture: Reduced, shows: Shows) -> tuple[int, int]:
        columns = -(-picture.width // shows.cell[0])
        rows = -(-picture.height // shows.cell[1])
        return min(columns, self.size.width), min(rows, self.size.height)

    def render_line(self, y: int) -> Strip:
        width, picture = self.size.width, self._picture
        blank = Strip.blank(width, self.rich_style)
        if picture is None or self._shows is None or self._shows.way is not Way.BLOCKS:
            return blank
        top = (y - (self.size.height - -(-picture.height // 2)) // 2) * 2
        if not 0 <= top < picture.height:
            return blank
        left = (width - picture.width) // 2
        segments = [Segment(" " * left, self.rich_style)]
        for column in range(picture.width):
            upper = _pixel(picture, column, top)
            lower = _pixel(picture, column, top + 1) if top + 1 < picture.height else None
            segments.append(Segment("▀", Style(color=upper, bgcolor=lower or self.rich_style.bgcolor)))
        segments.append(Segment(" " * (width - left - picture.width), self.rich_style))
        return Strip(segments, width)


def _pixel(picture: Reduced, column: int, row: int) -> Color:
    start = (row * picture.width + column) * 3
    return Color.from_rgb(*picture.content[start : start + 3])
