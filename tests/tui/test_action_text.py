"""Lines of words that are commands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.content import Content

from agentiq_tui.widgets.action_text import ACTION, flowed, link, whole

LINKS = Content("   ").join(
    [link("пауза", "shop_pause"), link("прочитать сейчас", "shop_sync"), link("раздача", "shop_sharing")]
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
    assert found == {"p пауза": "pause", "y прочитать сейчас": "sync", "u раздача": "sharing"}


def test_what_goes_on_hangs_under_the_begin_of_its_words() -> None:
    text = Content("  F5   Отправить свой текст\n\n  Tab  Править")
    assert flowed(text, 22, hang=7).plain == "  F5   Отправить свой\n       текст\n\n  Tab  Править"


def test_what_belongs_together_stays_on_one_line() -> None:
    files = Content("  ").join([whole(Content("+ схема.png 1 КБ ✕")), whole(Content("+ фото.png 2 КБ ✕"))])
    assert flowed(files, 30).plain == "+ схема.png 1 КБ ✕\n+ фото.png 2 КБ ✕"


@pytest.mark.parametrize(
    ("made", "shown", "runs"),
    [
        (lambda: link("назад", "leave"), "Esc назад", "leave"),
        (lambda: link("возврат", "related", run="open_related(2)"), "l возврат", "open_related(2)"),
        (lambda: link("короче", "shorter"), "короче", "shorter"),
        (lambda: link("отправить", "send", key="F5"), "F5 отправить", "send"),
    ],
    ids=["its key", "another way of it", "no key", "the key of this terminal"],
)
def test_a_link_has_the_key_in_force_and_runs_what_that_key_runs(
    made: Callable[[], Content], shown: str, runs: str
) -> None:
    made_now = made()
    assert made_now.plain == shown
    assert {span.style.meta[ACTION] for span in made_now.spans if not isinstance(span.style, str)} == {runs}
