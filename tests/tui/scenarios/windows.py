"""Keys that one kind of window has: search, filters, pictures, quarantine, settings, questions, the first steps."""

from __future__ import annotations

from textual.widgets import Input, OptionList

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.messages import Attachment, AttachmentKind
from agentiq_core.engine.access import SignedIn
from agentiq_core.engine.bulk import NoReplyNeeded
from agentiq_tui.screens.add_shop import AddShopScreen
from agentiq_tui.screens.bulk import BulkScreen
from agentiq_tui.screens.choose import ChooseScreen
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.filter import FilterScreen
from agentiq_tui.screens.picture import PictureScreen
from agentiq_tui.screens.quarantine import QuarantineScreen
from agentiq_tui.screens.search import SearchScreen
from agentiq_tui.screens.settings import SettingsScreen
from agentiq_tui.screens.setup import SetupScreen
from agentiq_tui.screens.trouble import TroubleScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does, over, window
from tests.tui.scripted import NOW, ScriptedDesk, message, quarantined
from tests.tui.story import ALENA, OLEG


def _ten_found(desk: ScriptedDesk) -> None:
    for ref in desk.chats:
        desk.chats[ref].messages.append(message(90, "Где накладная?", NOW))


async def _found(here: Seat) -> tuple[SearchScreen, OptionList]:
    screen = await window(here, SearchScreen, "search")
    await here.press(*"накладная")
    found = screen.query_one(OptionList)
    await here.until(lambda: found.option_count == len(here.desk.chats))
    return screen, found


@does("search_every", before=_ten_found)
async def something_may_be_done_with_all_that_was_found(here: Seat) -> None:
    await _found(here)
    await act(here, "search_every")
    await over(here, ChooseScreen)


@does("search_page_down", before=_ten_found)
async def the_cursor_goes_a_page_down(here: Seat) -> None:
    _screen, found = await _found(here)
    await act(here, "search_page_down")
    assert found.highlighted == min(8, found.option_count - 1) > 1


@does("search_page_up", before=_ten_found)
async def the_cursor_goes_a_page_up(here: Seat) -> None:
    _screen, found = await _found(here)
    found.highlighted = found.option_count - 1
    await act(here, "search_page_up")
    assert found.highlighted == max(0, found.option_count - 9)


@does("filter_save")
async def what_is_typed_is_kept_under_a_name(here: Seat) -> None:
    screen = await window(here, FilterScreen, "filter")
    await here.until(lambda: here.desk.called("views.every"))
    screen.query_one(Input).value = "#брак"
    await here.pilot.pause()
    await act(here, "filter_save")
    await here.sees("Название подборки")
    await here.press(*"мой брак", "enter")
    await here.until(lambda: here.desk.called("views.save") == [("мой брак", QueueFilter(tag="брак"), None)])


@does("filter_forget")
async def the_view_under_the_cursor_is_forgotten(here: Seat) -> None:
    await here.desk.views.save("мой брак", QueueFilter(tag="брак"))
    await window(here, FilterScreen, "filter")
    await here.sees("▣ мой брак")
    await here.press("down")
    await act(here, "filter_forget")
    await here.until(lambda: here.desk.called("views.remove"))
    await here.until(lambda: "▣ мой брак" not in here.text())


def _pictures(desk: ScriptedDesk) -> None:
    pictures = tuple(Attachment(AttachmentKind.IMAGE, download_id=f"d{number}") for number in (1, 2))
    desk.chats[OLEG].messages.append(message(20, "Вот", NOW, attachments=pictures))


async def _looking(here: Seat) -> PictureScreen:
    screen = await window(here, PictureScreen, "pictures")
    await here.sees("Снимок 1 из 2")
    return screen


@does("picture_next", before=_pictures)
async def the_next_picture_has_its_turn(here: Seat) -> None:
    await _looking(here)
    await act(here, "picture_next")
    await here.sees("Снимок 2 из 2")


@does("picture_previous", before=_pictures)
async def the_picture_before_has_its_turn(here: Seat) -> None:
    await _looking(here)
    await here.press("right")
    await act(here, "picture_previous")
    await here.sees("Снимок 1 из 2")


@does("picture_open", before=_pictures)
async def the_file_is_fetched_to_be_opened(here: Seat) -> None:
    await _looking(here)
    await act(here, "picture_open")
    await here.until(lambda: here.desk.called("file") == [(OLEG, "m20", 1)])


@does("picture_blocks", before=_pictures)
async def the_picture_is_fetched_to_be_drawn_with_blocks(here: Seat) -> None:
    await _looking(here)
    await here.sees("b нарисует квадратиками")
    await act(here, "picture_blocks")
    await here.until(lambda: here.desk.called("file") == [(OLEG, "m20", 1)])
    assert "b нарисует" not in here.text()


@does("picture_leave", before=_pictures)
async def the_pictures_are_left(here: Seat) -> None:
    await _looking(here)
    await act(here, "picture_leave")
    await here.until(lambda: here.app.screen is here.screen)


def _unread(desk: ScriptedDesk) -> None:
    desk.kept = [quarantined(number) for number in (1, 2)]


async def _quarantine(here: Seat) -> QuarantineScreen:
    screen = await window(here, QuarantineScreen, "quarantine")
    await here.until(lambda: screen.current is not None)
    return screen


@does("quarantine_replay", before=_unread)
async def the_item_under_the_cursor_is_read_again(here: Seat) -> None:
    screen = await _quarantine(here)
    assert screen.current is not None
    number = screen.current.id
    await act(here, "quarantine_replay")
    await here.until(lambda: here.desk.called("replay") == [(number,)])


@does("quarantine_replay_all", before=_unread)
async def every_item_is_read_again(here: Seat) -> None:
    await _quarantine(here)
    await act(here, "quarantine_replay_all")
    await here.sees("В карантине пусто")
    assert not here.desk.kept


@does("quarantine_set_aside", before=_unread)
async def the_item_under_the_cursor_is_set_aside(here: Seat) -> None:
    await _quarantine(here)
    await act(here, "quarantine_set_aside")
    await here.sees("отложена 1 запись")


async def _setting(here: Seat, name: str) -> None:
    screen = await window(here, SettingsScreen, "settings")
    lines = screen.query_one(OptionList)
    lines.highlighted = lines.get_option_index(name)
    await here.pilot.pause()


@does("setting_next")
async def the_setting_has_its_next_value(here: Seat) -> None:
    await _setting(here, "undo_seconds")
    before = here.app.preferences.undo_seconds
    await act(here, "setting_next")
    assert here.app.preferences.undo_seconds > before


@does("setting_previous")
async def the_setting_has_the_value_before(here: Seat) -> None:
    await _setting(here, "undo_seconds")
    before = here.app.preferences.undo_seconds
    await act(here, "setting_previous")
    assert here.app.preferences.undo_seconds < before


async def _question(here: Seat) -> list[bool | None]:
    answers: list[bool | None] = []
    here.app.push_screen(ConfirmScreen("Точно?", "Нет пути назад", "да"), answers.append)  # type: ignore[arg-type]
    await over(here, ConfirmScreen)
    return answers


@does("confirm")
async def the_answer_is_yes(here: Seat) -> None:
    answers = await _question(here)
    await act(here, "confirm")
    await here.until(lambda: answers == [True])


@does("refuse")
async def the_answer_is_no(here: Seat) -> None:
    answers = await _question(here)
    await act(here, "refuse")
    await here.until(lambda: answers == [False])


@does("bulk_done")
async def what_was_done_was_read(here: Seat) -> None:
    here.app.push_screen(BulkScreen(here.desk, "Закрыть", NoReplyNeeded(), (ALENA, OLEG)))
    await over(here, BulkScreen)
    await here.sees("сделано: 2 из 2")
    await act(here, "bulk_done")
    await here.until(lambda: here.app.screen is here.screen)


def _unreachable(desk: ScriptedDesk) -> None:
    desk.failing["open"] = StoreUnavailable("connection refused")


@does("retry", before=_unreachable, wait=False)
async def the_desk_is_opened_once_more(here: Seat) -> None:
    await over(here, TroubleScreen)
    await act(here, "retry")
    await here.sees("на связи")


@does("trouble_quit", before=_unreachable, wait=False)
async def the_app_ends_without_a_desk(here: Seat) -> None:
    await over(here, TroubleScreen)
    await act(here, "trouble_quit")
    await here.until(lambda: not here.app.is_running)


def _nothing_connected(desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "owner")
    desk.sellers = ()
    desk.chats.clear()


@does("first_shop", before=_nothing_connected, wait=False)
async def the_first_shop_may_be_connected(here: Seat) -> None:
    await over(here, SetupScreen)
    await act(here, "first_shop")
    await over(here, AddShopScreen)


@does("demo", before=_nothing_connected, wait=False)
async def the_demo_follows_this_app(here: Seat) -> None:
    here.app.has_demo = True
    await over(here, SetupScreen)
    await here.press("escape")
    await window(here, SetupScreen, "setup")
    await act(here, "demo")
    await here.until(lambda: here.app.demo_wanted and here.desk.closed)


@does("help_quit")
async def it_is_said_how_to_leave(here: Seat) -> None:
    await act(here, "help_quit")
    await here.sees("Выйти из AgentIQ: Ctrl+Q")
