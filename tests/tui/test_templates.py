"""Templates behind a "/" in the reply field, and the knowledge base on a key: they fill in, and send nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from agentiq_core.ai.snippets import Known
from agentiq_core.domain.errors import SignedOut, StoreUnavailable
from agentiq_core.domain.snippets import Snippet
from agentiq_tui.screens.knowledge import KnowledgeScreen
from agentiq_tui.screens.sign_in import SignInScreen
from agentiq_tui.widgets.template_list import TemplateList
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk


@pytest.fixture(autouse=True)
def _kept(desk: ScriptedDesk) -> None:
    desk.snippets.known = Known("Олег", "Лампа", None)
    desk.snippets.has("где заказ", "{name}, проверим заказ {order} и напишем.")
    desk.snippets.has("где деньги", "Деньги возвращает маркетплейс.")
    desk.snippets.has("спасибо", "{name}, спасибо за отзыв!")
    desk.snippets.has("Гарантия", "Гарантия 12 месяцев.", kind="knowledge")


def offered(here: Seat) -> list[str]:
    listed = here.screen.query_one(TemplateList)
    return [snippet.said.name for snippet in listed.snippets] if listed.display else []


async def types(here: Seat, text: str) -> None:
    here.composer.focus()
    await here.pilot.pause()
    await here.press(*text)


async def test_a_slash_at_the_lines_begin_offers_templates_and_typing_narrows_them(seat: OpenSeat) -> None:
    async with seat() as here:
        await types(here, "/")
        await here.until(lambda: offered(here) == ["где деньги", "где заказ", "спасибо"])
        await here.press(*"где")
        await here.until(lambda: offered(here) == ["где деньги", "где заказ"])
        await here.press(*"ъ")
        await here.until(lambda: not offered(here))
        await here.press("backspace")
        await here.until(lambda: len(offered(here)) == 2)


@pytest.mark.parametrize("key", ["tab", "enter"])
async def test_the_chosen_one_takes_the_place_of_the_slash_filled_in_and_nothing_is_sent(
    seat: OpenSeat, key: str
) -> None:
    async with seat() as here:
        await types(here, "/спа")
        await here.until(lambda: offered(here) == ["спасибо"])
        await here.press(key)
        await here.until(lambda: here.composer.text == "Олег, спасибо за отзыв!")
        assert here.composer.has_focus
        assert not offered(here)
        assert not here.desk.called("reply")
        await here.press("ctrl+z")
        await here.until(lambda: here.composer.text == "/спа")


async def test_what_is_not_known_is_left_out_and_named(seat: OpenSeat) -> None:
    async with seat() as here:
        await types(here, "/где")
        await here.until(lambda: len(offered(here)) == 2)
        await here.press("down", "enter")
        await here.until(lambda: here.composer.text == "Олег, проверим заказ и напишем.")
        await here.sees("Здесь неизвестно и пропущено: номер заказа")


async def test_the_arrows_go_round_the_list_and_not_through_the_text(seat: OpenSeat) -> None:
    async with seat() as here:
        await types(here, "/")
        await here.until(lambda: len(offered(here)) == 3)
        await here.press("up", "enter")
        await here.until(lambda: here.composer.text.startswith("Олег, спасибо"))


async def test_escape_closes_the_list_and_the_slash_stays_a_slash(seat: OpenSeat) -> None:
    async with seat() as here:
        await types(here, "/")
        await here.until(lambda: offered(here))
        await here.press("escape")
        await here.until(lambda: not offered(here))
        assert here.composer.has_focus
        await here.press(*"с", "enter")
        await here.pilot.pause(0.1)
        assert here.composer.text == "/с\n"
        assert not offered(here)
        await here.press("/")
        await here.until(lambda: offered(here))


async def test_a_slash_within_a_line_is_text(seat: OpenSeat) -> None:
    async with seat() as here:
        await types(here, "и/или")
        await here.pilot.pause(0.1)
        assert not offered(here)


async def test_what_is_written_in_the_lines_around_stays(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("Добрый день!\n\nДо встречи")
        here.composer.move_cursor((1, 0))
        await here.press(*"/спа")
        await here.until(lambda: offered(here) == ["спасибо"])
        await here.press("tab")
        await here.until(lambda: here.composer.text == "Добрый день!\nОлег, спасибо за отзыв!\nДо встречи")


async def test_an_open_list_keeps_the_send_key_from_sending_a_slash(seat: OpenSeat) -> None:
    async with seat() as here:
        await types(here, "/где")
        await here.until(lambda: offered(here))
        await here.press("f5")
        await here.sees("Выберите шаблон (Enter) или закройте список (Esc)")
        assert not here.desk.called("reply")
        await here.press("escape", "f5")
        await here.until(lambda: [text for _ref, text, *_ in here.desk.called("reply")] == ["/где"])


async def test_the_send_key_waits_for_templates_that_are_being_looked_up(
    seat: OpenSeat, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = asyncio.Event()
    find = desk.snippets.find

    async def slowly(*asked: object, **how: object) -> tuple[Snippet, ...]:
        await answer.wait()
        return await find(*asked, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.snippets, "find", slowly)
    async with seat() as here:
        await types(here, "/где")
        await here.press("f5")
        await here.sees("Не отправлено: шаблоны ещё ищутся")
        answer.set()
        await here.until(lambda: offered(here))
        await here.press("f5")
        await here.sees("Выберите шаблон (Enter)")
        assert not desk.called("reply")


async def test_templates_that_cannot_be_looked_up_do_not_keep_a_text_from_leaving(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        await types(here, "/где")
        await here.until(lambda: offered(here))
        desk.failing["snippets.find"] = StoreUnavailable("gone")
        await here.press("ъ")
        await here.until(lambda: "snippets.find" not in desk.failing)
        await here.press("escape", "f5")
        await here.until(lambda: [text for _ref, text, *_ in desk.called("reply")] == ["/гдеъ"])


async def test_a_slash_alone_never_leaves(seat: OpenSeat) -> None:
    async with seat() as here:
        await types(here, "/")
        await here.until(lambda: offered(here))
        await here.press("escape", "f5")
        await here.sees("Не отправлено: «/» ищет шаблон")
        assert not here.desk.called("reply")


async def test_a_template_of_another_channel_is_not_offered(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.snippets.has("вопрос", "Ответ на вопрос.", channel="question")
    async with seat() as here:
        await types(here, "/")
        await here.until(lambda: len(offered(here)) == 3)


async def test_the_list_closes_with_the_chat(seat: OpenSeat) -> None:
    async with seat() as here:
        await types(here, "/")
        await here.until(lambda: offered(here))
        await here.press("f2")
        await here.until(lambda: not offered(here))


@pytest.mark.parametrize("key", ["ctrl+b", "h", "р"])
async def test_the_knowledge_base_is_searched_and_a_fact_goes_to_the_cursor(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await here.writes("Здравствуйте! ")
        if key != "ctrl+b":
            here.screen.show_pane("queue")
        await here.press(key)
        await here.until(lambda: isinstance(here.app.screen, KnowledgeScreen))
        await here.press(*"гаран")
        await here.sees("Гарантия 12 месяцев.")
        await here.press("enter")
        await here.until(lambda: here.composer.text == "Здравствуйте! Гарантия 12 месяцев.")
        assert not here.desk.called("reply")


async def test_the_knowledge_base_says_when_nothing_fits(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("h")
        await here.until(lambda: isinstance(here.app.screen, KnowledgeScreen))
        await here.press(*"ъъъ")
        await here.sees("Ничего не найдено")
        await here.press("enter", "escape")
        await here.until(lambda: not isinstance(here.app.screen, KnowledgeScreen))
        assert here.composer.text == ""


async def test_the_knowledge_base_asks_for_a_sign_in_that_has_ended(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        await here.press("h")
        await here.until(lambda: isinstance(here.app.screen, KnowledgeScreen))
        desk.failing["snippets.find"] = SignedOut("over")
        await here.press("г")
        await here.until(lambda: isinstance(here.app.screen, SignInScreen))
        assert [type(one) for one in here.app.screen_stack].count(SignInScreen) == 1


async def test_a_viewer_is_offered_neither(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = replace(desk.who, role="viewer")
    async with seat() as here:
        await here.press("h")
        await here.sees("только чтение")
        assert not isinstance(here.app.screen, KnowledgeScreen)
