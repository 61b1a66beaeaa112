"""Settings: declared once, read with care, changed on the screen, kept without losing a comment."""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from agentiq_core.config import Settings
from agentiq_core.domain.errors import Misconfigured
from agentiq_tui import config_file
from agentiq_tui.locale import use
from agentiq_tui.preferences import read, understood
from agentiq_tui.screens.desk import DeskScreen
from agentiq_tui.screens.settings import SettingsScreen
from agentiq_tui.settings_schema import BY_NAME, OPTIONS, Kind, Preferences
from tests.tui.conftest import OpenSeat, Seat

MINE = """# my desk
language = "ru"  # the team's

# keys of my own
[keys]
undo = "f2"
"""


def written(home: Path, text: str) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text(text, encoding="utf-8")
    return home


def kept(home: Path) -> dict[str, object]:
    return tomllib.loads((home / "config.toml").read_text(encoding="utf-8"))


async def at(here: Seat, name: str) -> None:
    """Open the settings with the cursor on one."""
    await here.press("f9")
    await here.until(lambda: isinstance(here.app.screen, SettingsScreen))
    lines = here.app.screen.query_one(OptionList)
    await here.until(lambda: lines.option_count)
    lines.highlighted = lines.get_option_index(name)
    await here.pilot.pause()


def test_every_setting_is_declared_once_with_a_default_that_it_may_have() -> None:
    assert [option.name for option in OPTIONS] == [
        name for name in BY_NAME if name in {field.name for field in fields(Preferences)}
    ]
    assert set(BY_NAME) == {field.name for field in fields(Preferences)}
    for option in OPTIONS:
        value = option.default
        given = list(value) if isinstance(value, tuple) else value
        assert understood(option, given) == value, option.name
        if option.said:
            assert len(option.said) == len(option.choices)


def test_what_the_engine_reads_too_has_the_same_name_and_default() -> None:
    assert Settings.model_fields["undo_seconds"].default == Preferences().undo_seconds


def test_without_a_file_everything_is_as_it_comes(home: Path) -> None:
    found = read(home, {})
    assert (found.preferences, found.problems) == (Preferences(), ())


def test_the_environment_wins_over_the_file_and_is_said_to_be_fixed(home: Path) -> None:
    written(home, 'theme = "agentiq-light"\nmouse = false')
    found = read(home, {"AGENTIQ_THEME": "agentiq-contrast", "AGENTIQ_NOTIFY_QUEUES": "work"})
    assert found.preferences.theme == "agentiq-contrast"
    assert found.preferences.mouse is False
    assert found.preferences.notify_queues == ("work",)
    assert found.fixed == {"theme", "notify_queues"}


def test_no_color_turns_colours_off(home: Path) -> None:
    assert read(home, {"NO_COLOR": "1"}).preferences.colour is False


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("mouse = 5", "mouse"),
        ("undo_seconds = -1", "undo_seconds"),
        ("undo_seconds = true", "undo_seconds"),
        ('language = "de"', "language"),
        ('quiet_hours = "late"', "quiet_hours"),
        ('quiet_hours = "25:00-08:00"', "quiet_hours"),
        ('notify_queues = ["mine"]', "notify_queues"),
        ('desktop_notifications = "\\u001b[31m"', "desktop_notifications"),
    ],
)
def test_a_wrong_value_is_said_in_one_line_and_costs_no_other(home: Path, line: str, name: str) -> None:
    use("en")
    found = read(written(home, f'theme = "agentiq-light"\n{line}\n'), {})
    assert found.preferences.theme == "agentiq-light"
    assert getattr(found.preferences, name) == BY_NAME[name].default
    assert len(found.problems) == 1
    assert name in found.problems[0]
    assert found.problems[0].isprintable()


def test_a_half_written_file_leaves_the_defaults(home: Path) -> None:
    assert read(written(home, 'theme = "agentiq-li'), {}).preferences == Preferences()


def test_a_change_keeps_comments_order_and_keys(home: Path) -> None:
    written(home, MINE)
    config_file.change(home, "theme", "agentiq-light")
    config_file.change(home, "notify_queues", ("work",))
    config_file.change(home, "language", "en")
    text = (home / "config.toml").read_text(encoding="utf-8")
    assert all(comment in text for comment in ("# my desk", "# the team's", "# keys of my own"))
    assert kept(home) == {
        "language": "en",
        "theme": "agentiq-light",
        "notify_queues": ["work"],
        "keys": {"undo": "f2"},
    }


def test_a_file_that_is_no_toml_is_named_and_left_as_it_is(home: Path) -> None:
    written(home, "theme = [")
    with pytest.raises(Misconfigured, match=r"config\.toml is not valid TOML"):
        config_file.change(home, "theme", "agentiq-light")
    assert (home / "config.toml").read_text() == "theme = ["


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(home, MINE)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Misconfigured, match="No space left"):
        config_file.change(home, "theme", "agentiq-light")
    assert [path.name for path in home.iterdir()] == ["config.toml"]
    assert (home / "config.toml").read_text(encoding="utf-8") == MINE


def test_a_new_file_is_private_an_old_one_keeps_its_mode_and_a_link_stays_one(
    home: Path, tmp_path: Path
) -> None:
    config_file.change(home, "mouse", False)
    assert stat.S_IMODE((home / "config.toml").stat().st_mode) == 0o600
    real = tmp_path / "dotfiles.toml"
    (home / "config.toml").rename(real)
    real.chmod(0o640)
    (home / "config.toml").symlink_to(real)
    config_file.change(home, "mouse", True)
    assert (home / "config.toml").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert tomllib.loads(real.read_text())["mouse"] is True


@pytest.mark.parametrize(
    "option", [option for option in OPTIONS if option.kind is not Kind.TEXT], ids=lambda o: o.name
)
async def test_every_setting_is_changed_from_its_screen_and_kept(
    seat: OpenSeat, home: Path, option: object
) -> None:
    name = option.name  # type: ignore[attr-defined]
    async with seat() as here:
        before = getattr(here.app.preferences, name)
        await at(here, name)
        await here.press("enter")
        await here.until(lambda: (home / "config.toml").exists())
        now = getattr(here.app.preferences, name)
        assert now != before
        assert kept(home)[name] == (list(now) if isinstance(now, tuple) else now)
        assert getattr(read(home, {}).preferences, name) == now


async def test_a_text_is_checked_before_it_is_taken(seat: OpenSeat, home: Path) -> None:
    async with seat() as here:
        await at(here, "quiet_hours")
        await here.press("enter", *"late", "enter")
        await here.sees("Непонятно")
        here.app.screen.query_one(Input).value = "22:00-08:00"
        await here.press("enter")
        await here.until(lambda: (home / "config.toml").exists())
        assert kept(home)["quiet_hours"] == "22:00-08:00"
        await here.press("escape")
        await here.until(lambda: isinstance(here.app.screen, DeskScreen))


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_what_is_wrong_with_a_text_is_in_sight(seat: OpenSeat, size: tuple[int, int]) -> None:
    async with seat(size) as here:
        await at(here, "quiet_hours")
        await here.press("enter", *"late", "enter")
        await here.sees("Непонятно. Нужно: 22:00-08:00")
        await here.sees("late")
        await here.sees("Тихие часы")


async def test_the_language_changes_live_and_everywhere(seat: OpenSeat) -> None:
    async with seat() as here:
        await at(here, "language")
        await here.press("right", "right")
        await here.sees("Settings")
        await here.sees("For screen readers")
        await here.press("escape")
        await here.sees("Waiting for a reply")
        await here.sees("Ctrl+P commands")
        await here.sees("reply")
        for word in ("Очередь", "Переписка", "Подсказка", "ответ ─", "сегодня", "отправить", "на связи"):
            await here.until(lambda word=word: word not in here.text())


async def test_a_setting_of_the_environment_is_not_changed(
    seat: OpenSeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTIQ_MOUSE", "0")
    async with seat() as here:
        await at(here, "mouse")
        await here.press("enter")
        await here.sees("переменной окружения")
        assert here.app.preferences.mouse is False


async def test_a_setting_that_cannot_be_kept_says_so_and_holds(seat: OpenSeat, home: Path) -> None:
    async with seat() as here:
        written(home, "theme = [")
        await at(here, "bell")
        await here.press("enter")
        await here.sees("не сохранится")
        assert here.app.preferences.bell is False
        assert (home / "config.toml").read_text() == "theme = ["


async def test_mistakes_in_the_file_are_told_at_the_start(seat: OpenSeat, home: Path) -> None:
    written(home, 'mouse = 5\ntheme = "mine"\n[keys]\nfly = "f2"\n')
    async with seat() as here:
        await here.sees("mouse = 5")
        await here.sees("mine не найдена")
        await here.sees("действия fly нет")
