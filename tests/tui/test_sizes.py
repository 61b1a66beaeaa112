"""Panes keep the size an operator gave them: by key, by mouse, after a restart; tabs and a banner where they belong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_tui.pane_sizes import LEAST, MOST, PaneSizes, keep_sizes, read_sizes
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk


def region(here: Seat, pane: str) -> tuple[int, int]:
    found = here.screen.query_one(f"#{pane}-pane").region
    return found.width, found.height


def put(home: Path, sizes: dict[str, int]) -> None:
    home.mkdir()
    (home / "panes.json").write_text(json.dumps(sizes))


def test_sizes_stay_within_bounds_and_come_back(home: Path) -> None:
    sizes = PaneSizes().with_size("queue", 5).with_size("suggestion", 99)
    assert (sizes.queue, sizes.suggestion) == (LEAST, MOST)
    home.mkdir()
    keep_sizes(home, sizes)
    assert read_sizes(home) == sizes


@pytest.mark.parametrize("text", ["", "{", "[]", '{"queue": "wide"}', '{"queue": true}', '{"other": 3}'])
def test_a_file_that_makes_no_sense_is_no_file(home: Path, text: str) -> None:
    home.mkdir()
    (home / "panes.json").write_text(text)
    assert read_sizes(home) == PaneSizes()


@pytest.mark.parametrize("grow", [">", "Ю"])
async def test_a_key_widens_the_pane_and_the_next_start_remembers(
    seat: OpenSeat, home: Path, grow: str
) -> None:
    async with seat() as here:
        before = region(here, "queue")[0]
        await here.press(*["greater_than_sign" if grow == ">" else grow] * 4)
        await here.until(lambda: region(here, "queue")[0] >= before + 10)
        now = region(here, "queue")[0]
        await here.until(lambda: (home / "panes.json").exists())
    async with seat() as here:
        await here.until(lambda: region(here, "queue")[0] == now)


async def test_the_frame_between_two_panes_is_dragged(seat: OpenSeat, home: Path) -> None:
    async with seat() as here:
        edge = region(here, "queue")[0] - 1
        await here.pilot.mouse_down(offset=(edge, 10))
        await here.pilot.hover(offset=(60, 10))
        await here.pilot.mouse_up(offset=(60, 10))
        await here.until(lambda: 58 <= region(here, "queue")[0] <= 62)
        right = here.screen.query_one("#suggestion-pane").region.x
        await here.pilot.mouse_down(offset=(right, 10))
        await here.pilot.hover(offset=(110, 10))
        await here.pilot.mouse_up(offset=(110, 10))
        await here.until(lambda: 28 <= region(here, "suggestion")[0] <= 32)
        await here.until(lambda: (home / "panes.json").exists())
        assert not here.screen.get_selected_text()


async def test_on_two_columns_the_suggestion_grows_upwards(seat: OpenSeat) -> None:
    async with seat((80, 24)) as here:
        before = region(here, "suggestion")[1]
        await here.press("3", "greater_than_sign", "greater_than_sign", "greater_than_sign")
        await here.until(lambda: region(here, "suggestion")[1] > before)
        await here.press("2", "greater_than_sign", "greater_than_sign", "greater_than_sign")
        await here.until(lambda: region(here, "suggestion")[1] <= before)


async def test_sizes_belong_to_their_layout(seat: OpenSeat, home: Path) -> None:
    put(home, {"queue": 50, "suggestion": 70})
    async with seat() as here:
        await here.until(lambda: region(here, "queue")[0] == 70)
        assert region(here, "chat")[0] >= 30, "the conversation is never squeezed away"
        await here.pilot.resize_terminal(80, 24)
        await here.until(lambda: region(here, "queue")[0] == round(80 * 0.38))
        await here.pilot.resize_terminal(60, 24)
        await here.until(lambda: region(here, "queue")[0] == 60)
        await here.press("greater_than_sign")
        await here.sees("На экране одна панель")


async def test_one_pane_has_tabs_that_can_be_clicked(seat: OpenSeat) -> None:
    async with seat((60, 24)) as here:
        await here.sees("1 [Очередь]  2 Переписка  3 Подсказка")
        await here.pilot.click("#pane-tabs", offset=(18, 0))
        await here.sees("2 [Переписка]")
        assert region(here, "chat")[0] == 60
    async with seat((80, 24)) as here:
        assert "[Очередь]" not in here.text()


async def test_without_a_database_a_banner_says_since_when_and_what_waits(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        assert "показано то" not in here.text()
        desk.failing["overview"] = StoreUnavailable("gone")
        desk.failing["save_draft"] = StoreUnavailable("gone")
        await here.writes("почти готово")
        await here.sees(
            "Нет связи с базой с 12:00: показано то, что было тогда · черновики пока только здесь: 1"
        )
        await here.until(lambda: "показано то" not in here.text())
        await here.until(lambda: not here.screen.words.unsaved())


async def test_a_slow_conversation_says_that_it_is_being_opened_a_quick_one_does_not(
    seat: OpenSeat, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    gate = asyncio.Event()
    quick = desk.conversation

    async def slow(*args: object, **facts: object) -> object:
        await gate.wait()
        return await quick(*args, **facts)  # type: ignore[arg-type]

    async with seat() as here:
        monkeypatch.setattr(desk, "conversation", slow)
        await here.press("j")
        await here.sees("открывается…")
        gate.set()
        await here.until(lambda: "открывается…" not in here.text())
