"""Reading a conversation: the card of the good, one message to act on, the way to a day long ago."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.domain.messages import Product, ProductCard
from agentiq_tui.screens.day import DayScreen
from agentiq_tui.widgets.message_line import MessageLine
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import NOW, ScriptedDesk, message
from tests.tui.story import ALENA, OLEG

CARD = ProductCard(
    "102",
    "Лампа настольная",
    brand="Свет",
    vendor_code="L-7",
    photo_url="https://photos.example/102.jpg",
    description="Тёплый свет \x1b[31mдля чтения.",
    facts=(("Мощность", "7 Вт"), ("Цоколь", "E27")),
)


def daily(desk: ScriptedDesk, days: int) -> None:
    """A message a day, back from now."""
    desk.chats[OLEG].messages = [
        message(number, f"день {number}", NOW - timedelta(days=days - number))
        for number in range(1, days + 1)
    ]


async def goes_to_day(here: Seat, typed: str) -> None:
    here.screen.show_pane("chat")
    await here.press("D")
    await here.until(lambda: isinstance(here.app.screen, DayScreen))
    await here.press(*typed, "enter")


def marked(here: Seat) -> str | None:
    entry = here.screen.chat_pane.transcript.marked_entry
    return entry.text if entry else None


@pytest.mark.parametrize("key", ["p", "з"])
async def test_the_card_unfolds_and_folds_with_one_key(seat: OpenSeat, desk: ScriptedDesk, key: str) -> None:
    desk.cards.known[OLEG] = CARD
    desk.chats[OLEG].product = Product("102", "Лампа настольная", "77", price=129_050, currency="RUB")
    async with seat() as here:
        await here.press(key)
        await here.sees("Мощность: 7 Вт")
        await here.sees("цена: 1 290,50 ₽")
        await here.sees("https://photos.example/102.jpg")
        assert "\x1b" not in here.text()
        await here.press(key)
        await here.until(lambda: "Мощность" not in here.text())


async def test_an_unfolded_card_follows_from_chat_to_chat(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.cards.known[OLEG] = CARD
    async with seat() as here:
        await here.press("p")
        await here.sees("Мощность")
        await here.press("j")
        await here.opens(ALENA)
        await here.sees("больше ничего не сообщил")
        assert "Мощность" not in here.text()


async def test_a_card_with_a_strange_address_opens_nothing(
    seat: OpenSeat, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    desk.cards.known[OLEG] = CARD
    async with seat() as here:
        monkeypatch.setattr(here.app, "open_url", opened.append)
        await here.press("p")
        await here.sees("Мощность")
        await here.screen.run_action("open_photo")
        assert opened == ["https://photos.example/102.jpg"]
        desk.cards.known[OLEG] = ProductCard("102", photo_url="file:///etc/passwd")
        await here.press("p", "p")
        await here.sees("file:///etc/passwd")
        await here.screen.run_action("open_photo")
        await here.sees("Фотографии этого товара нет")
        assert len(opened) == 1


async def test_any_message_can_be_marked_and_copied(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("j")
        await here.opens(ALENA)
        here.screen.show_pane("chat")
        await here.press("K")
        assert marked(here) == "Пришла с трещиной, чай пить нельзя. Что делать?"
        await here.press("shift+up", "Л")
        assert marked(here) == "Да, до 60 градусов."
        await here.press("y")
        assert here.app.clipboard == "Да, до 60 градусов."
        await here.press("J")
        assert marked(here) == "Спасибо за заказ! Оцените нас."
        assert [line.has_class("-marked") for line in here.screen.query(MessageLine)].count(True) == 1


async def test_a_click_marks_a_message(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("j")
        await here.opens(ALENA)
        line = list(here.screen.query(MessageLine))[1]
        await here.pilot.click(line, offset=(3, 1))
        await here.until(lambda: marked(here) == "Да, до 60 градусов.")


async def test_a_mark_survives_news_and_ends_with_the_chat(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        here.screen.show_pane("chat")
        await here.press("K")
        desk.buyer_writes(OLEG, "Ау?")
        await here.sees("Ау?")
        assert marked(here) == "Третий день жду ответа!! Заказ так и не отправлен"
        here.screen.show_pane("queue")
        await here.press("j")
        await here.opens(ALENA)
        assert marked(here) is None


async def test_a_day_years_ago_is_reached_by_its_date(seat: OpenSeat, desk: ScriptedDesk) -> None:
    daily(desk, 800)
    async with seat() as here:
        await goes_to_day(here, "12.06.2024")
        await here.until(lambda: marked(here) == "день 164")
        await here.sees("день 164")
        assert "день 162" not in here.text()
        await here.press("e")
        await here.sees("день 800")


async def test_a_day_without_messages_is_the_next_that_has_one(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats[OLEG].messages = [
        message(1, "раньше", NOW - timedelta(days=9)),
        message(2, "позже", NOW - timedelta(days=2)),
    ]
    async with seat() as here:
        await goes_to_day(here, "05.03")
        await here.until(lambda: marked(here) == "позже")


async def test_what_is_no_day_is_said_in_the_form(seat: OpenSeat) -> None:
    async with seat() as here:
        await goes_to_day(here, "31.04")
        await here.sees("Такой даты нет")
        await here.press("escape")
        await here.until(lambda: not isinstance(here.app.screen, DayScreen))


async def test_a_lost_connection_ends_the_way_to_a_day_and_the_next_try_goes_on(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    daily(desk, 300)
    async with seat() as here:
        desk.failing["conversation"] = StoreUnavailable("no database")
        await goes_to_day(here, "12.06.2025")
        await here.until(lambda: not desk.failing)
        await here.pilot.pause()
        await goes_to_day(here, "12.06.2025")
        await here.until(lambda: marked(here) == "день 29")
