"""Panes, looks, clipboard, mouse."""

from __future__ import annotations

from agentiq_tui.locale import language
from agentiq_tui.screens.settings import SettingsScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does


def width(here: Seat, pane: str) -> int:
    return here.screen.query_one(f"#{pane}-pane").region.width


def focused(here: Seat) -> str:
    assert here.screen.focused is not None
    return next(
        node.id for node in here.screen.focused.ancestors_with_self if (node.id or "").endswith("-pane")
    )  # type: ignore[return-value]


@does("pane_queue")
async def the_queue_comes_to_the_front(here: Seat) -> None:
    await act(here, "pane_suggestion")
    await act(here, "pane_queue")
    await here.until(lambda: focused(here) == "queue-pane")
    await act(here, "pane_queue")
    await here.until(lambda: width(here, "queue") == 140)


@does("pane_chat")
async def the_conversation_comes_to_the_front(here: Seat) -> None:
    await act(here, "pane_chat")
    await here.until(lambda: focused(here) == "chat-pane")
    await act(here, "pane_chat")
    await here.until(lambda: width(here, "chat") == 140)


@does("pane_suggestion")
async def the_suggestion_comes_to_the_front(here: Seat) -> None:
    await act(here, "pane_suggestion")
    await here.until(lambda: focused(here) == "suggestion-pane")
    await act(here, "pane_suggestion")
    await here.until(lambda: width(here, "suggestion") == 140)


@does("previous_pane")
async def the_pane_before_gets_the_focus(here: Seat) -> None:
    await act(here, "previous_pane")
    await here.until(lambda: focused(here) == "suggestion-pane")


@does("back")
async def one_level_back(here: Seat) -> None:
    await act(here, "pane_chat")
    await act(here, "pane_chat")
    await act(here, "back")
    await here.until(lambda: width(here, "chat") < 140)
    await act(here, "back")
    await here.until(lambda: focused(here) == "queue-pane")


@does("pane_wider")
async def the_pane_in_use_grows(here: Seat) -> None:
    before = width(here, "queue")
    await act(here, "pane_wider")
    await here.until(lambda: width(here, "queue") > before)


@does("pane_narrower")
async def the_pane_in_use_shrinks(here: Seat) -> None:
    before = width(here, "queue")
    await act(here, "pane_narrower")
    await here.until(lambda: width(here, "queue") < before)


@does("panes_reset")
async def the_panes_have_their_own_sizes_again(here: Seat) -> None:
    before = width(here, "queue")
    await act(here, "pane_wider")
    await here.until(lambda: width(here, "queue") > before)
    await act(here, "panes_reset")
    await here.until(lambda: width(here, "queue") == before)


@does("copy")
async def the_buyers_last_words_are_copied(here: Seat) -> None:
    await act(here, "copy")
    await here.sees("OSC 52")
    assert here.app.clipboard == "Третий день жду ответа!! Заказ так и не отправлен"


@does("copy_suggestion")
async def the_suggestion_is_copied(here: Seat) -> None:
    await act(here, "copy_suggestion")
    await here.sees("OSC 52")
    assert here.app.clipboard.startswith("Олег, здравствуйте!")


@does("mouse")
async def the_mouse_goes_to_the_terminal_and_comes_back(here: Seat) -> None:
    await act(here, "mouse")
    await here.sees("Мышь отдана терминалу")
    assert not here.app.mouse_held
    await act(here, "mouse")
    await here.sees("Мышь снова работает")
    assert here.app.mouse_held


@does("settings")
async def the_settings_open(here: Seat) -> None:
    await act(here, "settings")
    await here.until(lambda: isinstance(here.app.screen, SettingsScreen))
    await here.sees("Тихие часы")


@does("switch_theme")
async def the_next_theme_is_put_on_and_kept(here: Seat) -> None:
    before = here.app.theme
    await act(here, "switch_theme")
    await here.until(lambda: here.app.theme != before)
    await here.until(lambda: (here.app.home / "config.toml").exists())
    assert here.app.theme in (here.app.home / "config.toml").read_text()


@does("switch_language")
async def every_word_is_in_the_other_language(here: Seat) -> None:
    await act(here, "switch_language")
    await here.sees("Waiting for a reply")
    assert language() == "en"
