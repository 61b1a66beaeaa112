"""Keys of forms and of the fields in them."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

from textual.widgets import Input

from agentiq_core.domain.errors import SignInNeeded
from agentiq_tui.screens.add_shop import AddShopScreen
from agentiq_tui.screens.attach import AttachScreen
from agentiq_tui.screens.day import DayScreen
from agentiq_tui.screens.deadline_rules import DeadlineRulesScreen
from agentiq_tui.screens.labelled_form import LabelledFormScreen
from agentiq_tui.screens.library import LibraryScreen
from agentiq_tui.screens.note import NoteScreen
from agentiq_tui.screens.sign_in import SignInScreen
from agentiq_tui.screens.snippet import SnippetScreen
from agentiq_tui.screens.working_hours import WorkingHoursScreen
from agentiq_tui.widgets.choice import Choice
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does, over, window
from tests.tui.scenarios.shops import one_shop
from tests.tui.story import OLEG


@does("submit")
async def the_note_is_kept(here: Seat) -> None:
    await window(here, NoteScreen, "note")
    await here.press(*"ждём склад")
    await act(here, "submit")
    await here.until(lambda: here.desk.called("notes.add") == [(OLEG, "ждём склад")])


@does("submit_only")
async def a_form_of_one_field_is_done(here: Seat) -> None:
    await window(here, DayScreen, "to_day")
    await here.press(*"вздор")
    await act(here, "submit_only")
    await here.sees("Такой даты нет")


@does("leave")
async def the_window_is_left(here: Seat) -> None:
    await window(here, NoteScreen, "note")
    await act(here, "leave")
    await here.until(lambda: here.app.screen is here.screen)
    assert not here.desk.called("notes.add")


@does("complete")
async def a_path_is_completed(here: Seat) -> None:
    folder = Path(mkdtemp())
    (folder / "накладная.png").write_bytes(b"")
    await window(here, AttachScreen, "attach")
    field = here.app.screen.query_one("#path", Input)
    field.value = f"{folder}/накл"
    await act(here, "complete")
    await here.until(lambda: field.value == f"{folder}/накладная.png")


@does("shop_another", before=one_shop)
async def the_form_is_for_the_next_marketplace(here: Seat) -> None:
    await window(here, AddShopScreen, "add_shop")
    await here.sees("Wildberries")
    await act(here, "shop_another")
    await here.sees("Ozon")
    await here.sees("Client-Id")


@does("sign_in_switch")
async def an_invitation_may_be_pasted_instead(here: Seat) -> None:
    here.app.push_screen(
        SignInScreen(here.desk.sign_in, accept=here.desk.sign_in, why=SignInNeeded("nobody"))
    )
    await over(here, SignInScreen)
    await act(here, "sign_in_switch")
    await here.sees("Приглашение: agentiq-…")


@does("hours_copy", before=one_shop)
async def the_days_behind_have_the_same_hours(here: Seat) -> None:
    screen = await window(here, WorkingHoursScreen, "hours")
    await here.until(lambda: not screen.busy)
    screen.query_one("#day-0", Input).value = "9:00-18:00"
    screen.query_one("#day-0").focus()
    await here.pilot.pause()
    await act(here, "hours_copy")
    days = [screen.query_one(f"#day-{number}", Input).value for number in range(7)]
    assert days == ["9:00-18:00"] * 5 + ["", ""]


async def _choice(here: Seat) -> Choice:
    """A field of a few words, in the form of a rule."""
    screen = await window(here, DeadlineRulesScreen, "rules")
    await here.until(lambda: screen.rules)
    await here.press("a")
    await over(here, LabelledFormScreen)
    choice = here.app.screen.query(Choice).first()
    choice.focus()
    await here.pilot.pause()
    return choice


@does("choice_next", before=one_shop)
async def the_next_word_is_chosen(here: Seat) -> None:
    choice = await _choice(here)
    before = choice.value
    await act(here, "choice_next")
    assert choice.value != before
    await here.press("left")
    assert choice.value == before


@does("choice_previous", before=one_shop)
async def the_word_before_is_chosen(here: Seat) -> None:
    choice = await _choice(here)
    before = choice.value
    await act(here, "choice_previous")
    assert choice.value != before
    await here.press("right")
    assert choice.value == before


@does("choice_done", before=one_shop)
async def the_next_field_has_the_cursor(here: Seat) -> None:
    choice = await _choice(here)
    await act(here, "choice_done")
    await here.until(lambda: not choice.has_focus)
    assert isinstance(here.app.screen, LabelledFormScreen)
    stops = here.app.screen.stops
    assert here.app.focused is stops[stops.index(choice) + 1]


async def _snippet(here: Seat) -> SnippetScreen:
    await window(here, LibraryScreen, "library")
    await here.press("a")
    screen = await over(here, SnippetScreen)
    screen.body.focus()
    await here.pilot.pause()
    return screen


@does("snippet_name", before=one_shop)
async def the_name_is_put_in(here: Seat) -> None:
    screen = await _snippet(here)
    await act(here, "snippet_name")
    assert screen.body.text == "{name}"


@does("snippet_product", before=one_shop)
async def the_good_is_put_in(here: Seat) -> None:
    screen = await _snippet(here)
    await act(here, "snippet_product")
    assert screen.body.text == "{product}"


@does("snippet_order", before=one_shop)
async def the_order_is_put_in(here: Seat) -> None:
    screen = await _snippet(here)
    await act(here, "snippet_order")
    assert screen.body.text == "{order}"
