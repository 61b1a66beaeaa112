"""Rules of deadlines are changed on screen: tried on a text, previewed, saved, and never lost by Esc."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList

from agentiq_core.domain.chats import Priority
from agentiq_core.domain.errors import Forbidden, SignedOut, StoreUnavailable
from agentiq_core.engine.access import SignedIn
from agentiq_core.sla.rules import DEFAULT_RULES
from agentiq_tui.screens.choose_shop import ChooseShopScreen
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.deadline_rule import DeadlineRuleScreen
from agentiq_tui.screens.deadline_rules import DeadlineRulesScreen
from agentiq_tui.screens.sign_in import SignInScreen
from agentiq_tui.widgets.choice import Choice
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk


@pytest.fixture(autouse=True)
def _managed(desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.sellers = desk.sellers[:1]


async def looking(here: Seat) -> DeadlineRulesScreen:
    await here.screen.run_action("rules")
    screen = await here.reaches(DeadlineRulesScreen)
    await here.until(lambda: screen.rules)
    return screen


async def form(here: Seat, *keys: str) -> DeadlineRuleScreen:
    await here.press(*keys)
    return await here.reaches(DeadlineRuleScreen)


async def filled(here: Seat, screen: DeadlineRuleScreen, **values: str) -> None:
    for name, value in values.items():
        screen.query_one(f"#{name}", Input).value = value
    await here.press("f5")


def names(screen: DeadlineRulesScreen) -> list[str]:
    return [rule.name for rule in screen.rules]


async def test_the_palette_leads_there_and_escape_back(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await here.press("ctrl+p")
        await here.until(lambda: isinstance(here.app.screen, CommandPalette))
        await here.press(*"сроки")
        await here.sees("Правила и сроки магазина")
        await here.press("enter")
        await here.until(lambda: not here.text().count("Что сделать?") or desk.called("terms"))
        if not desk.called("terms"):
            await here.press("enter")
        await here.sees("Правила и сроки: WB Уютный дом")
        await here.sees("остальное" if here.app.size.height > 30 else "возврат")
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)


async def test_among_several_shops_one_is_chosen(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.sellers = (desk.sellers[0], replace(desk.sellers[0], seller_id=2, name="Свет", marketplace="ozon"))
    async with seat((80, 24)) as here:
        await here.until(lambda: "Свет" not in here.text() and here.desk.called("overview"))
        await here.screen.run_action("rules")
        await here.until(lambda: isinstance(here.app.screen, ChooseShopScreen))
        await here.press("j", "enter")
        await here.sees("Правила и сроки: OZ Свет")
        assert desk.called("terms") == [(2,)]
        await here.press("escape")
        await here.screen.run_action("rules")
        await here.sees("Какой магазин?")
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)


async def test_without_a_shop_nothing_opens(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats, desk.sellers = {}, ()
    async with seat((140, 40), wait=False) as here:
        # nothing is set up here: the first steps are offered, and put away
        await here.sees("Первые шаги")
        await here.press("escape")
        await here.sees("Подключить: F3")
        await here.screen.run_action("rules")
        await here.sees("Магазин ещё не подключён")
        assert here.app.screen is here.screen


@pytest.mark.parametrize(
    ("text", "turns", "words"),
    [
        ("Верните деньги, где мой заказ?", 0, "→ «возврат»: срочный, ответить: сегодня 12:30  «Верните» также: где заказ"),
        ("Спасибо!", 0, "→ «остальное»: обычный"),
        ("Спасибо!", 1, "→ «низкая оценка»: высокий, ответить: сегодня 20:00"),
        ("Спасибо!", 2, "→ «остальное»: обычный"),
        ("Спасибо!", 3, "→ «вопрос о товаре»"),
        ("Спасибо!", 4, "→ «заявка на возврат»"),
        ("Спасибо!", 5, "→ «остальное»: обычный"),
    ],
)  # fmt: skip
async def test_a_text_that_is_typed_says_which_rule_it_meets(
    seat: OpenSeat, text: str, turns: int, words: str
) -> None:
    async with seat((140, 40)) as here:
        screen = await looking(here)
        await here.press("tab", *["f2"] * turns)
        assert screen.query_one("#rules-sample", Input).has_focus
        screen.query_one("#rules-sample", Input).value = text
        await here.sees(words)
        # letters are typed there, and Enter leads back to the list
        await here.press("a", "d", "enter")
        assert screen.query_one("#rules-sample", Input).value == text + "ad"
        assert screen.query_one("#rules-list").has_focus


async def test_the_text_meets_the_rules_on_screen_not_the_saved_ones(seat: OpenSeat) -> None:
    async with seat((140, 40)) as here:
        screen = await looking(here)
        screen.query_one("#rules-sample", Input).value = "Верните деньги"
        await here.sees("→ «возврат»")
        await here.press("d")
        await here.sees("→ «остальное»")
        for _ in range(9):
            await here.press("delete")
        await here.sees("Под такое сообщение нет правила")
        await here.sees("Здесь пока нет правил")


@pytest.mark.parametrize("key", ["a", "ф", "insert"])
async def test_a_rule_is_added_previewed_and_saved(seat: OpenSeat, desk: ScriptedDesk, key: str) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        made = await form(here, key)
        await filled(
            here, made, name="Размер", phrases="размер; какой  рост", channels="чат, Отзыв", minutes="20"
        )
        await here.until(lambda: here.app.screen is screen)
        assert names(screen)[:2] == ["Размер", "возврат"]
        await here.sees("Изменено; F5 покажет")
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.sees("Другой срок получат 1 из 2 открытых обращений")
        await here.sees("раньше, чем сейчас: 1, позже: 0")
        await here.sees("#11  ")
        assert desk.called("set_rules") == []
        await here.press("f9")
        await here.sees("✓ Сохранено: пересчитаны 2 открытых обращения")
        [(number, saved)] = desk.called("set_rules")
        [new] = [rule for rule in saved if rule.name == "Размер"]
        assert (number, new.phrases, new.minutes) == (1, (("размер",), ("какой", "рост")), 20)
        assert (new.channels, new.priority, new.pattern) == (
            frozenset({"chat", "review"}),
            Priority.HIGH,
            None,
        )
        assert new.position < 10
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)


async def test_a_preview_that_is_declined_changes_nothing(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press("d", "f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("escape")
        await here.until(lambda: here.app.screen is screen)
        await here.sees("Изменено; F5 покажет")
        assert desk.called("set_rules") == []


async def test_a_rule_is_edited_field_by_field_with_enter(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press("j")
        made = await form(here, "enter")
        assert made.filled_in()["name"] == "брак"
        for expected in ("phrases", "pattern", "channels", "stars", "priority", "minutes"):
            await here.press("enter")
            assert made.focused is not None
            assert made.focused.id == expected
            if expected == "priority":
                assert made.query_one("#priority", Choice).value == "urgent"
                await here.press("right")
        await here.press("backspace", "backspace", "4", "5", "enter")
        await here.until(lambda: here.app.screen is screen)
        edited = screen.rules[1]
        assert (edited.name, edited.minutes, edited.priority) == ("брак", 45, Priority.NORMAL)
        assert edited.phrases == DEFAULT_RULES[1].phrases


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "  ", "Нужно название"),
        ("phrases", "вернуть [", "не фраза"),
        ("phrases", "@нетакой", "Нет семейства @нетакой"),
        ("phrases", "дать[xyz]", "Нет граммемы «xyz»"),
        ("pattern", "(", "Выражение правила написано с ошибкой"),
        ("pattern", "(a+)+b", "выражение правила может повторять"),
        ("channels", "чат, телефон", "Нет канала «телефон»; есть: чат, отзыв"),
        ("stars", "7", "От 1 до 5"),
        ("minutes", "скоро", "Минуты от 1 до 43200"),
    ],
)
async def test_a_mistake_is_one_line_at_its_field(seat: OpenSeat, field: str, value: str, words: str) -> None:
    async with seat((140, 40)) as here:
        await looking(here)
        made = await form(here, "enter")
        await filled(here, made, **{field: value})
        await here.sees(words)
        await here.until(lambda: made.focused is not None and made.focused.id == field)
        assert here.app.screen is made
        lines = here.text().splitlines()
        at = next(number for number, line in enumerate(lines) if words in line)
        assert value.strip() in lines[at - 1] or not value.strip()
        # mended, it is silent again
        made.query_one(f"#{field}", Input).value = {"name": "x", "minutes": "5"}.get(field, "")
        await here.until(lambda: words not in here.text())


@pytest.mark.parametrize(("down", "up"), [("J", "K"), ("О", "Л"), ("shift+down", "shift+up")])
async def test_a_rule_moves_with_the_cursor_on_it(seat: OpenSeat, down: str, up: str) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press(down, down)
        assert names(screen)[:3] == ["брак", "сломан", "возврат"]
        assert screen.query_one(OptionList).highlighted == 2
        await here.press(up, up, up)
        assert names(screen) == [rule.name for rule in DEFAULT_RULES]
        assert not screen.changed


async def test_the_rule_for_everything_must_stay(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("end", "d", "f5")
        await here.sees("одно правило должно подходить ко всему")
        assert desk.called("set_rules") == []


async def test_unsaved_changes_are_not_lost_by_escape(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press("d", "escape")
        await here.sees("Выйти без сохранения?")
        await here.press("escape")
        await here.until(lambda: here.app.screen is screen)
        assert screen.changed
        await here.press("escape")
        await here.sees("Выйти без сохранения?")
        await here.press("f9")
        await here.until(lambda: here.app.screen is here.screen)
        assert desk.called("set_rules") == []


async def test_a_form_asks_before_what_was_typed_is_lost(seat: OpenSeat) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await form(here, "enter")
        await here.press("escape")
        await here.until(lambda: here.app.screen is screen)
        made = await form(here, "enter")
        await here.press("x", "escape")
        await here.sees("Выйти без сохранения?")
        await here.press("escape")
        await here.until(lambda: here.app.screen is made)
        await here.press("escape")
        await here.sees("Выйти без сохранения?")
        await here.press("y")
        await here.until(lambda: here.app.screen is screen)
        assert not screen.changed


async def test_nothing_to_save_is_said(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("f5")
        await here.sees("Ничего не изменено")
        assert desk.called("effect") == []


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_whoever_manages_no_shops_looks_and_tries(
    seat: OpenSeat, desk: ScriptedDesk, role: str
) -> None:
    desk.who = SignedIn(2, "oleg@example.org", role)
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.sees("Меняют это администраторы и владельцы")
        assert "добавить" not in here.text()
        await here.press("a", "d", "J", "enter", "f5")
        assert here.app.screen is screen
        assert not screen.changed
        screen.query_one("#rules-sample", Input).value = "Верните деньги"
        await here.sees("→ «возврат»")


async def test_a_click_only_points_at_a_rule(seat: OpenSeat) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.pilot.click("#rules-list", offset=(10, 2))
        await here.until(lambda: screen.place == 2)
        assert here.app.screen is screen


@pytest.mark.parametrize(
    ("error", "words"),
    [(Forbidden("no"), "Ваша роль этого не позволяет"), (StoreUnavailable("gone"), "Нет связи с базой")],
)
async def test_an_error_is_one_line_and_the_changes_stay(
    seat: OpenSeat, desk: ScriptedDesk, error: Forbidden | StoreUnavailable, words: str
) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        desk.failing["effect"] = error
        await here.press("d", "f5")
        await here.sees(words)
        assert screen.changed
        desk.failing["set_rules"] = error
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("f9")
        await here.until(lambda: here.app.screen is screen and words in here.text())
        assert screen.changed
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))


async def test_what_a_colleague_changed_meanwhile_is_not_written_over(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press("d", "f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        desk.by = replace(desk.by, rules=DEFAULT_RULES[1:])
        await here.press("f9")
        await here.sees("✗ Коллега изменил это тем временем")
        assert screen.changed
        assert desk.called("set_rules") == []


async def test_a_sign_in_that_ended_is_asked_for(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        desk.failing["effect"] = SignedOut("over")
        await here.press("d", "f5")
        await here.until(lambda: isinstance(here.app.screen, SignInScreen))


async def test_hostile_names_are_shown_and_never_obeyed(seat: OpenSeat, desk: ScriptedDesk) -> None:
    hostile = replace(DEFAULT_RULES[0], name="[red]\x1b[2J\u202eправило", phrases=(("[b]слово",),))
    desk.by = replace(desk.by, rules=(hostile, *DEFAULT_RULES[1:]))
    async with seat((120, 30)) as here:
        await looking(here)
        await here.sees("[red]\N{REPLACEMENT CHARACTER}[2J")
        assert not any(character in here.text() for character in "\x1b\u202e")
