"""Templates and knowledge on screen: looked through, written with the guardrails and a preview, put away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.snippets import Snippet, SnippetKind
from agentiq_core.engine.access import SignedIn
from agentiq_core.guardrails import rule_set
from agentiq_tui.marks import Kind
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.library import LibraryScreen
from agentiq_tui.screens.snippet import SnippetScreen
from agentiq_tui.widgets.choice import Choice
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk
from tests.tui.story import ALENA


@pytest.fixture(autouse=True)
def _written(desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.sellers = desk.sellers[:1]
    desk.snippets.has("Приветствие", "Здравствуйте, {name}! Чем помочь?")
    desk.snippets.has("Фото", "Пришлите, пожалуйста, фото упаковки.", intent="defect", channel="chat")
    desk.snippets.has("Мойка", "Кружку можно мыть в посудомойке до 60 °C.", kind=SnippetKind.KNOWLEDGE)


async def looking(here: Seat) -> LibraryScreen:
    await here.screen.run_action("library")
    screen = await here.reaches(LibraryScreen)
    await here.until(lambda: screen.snippets)
    return screen


async def writing(here: Seat, *keys: str) -> SnippetScreen:
    await here.press(*keys)
    return await here.reaches(SnippetScreen)


def names(screen: LibraryScreen) -> list[str]:
    return [snippet.said.name for snippet in screen.snippets]


def kept(desk: ScriptedDesk, name: str) -> Snippet:
    return next(one for one in desk.snippets.kept if one.said.name == name)


async def test_both_kinds_are_listed_and_words_and_kind_narrow_them(seat: OpenSeat) -> None:
    async with seat() as here:
        screen = await looking(here)
        assert names(screen) == ["Мойка", "Приветствие", "Фото"]
        await here.sees("Кружку можно мыть")
        await here.press("f2")
        await here.until(lambda: names(screen) == ["Приветствие", "Фото"])
        await here.press("f2")
        await here.until(lambda: names(screen) == ["Мойка"])
        await here.press("f2", "/", *"упаков")
        await here.until(lambda: names(screen) == ["Фото"])
        await here.press(*"кка")
        await here.sees("Ничего не найдено")
        await here.press("escape")
        assert here.app.screen is screen
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)


async def test_a_new_template_has_its_variables_put_in_and_shown_on_the_open_chat(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        await here.press("j")
        await here.opens(ALENA)
        screen = await looking(here)
        form = await writing(here, "a")
        form.query_one("#name", Input).value = "Где заказ"
        form.body.focus()
        await here.press(*"Здравствуйте, ", "f2", *"!", "enter", *"Заказ ", "f4", *" едет.")
        assert form.body.text == "Здравствуйте, {name}!\nЗаказ {order} едет."
        await here.sees("Алёна: Здравствуйте, Алёна!")
        await here.sees("Заказ 4815162342 едет.")
        assert not form.body.marks
        form.query_one("#intent", Choice).value = "where_is_order"
        await here.press("f5")
        await here.until(lambda: here.app.screen is screen)
        new = kept(desk, "Где заказ")
        assert (new.said.kind, new.said.intent, new.said.channel) == (
            SnippetKind.TEMPLATE,
            "where_is_order",
            None,
        )
        await here.until(lambda: screen.current is not None and screen.current.id == new.id)


async def test_without_an_open_chat_of_the_shop_nothing_is_made_up(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.sellers = (replace(desk.sellers[0], seller_id=7),)
    desk.snippets.has("Своё", "Добрый день, {name}!", 7)
    async with seat() as here:
        await looking(here)
        await writing(here, "enter")
        await here.sees("Откройте переписку этого магазина")


async def test_what_is_not_known_of_the_open_chat_is_said(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.snippets.known = replace(desk.snippets.known, name=None)
    async with seat() as here:
        await looking(here)
        await writing(here, "down", "enter")
        await here.sees("Здравствуйте! Чем помочь?")
        await here.sees("имя покупателя")


async def test_the_guardrails_and_the_dictionary_underline_what_is_written(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.guard_rules.kept = rule_set(
        {"rules": [{"name": "words", "version": 1, "severity": "warning", "reason": "Этого слова избегаем", "words": ["дешёвка"]}]}
    )  # fmt: skip
    async with seat() as here:
        await looking(here)
        form = await writing(here, "down", "enter")
        form.body.text = "{name}, вернём деньги за эту дешёвку, корявоо."
        await here.until(lambda: len(form.body.marks) == 3)
        kinds = sorted(mark.kind.value for mark in form.body.marks)
        assert kinds == ["error", "warning", "word"]
        await here.sees("Обещание вернуть деньги")
        form.body.focus()
        form.body.move_cursor((0, 0))
        await here.press("ctrl+n", "ctrl+n")
        await here.sees("Этого слова избегаем")


async def test_rules_that_need_a_buyers_words_do_not_judge_a_text_for_any_buyer(seat: OpenSeat) -> None:
    async with seat() as here:
        await looking(here)
        form = await writing(here, "down", "enter")
        form.body.text = "Оформите возврат товара в личном кабинете."
        await here.sees("Оформите возврат")
        await here.pilot.pause(0.6)
        assert not [mark for mark in form.body.marks if mark.kind is not Kind.WORD]


async def test_a_changed_text_is_kept_and_nothing_that_a_colleague_changed_is_lost(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        screen = await looking(here)
        form = await writing(here, "down", "enter")
        form.body.text = "Добрый день, {name}!"
        await here.press("f5")
        await here.until(lambda: here.app.screen is screen)
        assert kept(desk, "Приветствие").said.body == "Добрый день, {name}!"

        form = await writing(here, "enter")
        now = kept(desk, "Приветствие")
        await desk.snippets.change(1, now.id, replace(now.said, body="Здравствуйте!"))
        form.body.text = "Третий текст"
        await here.press("f5")
        await here.sees("Коллега")
        assert kept(desk, "Приветствие").said.body == "Здравствуйте!"
        assert form.body.text == "Третий текст"


async def test_what_is_missing_is_said_and_what_was_typed_stays(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        await looking(here)
        form = await writing(here, "a")
        await here.press("f5")
        await here.sees("В названии от 1 до 80 символов")
        await here.press(*"Имя")
        await here.press("f5")
        await here.sees("В тексте от 1 до 5000 символов")
        await here.until(lambda: form.focused is form.body)
        desk.failing["snippets.add"] = Rejected("there is a template of the name Имя already", name="Имя")
        await here.press(*"текст", "f5")
        await here.until(lambda: not desk.failing)
        await here.sees("✗")
        assert form.body.text == "текст"
        await here.press("escape")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))


async def test_a_text_is_put_away_after_a_second_word(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        screen = await looking(here)
        await here.press("j", "d")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("escape")
        assert kept(desk, "Приветствие").archived_at is None
        await here.until(lambda: here.app.screen is screen)
        await here.press("d")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("f9")
        await here.until(lambda: names(screen) == ["Мойка", "Фото"])
        await here.sees("Убрано: Приветствие")


async def test_what_was_put_away_is_shown_and_brought_back(seat: OpenSeat, desk: ScriptedDesk) -> None:
    greeting = next(one for one in desk.snippets.kept if one.said.name == "Приветствие")
    await desk.snippets.archive(greeting.seller_id, greeting.id)
    async with seat() as here:
        screen = await looking(here)
        assert names(screen) == ["Мойка", "Фото"]
        await here.press("r")
        await here.press("f3")
        await here.until(lambda: names(screen) == ["Приветствие"])
        await here.sees("F3 убранные")
        for key in ("enter", "a", "d"):
            await here.press(key)
            assert here.app.screen is screen
        await here.press("к")
        await here.sees("Снова в деле: Приветствие")
        await here.until(lambda: names(screen) == [])
        await here.sees("Ничего не убрано")
        await here.press("f3")
        await here.until(lambda: len(names(screen)) == 3)
        assert desk.called("snippets.restore") == [(greeting.seller_id, greeting.id)]


async def test_operators_bring_templates_back_and_no_knowledge(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = replace(desk.who, role="operator")
    fact = next(one for one in desk.snippets.kept if one.said.name == "Мойка")
    await desk.snippets.archive(fact.seller_id, fact.id)
    async with seat() as here:
        screen = await looking(here)
        await here.press("f3")
        await here.until(lambda: names(screen) == ["Мойка"])
        await here.press("r")
        await here.sees("Знания пишут администраторы и владельцы")
        assert not desk.called("snippets.restore")


async def test_operators_write_templates_and_viewers_look(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = replace(desk.who, role="operator")
    async with seat() as here:
        screen = await looking(here)
        await here.press("enter")
        await here.sees("Знания пишут администраторы и владельцы")
        form = await writing(here, "a")
        assert not form.query("#kind")
        await here.press("escape")
        await here.until(lambda: here.app.screen is screen)
        desk.who = replace(desk.who, role="viewer")
        await here.press("down", "enter")
        await here.sees("Ваша роль — только чтение")
        assert here.app.screen is screen
        await here.press("d")
        assert here.app.screen is screen


async def test_a_pasted_text_is_inert(seat: OpenSeat) -> None:
    from textual import events

    async with seat() as here:
        await looking(here)
        form = await writing(here, "a")
        form.body.focus()
        await here.pilot.pause()
        here.app.post_message(events.Paste("да\x1b]52;c;eA==\x07"))
        await here.until(lambda: form.body.text)
        assert "\x1b" not in form.body.text
