"""Panes at every size, themes, languages."""

from __future__ import annotations

import pytest

from tests.tui.conftest import OpenSeat, Seat


def visible(here: Seat) -> set[str]:
    panes = ("queue-pane", "chat-pane", "suggestion-pane")
    return {name for name in panes if here.screen.query_one(f"#{name}").region.area > 0}


ALL = {"queue-pane", "chat-pane", "suggestion-pane"}


@pytest.mark.parametrize(
    ("size", "panes"),
    [
        ((160, 45), ALL),
        ((100, 30), ALL),
        ((80, 24), ALL),
        ((60, 24), {"queue-pane"}),
    ],
)
async def test_the_panes_fold_with_the_width(seat: OpenSeat, size: tuple[int, int], panes: set[str]) -> None:
    async with seat(size) as here:
        assert visible(here) == panes


@pytest.mark.parametrize("size", [(39, 24), (80, 11), (24, 6)])
async def test_a_window_too_small_says_so_and_nothing_else(seat: OpenSeat, size: tuple[int, int]) -> None:
    async with seat(size) as here:
        assert here.text().split() == ["Окно", "слишком", "мало:", "нужно", "хотя", "бы", "40×12"]


async def test_a_terminal_of_4k_is_filled_and_dialogs_keep_their_measure(seat: OpenSeat) -> None:
    width, height = 400, 100
    async with seat((width, height)) as here:
        panes = [here.screen.query_one(f"#{name}-pane").region for name in ("queue", "chat", "suggestion")]
        assert [pane.x for pane in panes] == [0, panes[0].right, panes[1].right]
        assert panes[2].right == width
        assert {pane.height for pane in panes} == {height - 2}
        assert "F5 отправить" in here.text().splitlines()[-1]
        for action in ("help", "search", "settings", "statistics", "quarantine", "variants", "add_shop"):
            await here.screen.run_action(action)
            await here.until(lambda: here.app.screen.query("#dialog"))
            dialog = here.app.screen.query_one("#dialog")
            await here.until(lambda dialog=dialog: dialog.region.area)
            assert dialog.region.width <= 140
            assert dialog.region.height <= height * 0.9
            assert abs(dialog.region.x + dialog.region.right - width) <= 1
            await here.press("escape")
            await here.until(lambda: here.app.screen is here.screen)


async def test_on_a_narrow_screen_keys_choose_the_pane(seat: OpenSeat) -> None:
    async with seat((60, 24)) as here:
        await here.press("2")
        await here.until(lambda: visible(here) == {"chat-pane"})
        await here.until(lambda: here.desk.called("mark_read"))
        await here.press("3")
        await here.until(lambda: visible(here) == {"suggestion-pane"})
        await here.press("escape")
        await here.until(lambda: visible(here) == {"queue-pane"})


async def test_what_is_not_on_screen_is_not_marked_read(seat: OpenSeat) -> None:
    async with seat((60, 24)) as here:
        await here.pilot.pause(0.3)
        assert not here.desk.called("mark_read")


async def test_the_second_press_of_a_pane_key_is_full_screen_and_escape_undoes_it(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("2", "2")
        await here.until(lambda: visible(here) == {"chat-pane"})
        await here.press("escape")
        await here.until(lambda: visible(here) == ALL)


async def test_resizing_while_writing_keeps_the_text(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("пишу ответ")
        for size in ((80, 24), (60, 20), (30, 8), (160, 45)):
            await here.pilot.resize_terminal(*size)
            await here.pilot.pause()
        await here.until(lambda: visible(here) == ALL)
        assert here.composer.text == "пишу ответ"
        assert here.composer.has_focus


async def test_the_footer_shows_at_most_seven_hints_and_none_cut(seat: OpenSeat) -> None:
    async with seat((80, 24)) as here:
        footer = here.text().splitlines()[-1]
        assert "F5 отправить" in footer
        assert "…" not in footer


async def test_the_footer_names_ctrl_enter_once_the_terminal_is_known_to_tell_it(seat: OpenSeat) -> None:
    from agentiq_tui.keys import KeyboardAnswered

    async with seat() as here:
        assert "Ctrl+Enter" not in here.text()
        here.app.post_message(KeyboardAnswered())
        await here.sees("Ctrl+Enter отправить")


async def test_a_hint_can_be_clicked(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.pilot.click("#hint-bar", offset=(4, 0))
        await here.until(lambda: here.desk.called("reply"))


async def test_the_language_switches_while_the_app_runs(seat: OpenSeat) -> None:
    async with seat() as here:
        here.screen.action_switch_language()
        await here.sees("Waiting for a reply")
        here.screen.action_switch_language()
        await here.sees("Ожидают ответа")


@pytest.mark.parametrize("theme", ["agentiq-light", "agentiq-contrast", "agentiq-dark"])
async def test_every_theme_draws(seat: OpenSeat, theme: str) -> None:
    async with seat() as here:
        here.app.theme = theme
        await here.sees("В работе")


async def test_no_color_still_tells_the_chosen_row(seat: OpenSeat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with seat() as here:
        assert "▌● −02:30 OZ Олег" in here.text()
