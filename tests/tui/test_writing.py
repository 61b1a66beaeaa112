"""Drafts, editing a suggestion, long pastes."""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path

import pytest
from textual import events

from agentiq_core.domain.drafts import NOTE, DraftKey, DraftView, LeftDraft
from agentiq_core.domain.errors import Forbidden, StoreUnavailable
from agentiq_tui.kept_words import KeptWords
from agentiq_tui.screens import writing
from tests.tui.conftest import OpenSeat
from tests.tui.scripted import ScriptedDesk
from tests.tui.scripted_team import ANNA, BORIS
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


async def test_newer_words_from_another_machine_come_into_a_field_that_nobody_has_typed_in_since(
    seat: OpenSeat,
) -> None:
    async with seat() as here:
        await here.writes("начато здесь")
        await here.sees("черновик сохранён")
        here.desk.drafts.elsewhere(OLEG, "начато здесь, дописано дома")
        await here.until(lambda: here.composer.text == "начато здесь, дописано дома")
        await here.sees("Набранное в другом месте теперь здесь")
        here.desk.drafts.elsewhere(OLEG, "начато здесь, дописано дома и ещё")
        await here.until(lambda: here.composer.text.endswith(" и ещё"))
        assert len([one for one in here.app._notifications if "теперь здесь" in one.message]) == 1
        # it is the database's own: gone on with, it is no other text
        here.composer.insert("!")
        await here.until(lambda: here.desk.chats[OLEG].draft == "начато здесь, дописано дома и ещё!")
        assert here.desk.chats[OLEG].other == ""
        # sent there, it is gone here
        here.desk.drafts.elsewhere(OLEG, "")
        await here.until(lambda: here.composer.text == "")


async def test_when_both_were_typed_in_neither_is_lost_and_a_key_puts_them_together(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("общее")
        await here.sees("черновик сохранён")
        here.desk.chats[OLEG].draft = "общее и дом"
        here.composer.insert(" и работа")
        await here.until(lambda: here.desk.chats[OLEG].draft == "общее и работа")
        assert here.composer.text == "общее и работа"
        await here.sees("В другом месте вы набрали: общее и дом")
        await here.sees("Ctrl+S")
        await here.press("ctrl+s")
        await here.until(lambda: here.desk.chats[OLEG].draft == "общее и работа\n\nобщее и дом")
        await here.until(lambda: "В другом месте вы набрали" not in here.text())
        assert here.desk.chats[OLEG].other == ""
        await here.press("ctrl+z")
        await here.until(lambda: here.composer.text == "общее и работа")
        await here.press("ctrl+s")
        await here.sees("Другого текста здесь нет")


async def test_an_answer_that_was_asked_for_before_the_last_key_replaces_nothing(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("раз")
        await here.sees("черновик сохранён")
        moves = here.screen.words.moves(DraftKey(OLEG))
        here.composer.insert(" два")
        await here.until(lambda: here.desk.chats[OLEG].draft == "раз два")
        here.screen.heard(OLEG, DraftView("раз"), None, moves)
        assert here.composer.text == "раз два"


async def test_what_a_colleague_began_is_offered_to_whose_it_is_now_and_not_while_they_are_there(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    left = LeftDraft(BORIS, "Борис Ким", "Здравствуйте! Уточню на складе")
    desk.chats[OLEG].facts |= {"assignee": ANNA, "assignee_name": "Анна Петрова", "left": left}
    desk.presence.come(OLEG, BORIS, types=True)
    async with seat() as here:
        await here.sees("Борис Ким печатает")
        assert "Уточню на складе" not in here.text()
        await here.press("R")
        await here.sees("Другого текста здесь нет")
        desk.presence.go(OLEG, BORIS)
        await here.sees("Начатый ответ (Борис Ким): Здравствуйте!")
        assert here.composer.text == ""
        desk.failing["save_draft"] = StoreUnavailable("gone")
        await here.press("R")
        await here.until(lambda: here.composer.text == left.text)
        await here.until(lambda: here.desk.called("save_draft"))
        assert not here.desk.called("drafts.take"), "not before the database has it here"
        here.composer.insert(".")
        await here.until(lambda: desk.chats[OLEG].draft == f"{left.text}.")


async def test_the_status_line_says_when_the_draft_is_saved(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("черновик")
        await here.sees("черновик сохранён")


async def test_what_is_typed_and_taken_out_at_once_leaves_nothing_to_save(seat: OpenSeat) -> None:
    async with seat() as here:
        here.composer.focus()
        here.composer.insert("ой")
        await here.sees("черновик ещё не сохранён")
        here.composer.clear()
        await here.until(lambda: "не сохранён" not in here.text())


async def test_a_reply_is_saved_though_a_note_is_not(
    seat: OpenSeat, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = desk.drafts.save

    async def takes_no_notes(key: DraftKey, text: str, known: Collection[str]) -> DraftView:
        if key.field == NOTE:
            raise Forbidden("no notes")
        return await save(key, text, known)

    monkeypatch.setattr(desk.drafts, "save", takes_no_notes)
    async with seat() as here:
        here.screen.words.type(DraftKey(OLEG, NOTE), "заметка")
        await here.writes("ответ")
        await here.sees("черновик сохранён")


async def test_quitting_at_once_still_saves_the_draft(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("не потерять")
        await here.press("ctrl+q")
        await here.until(lambda: here.desk.closed)
    assert here.desk.chats[OLEG].draft == "не потерять"


@pytest.mark.parametrize("full", [False, True], ids=["kept here", "disk full"])
async def test_a_draft_that_cannot_be_saved_keeps_the_app_once(
    seat: OpenSeat, home: Path, *, full: bool
) -> None:
    async with seat() as here:
        if full:
            (home / "unsaved").write_text("no folder")
        await here.writes("не потерять")
        here.desk.failing["save_draft"] = StoreUnavailable("gone")
        await here.press("f10")
        await here.sees("Черновик не сохранён" if full else "Черновик сохранён только на этой машине")
        assert not here.desk.closed
        await here.press("f10")
        await here.until(lambda: here.desk.closed)
    assert here.desk.chats[OLEG].draft == "не потерять"


async def test_a_disk_that_takes_nothing_is_told_once_and_loses_nothing(
    seat: OpenSeat, desk: ScriptedDesk, home: Path
) -> None:
    async with seat() as here:
        (home / "unsaved").write_text("no folder")
        for text in ("раз", " два", " три"):
            desk.failing["save_draft"] = StoreUnavailable("gone")
            here.composer.focus()
            here.composer.insert(text)
            await here.until(lambda: not desk.failing)
        await here.sees("Набранное не сохраняется на этой машине")
        told = [one for one in here.app._notifications if "не сохраняется" in one.message]
        assert len(told) == 1
        assert here.composer.text == "раз два три"
        (home / "unsaved").unlink()
        here.composer.insert(" четыре")
        await here.until(lambda: desk.chats[OLEG].draft == "раз два три четыре")


async def test_what_is_typed_on_and_on_is_saved_without_a_pause(
    seat: OpenSeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = 0.0
    monkeypatch.setattr(writing, "monotonic", lambda: passed)
    monkeypatch.setattr(writing, "DRAFT_DELAY", 3600.0)
    async with seat() as here:
        here.composer.focus()
        for _ in range(8):
            passed += 0.39
            here.composer.insert("слово ")
            await here.pilot.pause()
        await here.until(lambda: "слово слово" in here.desk.chats[OLEG].draft)


async def test_words_of_a_session_that_crashed_are_saved_whichever_chat_is_opened(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    crashed = KeptWords(desk.keeps_words_at)
    crashed.put(DraftKey(ALENA), "для Алёны", [""])
    crashed.put(DraftKey(OLEG), "для Олега", ["начало"])
    desk.chats[OLEG].draft = "набрано потом дома"
    crashed.close()
    async with seat() as here:
        await here.until(lambda: desk.chats[ALENA].draft == "для Алёны")
        await here.until(lambda: here.composer.text == "для Олега")
        await here.sees("В другом месте вы набрали: набрано потом дома")
        await here.until(lambda: not any(desk.keeps_words_at.rglob("~*")))


async def test_words_that_could_not_be_saved_at_the_start_are_saved_later(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    crashed = KeptWords(desk.keeps_words_at)
    crashed.put(DraftKey(OLEG), "не потерять", [""])
    crashed.close()
    desk.failing["save_draft"] = StoreUnavailable("gone")
    async with seat() as here:
        await here.until(lambda: desk.chats[OLEG].draft == "не потерять")
        await here.until(lambda: here.composer.text == "не потерять")


async def test_a_conversation_that_takes_no_words_any_more_holds_up_no_other(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        await here.writes("сюда уже нельзя")
        desk.failing["save_draft"] = Forbidden("gone")
        here.screen.words.type(DraftKey(ALENA), "а сюда можно")
        await here.until(lambda: desk.chats[ALENA].draft == "а сюда можно")
        assert here.composer.text == "сюда уже нельзя"


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
