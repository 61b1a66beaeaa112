"""A shop's own guardrails are changed on screen: tried on a text and on recent replies, versioned by themselves, saved."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.engine.access import SignedIn
from agentiq_core.guardrails import RuleSet, Severity, rule_set
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.guard_rule import GuardRuleScreen
from agentiq_tui.screens.guard_rules import GuardRulesScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk

KEPT = rule_set(
    {
        "rules": [
            {"name": "discounts", "version": 3, "severity": "error", "reason": "Скидок не обещаем", "phrases": ["дать|обещать[1per] скидка"], "channel": "chat"},
            {"name": "words", "version": 1, "severity": "warning", "reason": "Избегаем", "words": ["дешёвка"]},
        ]
    }
)  # fmt: skip


@pytest.fixture(autouse=True)
def _managed(desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "owner")
    desk.sellers = desk.sellers[:1]
    desk.guard_rules.kept = KEPT


async def looking(here: Seat) -> GuardRulesScreen:
    await here.screen.run_action("guard_rules")
    screen = await here.reaches(GuardRulesScreen)
    await here.until(lambda: here.desk.called("guard_rules.read") and not screen._busy)
    return screen


async def form(here: Seat, key: str) -> GuardRuleScreen:
    await here.press(key)
    return await here.reaches(GuardRuleScreen)


async def filled(here: Seat, screen: GuardRuleScreen, **values: str) -> None:
    for name, value in values.items():
        screen.query_one(f"#{name}", Input).value = value
    await here.press("f5")


async def test_a_rule_is_added_tried_on_sent_replies_and_saved(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.guard_rules.kept = RuleSet()
    desk.guard_rules.stopped = 2
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.sees("Здесь пока нет правил")
        made = await form(here, "a")
        assert made.filled_in()["name"] == "rule_1"
        await filled(here, made, reason="Скидок не обещаем", words="скидка; подарок за  отзыв")
        await here.until(lambda: here.app.screen is screen)
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.sees("Из последних 2 ответов остановлено было бы 1, с предупреждением: 0")
        await here.sees("rule_1 1")
        await here.sees("#21  rule_1 «Скидку»")
        assert desk.called("guard_rules.set") == []
        await here.press("f9")
        await here.sees("✓ Сохранено; 2 подсказки пишутся заново")
        [(number, saved)] = desk.called("guard_rules.set")
        assert number == 1
        assert saved.to_json()["rules"] == [
            {
                "name": "rule_1", "version": 1, "severity": "error", "reason": "Скидок не обещаем",
                "words": ["скидка", "подарок за отзыв"],
            }
        ]  # fmt: skip


async def test_another_text_is_another_version_and_the_former_text_the_former_one(
    seat: OpenSeat,
) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await filled(here, await form(here, "enter"), reason="Иначе")
        await here.until(lambda: screen.changed)
        assert [rule.version for rule in screen.rules] == [4, 1]
        await filled(here, await form(here, "enter"), words="скидон")
        await here.until(lambda: screen.rules[0].words == ("скидон",))
        assert screen.rules[0].version == 4
        await filled(here, await form(here, "enter"), reason="Скидок не обещаем", words="")
        await here.until(lambda: not screen.changed)
        assert screen.rules == KEPT.rules
        # deleted and written again under its name, it goes on counting
        await here.press("d")
        await filled(here, await form(here, "a"), name="discounts", reason="Снова", words="скидка")
        await here.until(lambda: len(screen.rules) == 2)
        assert screen.rules[0].version == 4


async def test_severity_and_place_are_chosen_with_arrows(seat: OpenSeat) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        made = await form(here, "enter")
        made.query_one("#severity").focus()
        await here.press("right")
        await here.sees("‹ предупреждает ›")
        await here.press("enter", "space")
        await here.sees("‹ отзыв ›")
        await here.press("enter")
        await here.until(lambda: here.app.screen is screen)
        assert (screen.rules[0].severity, screen.rules[0].channel) == (Severity.WARNING, "review")


@pytest.mark.parametrize(
    ("text", "turns", "words"),
    [
        ("Здравствуйте! Скидку мы дадим завтра же.", 0, "не пускает ответ: discounts «Скидку мы дадим» Скидок не обещаем"),
        ("Здравствуйте! Скидку мы дадим завтра же.", 1, "✓ Можно отправлять"),
        ("Здравствуйте! Это вовсе не дешёвка, поверьте.", 2, "предупреждает: words «дешёвка»"),
        ("Здравствуйте! Мы вернём деньги за товар.", 0, "не пускает ответ: обещание"),
    ],
)  # fmt: skip
async def test_a_reply_that_is_typed_says_what_it_breaks(
    seat: OpenSeat, text: str, turns: int, words: str
) -> None:
    async with seat((140, 40)) as here:
        screen = await looking(here)
        await here.press("tab", *["f2"] * turns)
        screen.query_one("#rules-sample", Input).value = text
        await here.sees(words)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "Скидки", "имя «Скидки»"),
        ("name", "words", "имя «words» занято"),
        ("reason", " ", "причина"),
        ("phrases", "скидку", "запишите словарную форму «скидка»"),
        ("phrases", "дать[xyz]", "граммемы «xyz» нет"),
        ("words", "а|б", "«а|б» — не слово"),
        ("phrases", "", "нет ни фраз (phrases), ни слов"),
    ],
)
async def test_a_mistake_is_one_line_at_its_field(seat: OpenSeat, field: str, value: str, words: str) -> None:
    async with seat((140, 40)) as here:
        await looking(here)
        made = await form(here, "enter")
        await filled(here, made, **{field: value})
        where = "words" if not value else field
        await here.until(lambda: made.focused is not None and made.focused.id == where)
        await here.until(lambda: words.casefold() in here.text().casefold())
        assert here.app.screen is made


async def test_an_error_keeps_what_was_changed(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        desk.failing["guard_rules.set"] = StoreUnavailable("gone")
        await here.press("d", "f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("f9")
        await here.sees("Нет связи с базой")
        assert screen.changed
        await here.press("escape")
        await here.sees("Выйти без сохранения?")


async def test_whoever_manages_no_shops_looks_and_tries(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = SignedIn(2, "oleg@example.org", "viewer")
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press("a", "d", "enter", "f5")
        assert here.app.screen is screen
        assert screen.rules == KEPT.rules
        screen.query_one("#rules-sample", Input).value = "Здравствуйте! Вовсе не дешёвка, поверьте."
        await here.sees("предупреждает: words")
