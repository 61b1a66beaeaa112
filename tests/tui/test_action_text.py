"""Lines of words that are commands."""

from __future__ import annotations

import pytest
from textual.content import Content

from agentiq_tui.widgets.action_text import ACTION, flowed, link, whole

LINKS = Content("   ").join(
    [link("пауза", "p", "pause"), link("прочитать сейчас", "y", "read"), link("раздача", "u", "share")]
)


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (80, ["p пауза   y прочитать сейчас   u раздача"]),
        (37, ["p пауза   y прочитать сейчас", "u раздача"]),
        (20, ["p пауза", "y прочитать сейчас", "u раздача"]),
    ],
)
def test_a_line_never_ends_between_a_key_and_its_word(width: int, lines: list[str]) -> None:
    assert flowed(LINKS, width).plain.split("\n") == lines


def test_a_link_is_still_one_where_it_went_on_another_line() -> None:
    text = flowed(LINKS, 20)
    found = {
        text.plain[span.start : span.end]: span.style.meta[ACTION]
        for span in text.spans
        if not isinstance(span.style, str) and ACTION in span.style.meta
    }
    assert found == {"p пауза": "pause", "y прочитать сейчас": "read", "u раздача": "share"}


def test_what_goes_on_hangs_under_the_begin_of_its_words() -> None:
    text = Content("  F5   Отправить свой текст\n\n  Tab  Править")
    assert flowed(text, 22, hang=7).plain == "  F5   Отправить свой\n       текст\n\n  Tab  Править"


def test_what_belongs_together_stays_on_one_line() -> None:
    files = Content("  ").join([whole(Content("+ схема.png 1 КБ ✕")), whole(Content("+ фото.png 2 КБ ✕"))])
    assert flowed(files, 30).plain == "+ схема.png 1 КБ ✕\n+ фото.png 2 КБ ✕"
