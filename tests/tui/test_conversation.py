"""The conversation: reading position, older pages, other people's text."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ReplyView
from agentiq_tui.widgets.message_line import MessageLine
from tests.tui.conftest import Clock, OpenSeat, Seat
from tests.tui.scripted import NOW, ScriptedDesk, message
from tests.tui.story import ALENA, OLEG

HOSTILE = {
    "ansi": "до \x1b[31mкрасный\x1b[0m после",
    "clipboard": "\x1b]52;c;ZWNobyBoaQ==\x07",
    "title": "\x1b]0;PWNED\x07 и текст",
    "markup": "[red]красный[/red] [@click=app.quit]нажми[/] [/]",
    "bidi": "счёт \u202e123\u2066456\u2069",
    "zalgo": "з" + "\u0301\u0300\u0316" * 40 + "ло",
    "controls": "раз\x00\x07\x08\x7f\x9bдва",
    "long": "ы" * 100_000,
    "newlines": "\r\n".join("строка" for _ in range(300)),
}


def long_chat(desk: ScriptedDesk, count: int = 130) -> None:
    desk.chats[OLEG].messages = [
        message(number, f"сообщение номер {number}", NOW - timedelta(minutes=count - number))
        for number in range(count)
    ]


def shown(here: Seat) -> list[str]:
    return [line.entry.text for line in here.screen.query(MessageLine)]


async def test_a_long_conversation_shows_its_end_and_loads_the_rest_on_scrolling_up(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    long_chat(desk)
    async with seat() as here:
        await here.sees("сообщение номер 129")
        assert len(shown(here)) == 50
        here.screen.show_pane("chat")
        for loaded in (100, 130):
            await here.press("g")
            await here.until(lambda loaded=loaded: len(shown(here)) == loaded)
        assert shown(here) == [f"сообщение номер {number}" for number in range(130)]


async def test_the_key_to_the_top_asks_again_after_a_page_that_did_not_come(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    long_chat(desk)
    async with seat() as here:
        await here.sees("сообщение номер 129")
        here.screen.show_pane("chat")
        desk.failing["conversation"] = StoreUnavailable("no database")
        await here.press("g")
        await here.until(lambda: not desk.failing)
        await here.pilot.pause()
        assert here.screen.chat_pane.transcript.scroll_y == 0
        assert len(shown(here)) == 50
        await here.press("g")
        await here.until(lambda: len(shown(here)) == 100)


async def test_an_older_page_does_not_move_what_is_being_read(seat: OpenSeat, desk: ScriptedDesk) -> None:
    long_chat(desk)
    async with seat() as here:
        here.screen.show_pane("chat")
        await here.press("g")
        await here.until(lambda: len(shown(here)) == 100)
        await here.pilot.pause(0.1)
        assert "сообщение номер 80" in here.text()


async def test_a_new_message_leaves_the_reading_position_and_says_it_is_below(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    long_chat(desk, 60)
    async with seat() as here:
        transcript = here.screen.chat_pane.transcript
        here.screen.show_pane("chat")
        await here.press("pageup", "pageup")
        await here.until(lambda: not transcript.at_end)
        place = transcript.scroll_offset.y
        here.desk.buyer_writes(OLEG, "вы тут?")
        await here.sees("к 1 новому ↓")
        assert transcript.scroll_offset.y == place
        await here.press("e")
        await here.sees("вы тут?")
        await here.until(lambda: "к 1 новому" not in here.text())


async def test_at_the_end_new_messages_scroll_into_sight(seat: OpenSeat, desk: ScriptedDesk) -> None:
    long_chat(desk, 60)
    async with seat() as here:
        here.desk.buyer_writes(OLEG, "вы тут?")
        await here.sees("вы тут?")
        assert "к 1 новому" not in here.text()


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_buyers_text_is_shown_and_never_obeyed(seat: OpenSeat, desk: ScriptedDesk, kind: str) -> None:
    chat = desk.chats[OLEG]
    chat.buyer = HOSTILE[kind][:60]
    chat.messages.append(message(900, HOSTILE[kind], NOW))
    async with seat() as here:
        seen = here.text()
        assert not set(seen) & {"\x1b", "\x07", "\x00", "\x08", "\x9b", "\u202e", "\u2066"}
        assert all(len(line) >= 100 for line in seen.splitlines()), "the frame is torn"
        if kind == "markup":
            await here.sees("[red]красный[/red]")


async def test_cabinet_and_automatic_messages_are_told_apart(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("j")
        await here.sees("Автосообщение")
        await here.sees("✓✓ доставлено")
        await here.sees("[фото 2]")


async def test_copying_goes_through_the_terminal(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("y")
        assert here.app.clipboard.startswith("Третий день жду")
        await here.sees("OSC 52")


async def test_a_reply_that_left_by_itself_is_nobodys(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats[OLEG].replies = [
        ReplyView(93, OutboxState.SENT, "Возьмите размер М.", NOW, None, NOW, by_itself=True)
    ]
    async with seat() as here:
        await here.sees("Возьмите размер М.")
        assert "Автоматический ответ" in here.text()


async def test_another_chat_is_read_from_its_end_in_the_lines_of_the_one_before(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    long_chat(desk)
    async with seat() as here:
        await here.sees("сообщение номер 129")
        transcript = here.screen.chat_pane.transcript
        here.screen.show_pane("chat")
        for _ in range(3):
            await here.press("pageup", "shift+up")
        assert not transcript.at_end
        before = {line: line.entry for line in here.screen.query(MessageLine)}
        here.screen.show_pane("queue")
        await here.press("j")
        await here.opens(ALENA)
        await here.sees("Пришла с трещиной")
        texts = [said.text for said in desk.chats[ALENA].messages]
        assert shown(here) == texts
        assert all(line in before for line in here.screen.query(MessageLine))
        assert transcript.marked_entry is None
        assert not here.screen.query(".-marked")
        await here.press("k")
        await here.opens(OLEG)
        assert [line.entry for line in here.screen.query(MessageLine)] == list(before.values())
        await here.until(lambda: transcript.at_end)
        await here.sees("сообщение номер 129")


async def test_what_did_not_change_is_laid_out_no_more(seat: OpenSeat, clock: Clock) -> None:
    async with seat() as here:
        await here.settles()
        laid: list[object] = []
        here.screen.screen_layout_refresh_signal.subscribe(here.screen, laid.append, immediate=True)
        for _ in range(3):
            clock.pass_(seconds=1)
            here.screen.chat_pane.tick()
            here.screen.show_status()
            await here.pilot.pause(0.05)
        assert not laid
