"""Sending, taking back, and deciding about replies."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

from textual.widgets import Input

from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, Resolution
from agentiq_tui.screens.attach import AttachScreen
from agentiq_tui.screens.confirm import ConfirmScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted import ScriptedDesk
from tests.tui.story import OLEG, SVETA, TIMUR

READY = "Олег, здравствуйте! Проверяем отправку вашего заказа."


async def at(here: Seat, ref: ChatRef) -> None:
    """Open a chat of the second queue."""
    here.screen.queue_pane.open(here.screen.queue_pane.neighbour(1), ref)
    await here.press("enter")
    await here.opens(ref)
    await here.press("escape")


@does("send")
async def the_suggestion_goes_to_the_buyer(here: Seat) -> None:
    await act(here, "send")
    await here.until(lambda: here.desk.called("reply"))
    assert here.desk.called("reply")[0][:2] == (OLEG, READY)


@does("edit")
async def the_suggestion_lies_in_the_field(here: Seat) -> None:
    await act(here, "edit")
    await here.until(lambda: here.composer.text == READY and here.composer.has_focus)


@does("insert")
async def the_suggestion_goes_behind_what_was_typed(here: Seat) -> None:
    await here.writes("Добрый день!")
    await act(here, "insert")
    await here.until(lambda: here.composer.text == f"Добрый день!\n\n{READY}")


@does("undo")
async def the_reply_comes_back_into_the_field(here: Seat) -> None:
    await act(here, "send")
    await here.sees("отменить")
    await act(here, "undo")
    await here.until(lambda: here.composer.text == READY)
    assert here.desk.chats[OLEG].replies[-1].state is OutboxState.CANCELLED


@does("attach")
async def a_file_waits_for_the_reply(here: Seat) -> None:
    path = Path(mkdtemp()) / "чек.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    await act(here, "attach")
    await here.until(lambda: isinstance(here.app.screen, AttachScreen))
    here.app.screen.query_one("#path", Input).value = str(path)
    await here.press("enter")
    await here.until(lambda: len(here.screen.unsent.files(OLEG)) == 1)


@does("remove_file")
async def the_file_waits_no_more(here: Seat) -> None:
    here.screen.attach_files(OLEG, [OutgoingFile("чек.txt", "text/plain", b"1")])
    await here.sees("чек.txt")
    await act(here, "remove_file")
    await here.until(lambda: not here.screen.unsent.files(OLEG))


@does("no_reply")
async def the_chat_is_closed(here: Seat) -> None:
    await act(here, "no_reply")
    await here.until(lambda: here.desk.called("no_reply_needed") == [(OLEG,)])


def _may_be_declined(desk: ScriptedDesk) -> None:
    desk.chats[OLEG].facts = {"can_decline": True}


@does("decline", before=_may_be_declined)
async def the_question_is_rejected_after_a_second_word(here: Seat) -> None:
    await act(here, "decline")
    await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
    assert not here.desk.called("decline")
    await here.press("f9")
    await here.until(lambda: here.desk.called("decline") == [(OLEG,)])


async def _decided(here: Seat, action: str, choice: Resolution) -> None:
    await at(here, SVETA)
    await act(here, action)
    await here.until(lambda: here.desk.called("resolve") == [(SVETA, 91, choice)])


@does("check_again")
async def an_unclear_reply_is_looked_for_again(here: Seat) -> None:
    await _decided(here, "check_again", Resolution.CHECK_AGAIN)


@does("send_again")
async def an_unclear_reply_is_sent_again(here: Seat) -> None:
    await _decided(here, "send_again", Resolution.SEND_AGAIN)


@does("treat_as_sent")
async def an_unclear_reply_counts_as_sent(here: Seat) -> None:
    await _decided(here, "treat_as_sent", Resolution.TREAT_AS_SENT)


@does("take_back")
async def a_failed_reply_lies_in_the_field(here: Seat) -> None:
    await at(here, TIMUR)
    await act(here, "take_back")
    await here.until(lambda: here.composer.text == "Шесть тарелок.")
