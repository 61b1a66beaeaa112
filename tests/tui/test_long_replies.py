"""A reply of one long line: it is drawn as Textual draws it, with less work."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from agentiq_tui.marks import Kind, Mark
from agentiq_tui.widgets.marked_area import MarkedArea

LONG = "Здравствуйте! Спасибо, что написали нам: мы передадим фото старшему смены и ответим. " * 9
TEXTS = {
    "long": LONG,
    "empty": "",
    "word": "слово",
    "tabs": f"{LONG}\n\tотступ\tи ещё\n{LONG}",
    "emoji": "👍🏽 знаки\t" * 40,
}


class Beside(App[None]):
    """Textual's own field and ours, the same text in both."""

    CSS = "TextArea { height: 30; width: 40; border: none; } .marked--error { text-style: underline; }"

    def __init__(self, text: str) -> None:
        super().__init__()
        self.written = text

    def compose(self) -> ComposeResult:
        for area in (TextArea, MarkedArea):
            made = area(text=self.written, soft_wrap=True, compact=True)
            made.cursor_blink = False
            yield made


async def rows(pilot: Pilot[None], area: TextArea) -> list[Strip]:
    """What is drawn of a field that is in use."""
    area.focus()
    await pilot.pause()
    return [area.render_line(row) for row in range(area.size.height)]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_every_row_is_drawn_as_textual_draws_it(text: str) -> None:
    app = Beside(text)
    async with app.run_test(size=(40, 60)) as pilot:
        own, ours = app.query(TextArea)
        for start, end in (((0, 0), (0, 0)), ((0, 2), (0, 300)), ((0, 3), (1, 4)), ((0, 70), (0, 70))):
            for area in (own, ours):
                area.selection = Selection(start, end)
            assert await rows(pilot, ours) == await rows(pilot, own)
        for area in (own, ours):
            area.insert("ещё ", (0, 0))
        assert await rows(pilot, ours) == await rows(pilot, own)


async def test_a_mark_is_drawn_in_the_row_where_its_word_is_and_goes_when_it_is_taken_off() -> None:
    app = Beside(LONG)
    async with app.run_test(size=(40, 60)) as pilot:
        ours = app.query_one(MarkedArea)
        unmarked = await rows(pilot, ours)
        place = LONG.rindex("старшему")
        ours.mark([Mark(place, place + len("старшему"), Kind.ERROR, "почему")])
        marked = await rows(pilot, ours)
        (line,) = [line for line, before in zip(marked, unmarked, strict=True) if line != before]
        assert [piece.text for piece in line if piece.style and piece.style.underline] == ["старшему"]
        ours.mark([])
        assert await rows(pilot, ours) == unmarked
