"""Themes of the user, no colour, and the mode for screen readers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from textual.color import Color
from textual.filter import Monochrome
from textual.theme import Theme

import agentiq_tui
from agentiq_tui.locale import use
from agentiq_tui.plain import PlainSigns
from agentiq_tui.theme import THEMES
from agentiq_tui.user_themes import user_themes
from tests.tui.conftest import OpenSeat

NIGHT = """
# mine
base: light
accent: "#ff8800"
cursor-row: "#303000"
background: black
"""


def put(home: Path, name: str, text: str) -> Path:
    (home / "themes").mkdir(parents=True, exist_ok=True)
    (home / "themes" / name).write_text(text, encoding="utf-8")
    return home


def set_to(home: Path, text: str) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text(text, encoding="utf-8")


def test_a_theme_is_a_few_colours_over_one_of_ours(home: Path) -> None:
    themes, problems = user_themes(put(home, "night.yaml", NIGHT))
    assert problems == []
    (night,) = themes
    light = next(theme for theme in THEMES if theme.name == "agentiq-light")
    assert (night.name, night.accent, night.error, night.dark) == ("night", "#ff8800", light.error, True)
    assert night.variables["cursor-row"] == "#303000"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "accent: [", "not YAML, line 1"),
        ("a.yaml", "just words", "wants lines such as"),
        ("a.yaml", "accnt: red", "there is no colour accnt"),
        ("a.yaml", "accent: ultraviolet", "accent: ultraviolet is no colour"),
        ("a.yaml", "accent: 7", "accent: 7 is no colour"),
        ("a.yaml", "base: neon", "base is one of dark, light, contrast"),
        ("a.yaml", "accent: !!python/object/apply:os.system ['true']", "not YAML"),
        ("a.yaml", "x" * 70_000, "too large"),
        ("agentiq-dark.yaml", "accent: red", "this name is taken"),
        ("a.yaml", "", "wants lines such as"),
    ],
)
def test_a_mistake_is_said_in_one_line_with_the_file(home: Path, name: str, text: str, said: str) -> None:
    use("en")
    put(home, "good.yml", "accent: red")
    themes, problems = user_themes(put(home, name, text))
    assert [theme.name for theme in themes] == ["good"]
    assert len(problems) == 1
    assert problems[0].startswith(f"themes/{name}: ")
    assert said in problems[0]
    assert problems[0].isprintable()


async def test_a_theme_of_ones_own_is_worn_from_the_start_and_comes_round_by_the_key(
    seat: OpenSeat, home: Path
) -> None:
    put(home, "night.yaml", NIGHT)
    set_to(home, 'theme = "night"')
    async with seat() as here:
        assert here.app.theme == "night"
        for expected in ("agentiq-dark", "agentiq-light", "agentiq-contrast", "night"):
            await here.screen.run_action("switch_theme")
            await here.pilot.pause()
            assert here.app.theme == expected


async def test_a_broken_theme_is_told_and_ours_is_worn(seat: OpenSeat, home: Path) -> None:
    put(home, "night.yaml", "accent: ultraviolet")
    set_to(home, 'theme = "night"')
    async with seat() as here:
        await here.sees("themes/night.yaml")
        assert here.app.theme == "agentiq-dark"


def greys(here: object) -> bool:
    strips = here.app.screen._compositor.render_strips()  # type: ignore[attr-defined]
    for strip in strips:
        for segment in strip:
            for colour in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                if colour is not None and colour.triplet is not None and len(set(colour.triplet)) != 1:
                    return False
    return True


async def test_without_colours_all_is_grey_and_the_pane_in_use_has_a_heavier_frame(
    seat: OpenSeat, home: Path
) -> None:
    set_to(home, "colour = false")
    async with seat() as here:
        assert any(isinstance(one, Monochrome) for one in here.app.get_line_filters())
        assert greys(here)
        assert "┏━ 1 Очередь" in here.text()
        await here.press("2")
        await here.sees("┏━ 2 Переписка")
        assert "▌● −02:30 OZ Олег" in here.text()


async def test_colours_go_and_come_while_the_app_runs(seat: OpenSeat) -> None:
    async with seat() as here:
        assert not greys(here)
        here.app.put_setting("colour", False)
        await here.until(lambda: greys(here))
        here.app.put_setting("colour", True)
        await here.until(lambda: not greys(here))
        await here.sees("╭─ 1 Очередь")


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_word_can_be_read_wherever_it_stands(theme: Theme) -> None:
    """The ratios of WCAG 2: 4.5 (AA), and 7 (AAA) in high contrast; on every background, the row under the cursor too."""
    named = {**vars(theme), **theme.variables}
    words = ("foreground", "faint", "primary", "accent", "warning", "error", "success")
    grounds = ("background", "surface", "panel", "cursor-row")
    least = 7 if theme.name == "agentiq-contrast" else 4.5
    ratios = {
        (word, ground): contrast(Color.parse(named[word]), Color.parse(named[ground]))
        for word in words
        for ground in grounds
    }
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < least} == {}


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Color) -> float:
    """How bright a colour is to the eye, from 0 to 1."""
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def drawn(text: str) -> set[str]:
    return {sign for sign in text if 0x2500 <= ord(sign) < 0x2600 or sign in "●◐○✓✗▲→"}


async def test_for_a_screen_reader_nothing_is_drawn_and_words_stand_for_signs(
    seat: OpenSeat, home: Path
) -> None:
    set_to(home, "screen_reader = true")
    async with seat() as here:
        assert drawn(here.text()) == set()
        await here.sees("1 Очередь")
        await here.sees("срочный")
        await here.press("?")
        await here.sees("Поиск")
        assert drawn(here.text()) == set()
        await here.press("escape", "f9")
        await here.sees("Тихие часы")
        assert drawn(here.text()) == set()


def test_every_sign_of_the_source_has_a_plain_one() -> None:
    """Arrows, shapes and dingbats; letters, dashes and marks of arithmetic are read out as they are."""
    signs = set()
    for module in Path(agentiq_tui.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                signs |= {sign for sign in node.value if re.match("[\u2190-\u21ff\u2400-\u27bf]", sign)}
    assert "★" in signs
    assert {sign for sign in signs if not PlainSigns.plain(sign).isascii()} == set()


async def test_a_screen_reader_may_come_later(seat: OpenSeat) -> None:
    async with seat() as here:
        assert drawn(here.text())
        here.app.put_setting("screen_reader", True)
        await here.until(lambda: drawn(here.text()) == set())
        here.app.put_setting("screen_reader", False)
        await here.sees("╭─ 1 Очередь")
