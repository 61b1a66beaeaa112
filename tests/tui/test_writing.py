"""Drafts, editing a suggestion, long pastes."""

from __future__ import annotations

import time

from textual import events

from agentiq_core.domain.errors import StoreUnavailable
from tests.tui.conftest import OpenSeat
from tests.tui.story import ALENA, OLEG

PASTE = 100_000


async def test_tab_moves_the_suggestion_into_the_field_and_focuses_it(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("tab")
        await here.until(lambda: here.composer.text.startswith("Олег, здравствуйте!"))
        assert here.composer.has_focus


async def test_tab_never_replaces_what_was_typed(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("моё")
        here.screen.show_pane("queue")
        await here.press("tab")
        assert here.composer.text == "моё"
        assert here.composer.has_focus


async def test_insert_adds_the_suggestion_after_what_was_typed(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("моё")
        await here.press("f4")
        await here.until(lambda: "Проверяем отправку" in here.composer.text)
        assert here.composer.text.startswith("моё\n\nОлег")


async def test_a_draft_survives_switching_chats_and_reaches_the_database(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("черновик для Олега")
        here.screen.show_pane("queue")
        await here.press("j")
        await here.opens(ALENA)
        assert here.composer.text == ""
        await here.until(lambda: here.desk.chats[OLEG].draft == "черновик для Олега")
        await here.press("k")
        await here.opens(OLEG)
        assert here.composer.text == "черновик для Олега"


async def test_a_draft_of_another_machine_is_shown(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.chats[ALENA].draft = "начато дома"
        await here.press("j")
        await here.opens(ALENA)
        assert here.composer.text == "начато дома"


async def test_the_status_line_says_when_the_draft_is_saved(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("черновик")
        await here.sees("черновик сохранён")


async def test_quitting_at_once_still_saves_the_draft(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("не потерять")
        await here.press("ctrl+q")
        await here.until(lambda: here.desk.closed)
    assert here.desk.chats[OLEG].draft == "не потерять"


async def test_a_draft_that_cannot_be_saved_keeps_the_app_once(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("не потерять")
        here.desk.failing["save_draft"] = StoreUnavailable("gone")
        await here.press("f10")
        await here.sees("Черновик не сохранён")
        assert not here.desk.closed
        await here.press("f10")
        await here.until(lambda: here.desk.closed)
    assert here.desk.chats[OLEG].draft == "не потерять"


async def test_a_live_change_leaves_the_text_in_the_field_alone(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("пишу…")
        here.desk.buyer_writes(OLEG, "Ау?")
        await here.sees("Ау?")
        assert here.composer.text == "пишу…"
        assert here.composer.has_focus


async def test_a_paste_of_100_kb_is_taken_whole_and_quickly(seat: OpenSeat) -> None:
    async with seat() as here:
        here.composer.focus()
        await here.pilot.pause()
        text = ("слово " * PASTE)[:PASTE]
        started = time.monotonic()
        here.composer.post_message(events.Paste(text))
        await here.until(lambda: len(here.composer.text) == PASTE)
        await here.sees(f"{PASTE}/1000")
        assert time.monotonic() - started < 3
        assert here.composer.text == text


async def test_escape_sequences_in_a_paste_are_shown_not_obeyed(seat: OpenSeat) -> None:
    async with seat() as here:
        here.composer.focus()
        await here.pilot.pause()
        here.composer.post_message(events.Paste("раз\x1b]52;c;aGk=\x07два"))
        await here.until(lambda: "два" in here.composer.text)
        assert "\x1b" not in here.composer.text


async def test_the_cursor_stays_in_sight_where_a_word_goes_to_a_new_line(seat: OpenSeat) -> None:
    async with seat() as here:
        field = here.composer

        def in_sight() -> bool:
            line = field.wrapped_document.location_to_offset(field.cursor_location).y
            return field.scroll_y <= line < field.scroll_y + field.content_size.height

        await here.writes("слово")
        field.insert(" слово" * 300 + " ")
        await here.until(in_sight)
        for _ in range(field.content_size.width):
            field.insert("ж")
            await here.until(in_sight)
