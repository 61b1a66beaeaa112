"""Reading a conversation."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

from agentiq_core.domain.files import FileState, ReceivedFile
from agentiq_core.domain.messages import Attachment, AttachmentKind, Channel, ProductCard
from agentiq_core.domain.views import RelatedChat
from agentiq_tui.screens.day import DayScreen
from agentiq_tui.widgets.transcript_view import TranscriptView
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted import NOW, ScriptedDesk, message
from tests.tui.story import ALENA, OLEG


def long(desk: ScriptedDesk) -> None:
    """A conversation longer than the screen."""
    desk.chats[OLEG].messages[:0] = [
        message(100 + number, f"Сообщение {number}", NOW - timedelta(hours=6, minutes=60 - number))
        for number in range(40)
    ]


async def reading(here: Seat) -> TranscriptView:
    view = here.screen.chat_pane.transcript
    view.focus()
    await here.until(lambda: view.max_scroll_y > 0 and view.at_end)
    return view


async def from_the_top(here: Seat) -> TranscriptView:
    view = await reading(here)
    await act(here, "scroll_home")
    await here.until(lambda: view.scroll_y == 0)
    return view


@does("scroll_up", before=long)
async def the_view_goes_up(here: Seat) -> None:
    view = await reading(here)
    await act(here, "scroll_up")
    await here.until(lambda: view.max_scroll_y - 3 < view.scroll_y < view.max_scroll_y)


@does("scroll_down", before=long)
async def the_view_goes_down(here: Seat) -> None:
    view = await from_the_top(here)
    await act(here, "scroll_down")
    await here.until(lambda: 0 < view.scroll_y < 3)


@does("scroll_home", before=long)
async def the_view_goes_to_the_top(here: Seat) -> None:
    await from_the_top(here)
    await here.sees("Сообщение 0")


@does("scroll_end", before=long)
async def the_view_goes_to_the_end(here: Seat) -> None:
    view = await from_the_top(here)
    await act(here, "scroll_end")
    await here.until(lambda: view.at_end)


@does("page_up", before=long)
async def the_view_goes_a_page_up(here: Seat) -> None:
    view = await reading(here)
    await act(here, "page_up")
    await here.until(lambda: 0 < view.scroll_y < view.max_scroll_y - 5)


@does("page_down", before=long)
async def the_view_goes_a_page_down(here: Seat) -> None:
    view = await from_the_top(here)
    await act(here, "page_down")
    await here.until(lambda: 5 < view.scroll_y < view.max_scroll_y)


@does("newest", before=long)
async def the_newest_message_comes_into_sight(here: Seat) -> None:
    view = await from_the_top(here)
    await act(here, "newest")
    await here.until(lambda: view.at_end)


def _with_a_picture(desk: ScriptedDesk) -> None:
    picture = (Attachment(AttachmentKind.IMAGE, download_id="d1"),)
    desk.chats[OLEG].messages.append(message(20, "Вот", NOW - timedelta(minutes=4), attachments=picture))
    desk.files = {("m20", 1): [ReceivedFile(FileState.REFUSED)]}


@does("open_files", before=_with_a_picture)
async def the_buyers_file_is_asked_for(here: Seat) -> None:
    await act(here, "open_files")
    await here.until(lambda: here.desk.called("file") == [(OLEG, "m20", 1)])


@does("pictures", before=_with_a_picture)
async def the_pictures_are_looked_at_one_by_one(here: Seat) -> None:
    await act(here, "pictures")
    await here.sees("Снимок 1 из 1")
    assert not here.desk.called("file"), "nothing is fetched for a terminal that can show nothing"


def _with_a_review(desk: ScriptedDesk) -> None:
    desk.chats[OLEG].facts = {
        "related": (RelatedChat(ALENA, Channel.REVIEW, False, "Алёна", "Скол", 1, NOW, True),)
    }


@does("related", before=_with_a_review)
async def the_review_of_the_same_order_opens(here: Seat) -> None:
    await act(here, "related")
    await here.opens(ALENA)


def _with_a_card(desk: ScriptedDesk) -> None:
    desk.cards.known[OLEG] = ProductCard(
        "102", photo_url="https://photos.example/102.jpg", facts=(("Мощность", "7 Вт"),)
    )


@does("card", before=_with_a_card)
async def the_card_unfolds(here: Seat) -> None:
    await act(here, "card")
    await here.sees("Мощность: 7 Вт")


@does("open_photo", before=_with_a_card)
async def the_picture_opens_in_the_browser(here: Seat) -> None:
    await act(here, "card")
    await here.sees("Мощность: 7 Вт")
    with patch.object(here.app, "open_url") as opened:
        await act(here, "open_photo")
        opened.assert_called_once_with("https://photos.example/102.jpg")


@does("to_day")
async def a_day_is_asked_for(here: Seat) -> None:
    here.screen.show_pane("chat")
    await act(here, "to_day")
    await here.until(lambda: isinstance(here.app.screen, DayScreen))


@does("previous_message", before=long)
async def the_message_above_is_marked(here: Seat) -> None:
    view = await reading(here)
    await act(here, "previous_message")
    await here.until(lambda: view.marked_entry is not None)
    first = view.marked_entry
    await act(here, "previous_message")
    await here.until(lambda: view.marked_entry != first)


@does("next_message", before=long)
async def the_message_below_is_marked(here: Seat) -> None:
    view = await reading(here)
    await act(here, "previous_message")
    first = view.marked_entry
    await act(here, "previous_message")
    await act(here, "next_message")
    await here.until(lambda: view.marked_entry == first)
    assert first is not None
