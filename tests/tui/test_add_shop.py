"""A shop is connected in the app: checked before it is stored, and its key leaves the screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import Input

from agentiq_core.connectors.base import KeyReport
from agentiq_core.connectors.errors import KeyRefused
from agentiq_core.domain.errors import DuplicateAccount, Forbidden
from agentiq_core.engine.sellers import KeyCheck
from agentiq_tui.screens.add_shop import AddShopScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import NOW, ScriptedDesk, seller

KEY = "eyJhbGciOiJFUzI1NiJ9." + "x" * 400


async def wizard(here: Seat) -> AddShopScreen:
    await here.press("f3")
    await here.until(lambda: isinstance(here.app.screen, AddShopScreen))
    screen = here.app.screen
    assert isinstance(screen, AddShopScreen)
    return screen


async def filled(here: Seat, name: str = "Дом и чай", key: str = KEY) -> AddShopScreen:
    screen = await wizard(here)
    screen.query_one("#name", Input).value = name
    screen.query_one("#key", Input).value = key
    await here.pilot.pause()
    return screen


async def test_from_a_key_to_its_history(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        screen = await filled(here, key=f"  {KEY}\n")
        await here.press("f5")
        await here.sees("✓ отправлять ответы")
        await here.sees("чатов: 42")
        assert desk.called("check_key") == [("wildberries", KEY)]
        assert desk.called("add_seller") == [], (
            "nothing is stored before the operator has seen what the key can do"
        )
        await here.press("f5")
        await here.sees("Дом и чай подключён")
        assert desk.called("add_seller") == [("wildberries", "Дом и чай", KEY)]
        assert screen.value("key") == ""
        await here.press("f5")
        await here.until(lambda: desk.called("pull_now") == [(9,)])
        desk.sellers = (
            seller(9, "Дом и чай", "wildberries", last_sync_at=None, pages=3, messages=150, syncing=True),
        )
        await here.sees("страниц: 3, сообщений: 150")
        oldest = NOW - timedelta(days=300)
        desk.sellers = (
            seller(9, "Дом и чай", "wildberries", pages=5, messages=250, begins_at=oldest, read_from=NOW),
        )
        await here.sees("✓ на новые обращения уже можно отвечать; страниц: 5")
        desk.sellers = (seller(9, "Дом и чай", "wildberries", pages=8, messages=390, oldest_at=oldest),)
        await here.sees("✓ страниц: 8, сообщений: 390, самое старое от")
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)


async def test_reading_goes_on_when_the_screen_is_left(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        await filled(here)
        for words in ("отправлять ответы", "подключён", "страниц: 0"):
            await here.press("f5")
            await here.sees(words)
        await here.press("f5")
        await here.until(lambda: here.app.screen is here.screen)
        assert desk.called("pull_now") == [(9,)]


async def test_the_key_is_never_on_screen(seat: OpenSeat) -> None:
    async with seat() as here:
        await filled(here)
        assert "eyJ" not in here.text()
        await here.press("f5")
        await here.sees("отправлять ответы")
        assert "eyJ" not in here.text()


async def test_a_key_that_may_only_read_or_once_an_hour_says_so_in_plain_words(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.key = KeyCheck(KeyReport(account_id="7", kind="base", read_only=True, slow=True), tried=False)
    async with seat() as here:
        await filled(here)
        await here.press("f5")
        await here.sees("✗ отправлять ответы")
        await here.sees("один запрос в час")


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (KeyRefused("no", detail="expired"), "ключ истёк: создайте новый"),
        (KeyRefused("no", detail="access token revoked"), "access token revoked"),
    ],
)
async def test_a_refused_key_says_why_and_stays_in_its_field(
    seat: OpenSeat, desk: ScriptedDesk, refused: KeyRefused, words: str
) -> None:
    async with seat() as here:
        screen = await filled(here)
        desk.failing["check_key"] = refused
        await here.press("f5")
        await here.until(lambda: words in " ".join(here.text().split()) or "истёк" in here.text())
        assert screen.value("key") == KEY
        assert screen.query_one("#key", Input).has_focus


async def test_an_account_that_is_connected_is_named(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        await filled(here)
        await here.press("f5")
        await here.sees("отправлять ответы")
        desk.failing["add_seller"] = DuplicateAccount("taken", name="Свет")
        await here.press("f5")
        await here.sees("уже подключён как «Свет»")


async def test_a_role_that_may_not_is_told(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        await filled(here)
        await here.press("f5")
        await here.sees("отправлять ответы")
        desk.failing["add_seller"] = Forbidden("no")
        await here.press("f5")
        await here.sees("Ваша роль этого не позволяет")


async def test_another_key_is_checked_anew(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        screen = await filled(here)
        await here.press("f5")
        await here.sees("отправлять ответы")
        screen.query_one("#key", Input).value = KEY + "y"
        await here.pilot.pause()
        await here.press("f5")
        await here.until(lambda: len(desk.called("check_key")) == 2)
        assert desk.called("add_seller") == []


async def test_an_empty_desk_offers_to_connect_a_shop(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats, desk.sellers = {}, ()
    async with seat(wait=False) as here:
        await here.sees("Подключить: F3")


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=15), None),
        (timedelta(days=13, hours=1), "ключ истекает через 13 дн."),
        (timedelta(0), "ключ истёк"),
    ],
)
async def test_a_key_that_ends_soon_is_told_two_weeks_ahead(
    seat: OpenSeat, desk: ScriptedDesk, left: timedelta, words: str | None
) -> None:
    desk.sellers = (replace(desk.sellers[0], key_expires_at=NOW + left),)
    async with seat((200, 40)) as here:
        await here.sees("WB ok")
        if words is None:
            assert "ключ ист" not in here.text()
        else:
            await here.sees(words)


async def test_each_marketplace_asks_for_its_own_and_says_where_the_key_is(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("f3")
        await here.sees("docs/sellers/wildberries.md")
        assert "Client-Id" not in here.text()
        await here.press("f2")
        await here.sees("docs/sellers/ozon.md")
        await here.sees("Client-Id")
