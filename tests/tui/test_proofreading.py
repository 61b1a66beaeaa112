"""What is underlined while a reply is typed, and which reason is shown."""

from __future__ import annotations

from textual import events

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_tui.marks import Kind
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import FORBIDDEN
from tests.tui.story import ALENA

REASON = "Нельзя обещать возврат денег"


def underlined(here: Seat) -> list[str]:
    """The words under the marks, and that they are drawn underlined on screen."""
    field = here.composer
    drawn = [
        line.plain[span.start : span.end]
        for row in range(field.document.line_count)
        for line in (field.get_line(row),)
        for span in line.spans
        if getattr(span.style, "underline", False)
    ]
    words = [field.text[mark.start : mark.end] for mark in field.marks]
    assert sorted(drawn) == sorted(words)
    return words


async def test_what_a_rule_objects_to_is_underlined_where_it_stands(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes(f"Олег,\nмы {FORBIDDEN} завтра")
        await here.sees(REASON)
        assert underlined(here) == [FORBIDDEN]


async def test_the_underline_stays_on_its_words_while_the_text_before_it_changes(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes(f"мы {FORBIDDEN}")
        await here.sees(REASON)
        here.composer.insert("Да, ", (0, 0))
        assert underlined(here) == [FORBIDDEN]
        here.composer.insert("Здравствуйте!\n\n", (0, 0))
        assert underlined(here) == [FORBIDDEN]
        here.composer.undo()
        assert underlined(here) == [FORBIDDEN]


async def test_an_answer_that_comes_after_more_was_typed_is_put_where_the_words_are_now(
    seat: OpenSeat,
) -> None:
    async with seat() as here:
        await here.writes(f"мы {FORBIDDEN}")
        await here.until(lambda: here.desk.called("check"))
        here.composer.insert("Олег, здравствуйте, ", (0, 0))
        await here.sees(REASON)
        assert underlined(here) == [FORBIDDEN]


async def test_a_word_no_dictionary_has_is_underlined_and_explained_under_the_cursor_only(
    seat: OpenSeat,
) -> None:
    async with seat() as here:
        await here.writes("привезут во вторнек утром")
        await here.until(lambda: here.composer.marks)
        assert underlined(here) == ["вторнек"]
        assert "нет в словаре" not in here.text()
        await here.press("ctrl+n")
        await here.sees("нет в словаре: вторнек")
        await here.press("home")
        await here.until(lambda: "нет в словаре" not in here.text())


async def test_the_word_that_is_being_typed_is_not_judged_yet(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("во вторне")
        await here.until(lambda: here.desk.called("check"))
        await here.pilot.pause(0.1)
        assert here.composer.marks == ()


async def test_names_of_the_conversation_are_right(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.chats[ALENA].buyer = "Аэлитушка"
        await here.press("j")
        await here.opens(ALENA)
        await here.writes("аэлитушка, ждите во вторнек.")
        await here.until(lambda: here.composer.marks)
        assert underlined(here) == ["вторнек"]


async def test_the_reason_under_the_cursor_comes_first_and_the_others_are_counted(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes(f"привезут во вторнек, {FORBIDDEN}.")
        await here.sees(REASON)
        assert "(+" not in here.text()
        here.composer.move_cursor((0, 14))
        await here.sees("нет в словаре: вторнек (+1)")


async def test_the_marks_of_one_chat_are_not_shown_in_another(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes(f"мы {FORBIDDEN}")
        await here.sees(REASON)
        here.screen.show_pane("queue")
        await here.press("j")
        await here.opens(ALENA)
        assert here.composer.marks == ()
        assert REASON not in here.text()


async def test_typing_is_undone_and_redone_by_keys(seat: OpenSeat) -> None:
    async with seat() as here:
        here.composer.focus()
        await here.press(*"раз")
        await here.press("ctrl+z")
        await here.until(lambda: here.composer.text == "")
        await here.press("ctrl+y")
        await here.until(lambda: here.composer.text == "раз")
        assert not here.desk.called("undo")


async def test_a_long_paste_is_undone_in_one_step(seat: OpenSeat) -> None:
    async with seat() as here:
        here.composer.focus()
        await here.pilot.pause()
        here.composer.post_message(events.Paste("строка\n" * 300))
        await here.until(lambda: here.composer.document.line_count == 301)
        await here.press("ctrl+z")
        await here.until(lambda: here.composer.text == "")
        await here.press("ctrl+y")
        await here.until(lambda: here.composer.document.line_count == 301)


async def test_an_inserted_suggestion_is_one_step_to_undo(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("моё")
        await here.press("f4")
        await here.until(lambda: "Проверяем отправку" in here.composer.text)
        await here.press("ctrl+z")
        await here.until(lambda: here.composer.text == "моё")


async def test_the_frame_of_the_field_says_when_the_text_is_saved(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("черновик")
        await here.until(lambda: here.composer.border_title == "ответ · сохранён")
        here.desk.failing["save_draft"] = StoreUnavailable("gone")
        await here.press(*"ы")
        await here.until(lambda: not here.desk.failing)
        await here.until(lambda: here.composer.border_title == "ответ · на этой машине")


def test_the_kinds_are_in_the_order_of_their_weight() -> None:
    assert list(Kind) == [Kind.ERROR, Kind.WARNING, Kind.WORD]
