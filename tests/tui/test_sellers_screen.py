"""Shops on screen: how each line does, and what an admin does about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import Input

from agentiq_core.connectors.errors import KeyRefused
from agentiq_core.domain.team import AssignmentMode, AssignmentRule
from agentiq_core.engine.access import SignedIn
from agentiq_tui.screens.add_shop import AddShopScreen
from agentiq_tui.screens.secret import SecretScreen
from agentiq_tui.screens.sellers import SellersScreen
from agentiq_tui.screens.sharing import SharingScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import NOW, ScriptedDesk


@pytest.fixture(autouse=True)
def _managed(desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.shops.in_trouble()


async def looking(here: Seat) -> SellersScreen:
    await here.screen.run_action("sellers")
    return await here.reaches(SellersScreen)


async def test_each_line_says_how_it_does(seat: OpenSeat) -> None:
    async with seat((140, 40)) as here:
        await looking(here)
        await here.sees("ключ кончается через 5 дней")
        await here.sees("✓ чат: прочитан 12 с назад")
        await here.sees("✗ отзыв: ")
        await here.sees("(3 ч назад)")
        await here.sees("страниц: 5, сообщений: 420")
        await here.sees("новые переписки: раздаются вручную; взятая держится 15 мин")
        await here.press("j")
        await here.sees("✗ остановлен")
        await here.sees("срок ключа истёк")


async def test_a_shop_rests_and_goes_on(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("p")
        await here.sees("✓ Уютный дом на паузе")
        await here.sees("p продолжить")
        await here.press("з")
        await here.sees("✓ Уютный дом снова работает")
        assert (desk.called("shops.pause"), desk.called("shops.resume")) == ([(1,)], [(1,)])


async def test_it_is_read_now_and_says_how_far_it_is(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((140, 40)) as here:
        await looking(here)
        await here.press("y")
        await here.sees("… Уютный дом: страниц: 5, сообщений: 420")
        await here.press("p")
        await here.sees("Подождите: предыдущее ещё не закончено")
        assert desk.called("shops.pause") == []
        desk.sellers = (
            replace(desk.sellers[0], last_sync_at=NOW + timedelta(seconds=2), messages=431),
            desk.sellers[1],
        )
        await here.sees("✓ Уютный дом: страниц: 5, сообщений: 431")
        assert desk.called("pull_now") == [(1,)]
        await here.press("j", "y")
        await here.sees("Свет сейчас не работает: остановлен")


async def test_a_key_is_tried_and_a_refusal_is_said(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((140, 40)) as here:
        await looking(here)
        await here.press("t")
        await here.sees("✓ Уютный дом: ключ работает; открывает")
        desk.failing["shops.test"] = KeyRefused("refused", detail="expired")
        await here.press("t")
        await here.sees("✗ Ключ не подходит")


async def test_a_new_key_is_taken_and_never_shown(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("n")
        await here.until(lambda: isinstance(here.app.screen, SecretScreen))
        await here.press("f5")
        await here.sees("Здесь ничего не введено")
        here.app.screen.query_one(Input).value = " tajna-42 "
        await here.pilot.pause()
        assert "tajna" not in here.text()
        await here.press("f5")
        await here.sees("У магазина «Уютный дом» новый ключ")
        assert "tajna" not in here.text()
        assert desk.called("shops.replace_key") == [(1, "tajna-42")]


async def test_how_conversations_are_shared_out_is_chosen(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("u")
        await here.until(lambda: isinstance(here.app.screen, SharingScreen))
        await here.press("right", "tab")
        here.app.screen.query_one("#claim", Input).value = "0"
        await here.press("f5")
        await here.sees("Минуты: от 1 до 1440")
        here.app.screen.query_one("#claim", Input).value = "30"
        await here.press("f5")
        await here.sees("✓ Новые переписки магазина «Уютный дом»: по очереди")
        rule = AssignmentRule(AssignmentMode.ROUND_ROBIN, 30)
        assert desk.called("assignment.set_rule") == [(1, rule)]


async def test_a_shop_is_added_from_here(seat: OpenSeat) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("a")
        await here.until(lambda: isinstance(here.app.screen, AddShopScreen))


@pytest.mark.parametrize(
    ("role", "refused", "allowed"),
    [("operator", "pnua", "yt"), ("viewer", "pnuayt", "")],
)
async def test_each_role_does_what_it_may(
    seat: OpenSeat, desk: ScriptedDesk, role: str, refused: str, allowed: str
) -> None:
    desk.who = SignedIn(2, "boris@example.org", role)
    async with seat((80, 24)) as here:
        screen = await looking(here)
        for key in refused:
            screen.say("")
            await here.press(key)
            await here.until(lambda: "Меняют это" in here.text() or "только смотрит" in here.text())
            assert here.app.screen is screen
        for key in allowed:
            assert f" {key} " in here.text()
        for name in ("shops.pause", "shops.resume", "shops.replace_key", "assignment.set_rule"):
            assert desk.called(name) == []
