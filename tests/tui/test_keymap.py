"""The user's own keys: what is taken, what is refused, and that everything that names a key follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.engine.access import SignedIn
from agentiq_tui.actions import ACTIONS, hints, remap, send_key, shown_key
from agentiq_tui.keymap import plain_key, textual_keymap, use_keys
from agentiq_tui.locale import use
from agentiq_tui.screens.help import HelpScreen, help_text
from tests.tui.conftest import OpenSeat
from tests.tui.scripted import ScriptedDesk


@pytest.fixture(autouse=True)
def _own_keys_end_with_the_test() -> Iterator[None]:
    use("en")
    yield
    remap({})


def written(home: Path, text: str) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("F2", "f2"),
        ("Ctrl+S", "ctrl+s"),
        ("ctrl+ы", "ctrl+s"),
        ("о", "j"),
        ("G", "G"),
        ("П", "G"),
        ("?", "?"),
        ("comma", ","),
        ("Esc", "escape"),
        ("shift+tab", "shift+tab"),
        ("PgDn", "pagedown"),
        ("+", "+"),
        ("ctrl+enter", "ctrl+enter"),
    ],
)
def test_a_key_is_understood_however_it_is_written(text: str, key: str) -> None:
    assert plain_key(text) == key


@pytest.mark.parametrize("text", ["", " ", "f25", "ctr+s", "ctrl+", "any key", "\x1b", "ctrl+escpe"])
def test_what_is_no_key_is_refused(text: str) -> None:
    assert plain_key(text) is None


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.lists(st.text(max_size=4), max_size=3)))
def test_no_table_of_keys_is_fatal(table: dict[str, object]) -> None:
    assert all(not {"\n", "\x1b", "\r", "\x9b"} & set(line) for line in use_keys(table))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"fly": "f2"}, "there is no action fly"),
        ({"undo": "hyperspace"}, "there is no key hyperspace"),
        ({"undo": 7}, "wants a key or a list"),
        ({"undo": "f6"}, "F6 already does"),
        ({"copy": "j"}, "j already does"),
        ({"send": "enter"}, "never sends"),
        ({"undo": "f9", "copy": "f9"}, "F9 already does"),
        ({"copy": "."}, ". already does “Search messages"),
        ({"copy": ","}, ", already does “Help"),
        ({"shop_pause": "j"}, "j already does “Down”; give list_down"),
        ({"shop_pause": "?"}, "? already does “Help"),
        ({"choice_next": "f5"}, "F5 already does “Done"),
        ({"snippet_name": "ctrl+n"}, "Ctrl+N already does “To the next word"),
    ],
)
def test_a_wrong_line_is_said_and_the_key_stays_as_it_came(table: dict[str, object], said: str) -> None:
    problems = use_keys(table)
    assert any(said in line for line in problems)
    assert shown_key("shop_pause") == "p"
    assert shown_key("undo") == "F7"
    assert shown_key("copy") == "y"


@pytest.mark.parametrize(
    "table",
    [
        {"shop_pause": "."},
        {"shop_pause": "f5"},
        {"shop_pause": "x"},
        {"model_turn": "p", "log_who": "p"},
        {"undo_typing": "y"},
        {"list_down": "ctrl+alt+w", "shop_pause": "j"},
    ],
    ids=str,
)
def test_a_key_may_mean_something_else_where_both_are_never_at_hand(table: dict[str, object]) -> None:
    assert use_keys(table) == []


def test_two_actions_may_change_their_keys() -> None:
    assert use_keys({"undo": "f2", "next_chat": ["f7", "ctrl+alt+w"]}) == []
    assert (shown_key("undo"), shown_key("next_chat")) == ("F2", "F7")
    keymap = textual_keymap()
    assert keymap["undo.first"] == "f2"
    assert keymap["next_chat"] == "ctrl+alt+w,ctrl+alt+ц"


def test_the_footer_names_the_key_that_sends_here() -> None:
    assert (send_key(ctrl_enter=True), send_key(ctrl_enter=False)) == ("Ctrl+Enter", "F5")
    use_keys({"send": ["ctrl+enter", "ctrl+alt+s"]})
    assert (send_key(ctrl_enter=True), send_key(ctrl_enter=False)) == ("Ctrl+Enter", "Ctrl+Alt+S")
    assert next(hints(ctrl_enter=False))[1] == "Ctrl+Alt+S"


def test_an_action_may_have_no_key_at_all() -> None:
    assert use_keys({"undo": ""}) == []
    assert shown_key("undo") == ""
    assert textual_keymap() == {"undo": "no-key-undo", "undo.first": "no-key-undo.first"}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_may_have_another_key(action: object) -> None:
    name = action.id  # type: ignore[attr-defined]
    assert use_keys({name: ["ctrl+alt+w", "f19"]}) == []
    assert set(textual_keymap()) == {name, f"{name}.first"}


@pytest.mark.parametrize("key", ["f3", "ctrl+alt+w", "grave_accent", "ё", "ctrl+alt+ц"])
async def test_a_key_of_ones_own_works_on_both_layouts_and_the_old_one_no_more(
    seat: OpenSeat, home: Path, key: str
) -> None:
    written(home, '[keys]\nadd_shop = "f11"\nno_reply = ["f3", "ctrl+alt+w", "`"]\n')
    async with seat() as here:
        await here.press("f8", "x")
        await here.pilot.pause()
        assert not here.desk.called("no_reply_needed")
        await here.press(key)
        await here.until(lambda: here.desk.called("no_reply_needed"))


async def test_a_function_key_of_ones_own_works_inside_the_field(seat: OpenSeat, home: Path) -> None:
    written(home, '[keys]\nno_reply = "f13"\n')
    async with seat() as here:
        await here.writes("пишу")
        await here.press("f13")
        await here.until(lambda: here.desk.called("no_reply_needed"))


async def test_footer_help_and_links_follow(seat: OpenSeat, home: Path) -> None:
    written(home, '[keys]\nsend = "f14"\nhelp = "f15"\ninsert = "f16"\nquit = ["ctrl+w"]\n')
    async with seat() as here:
        await here.sees("F14 отправить")
        await here.sees("F15 помощь")
        await here.sees("F16 вставить")
        await here.press("ctrl+c")
        await here.sees("Выйти из AgentIQ: Ctrl+W")
        await here.press("f15")
        await here.until(lambda: isinstance(here.app.screen, HelpScreen))
        assert "F16" in help_text("").plain
        await here.press("f15")
        await here.until(lambda: not isinstance(here.app.screen, HelpScreen))


async def test_a_windows_key_of_ones_own_works_there_on_both_layouts_and_its_words_follow(
    seat: OpenSeat, home: Path, desk: ScriptedDesk
) -> None:
    written(home, '[keys]\nshop_pause = "z"\nleave = "f18"\nlist_down = "ctrl+alt+w"\n')
    desk.who = SignedIn(1, "anna@example.org", "admin")
    async with seat() as here:
        await here.press("B")
        await here.sees("z пауза")
        await here.sees("F18 назад")
        await here.press("p", "j")
        await here.pilot.pause()
        assert not desk.called("shops.pause")
        await here.press("я")
        await here.until(lambda: desk.called("shops.pause") == [(1,)])
        await here.press("ctrl+alt+w", "z")
        await here.until(lambda: desk.called("shops.pause") == [(1,), (2,)])
        await here.press("escape")
        await here.pilot.pause()
        assert here.app.screen is not here.screen
        await here.press("f18")
        await here.until(lambda: here.app.screen is here.screen)


async def test_a_key_that_quit_had_may_be_anothers(seat: OpenSeat, home: Path, desk: ScriptedDesk) -> None:
    written(home, '[keys]\nquit = "f10"\nno_reply = "ctrl+q"\npalette = "f17"\nundo = "ctrl+p"\n')
    async with seat() as here:
        await here.press("ctrl+q")
        await here.until(lambda: desk.called("no_reply_needed"))
        await here.press("ctrl+p")
        await here.sees("Нет ответа, который можно вернуть")
        await here.press("f17")
        await here.sees("Что сделать?")


async def test_the_key_that_sends_a_form_sends_every_form(seat: OpenSeat, home: Path) -> None:
    written(home, '[keys]\nsubmit = "ctrl+s"\n')
    async with seat() as here:
        await here.press("N")
        await here.sees("Ctrl+S сохранить")
        await here.press(*"звонил", "f5")
        await here.pilot.pause()
        assert not here.desk.called("notes.add")
        await here.press("ctrl+s")
        await here.until(lambda: here.desk.called("notes.add"))
