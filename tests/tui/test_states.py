"""Starting, failing to start, losing the database, an empty shop, leaving, crashing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from agentiq_core.domain.errors import NotFound, StoreUnavailable
from agentiq_core.domain.views import SellerState
from agentiq_tui.app import AgentIQApp
from agentiq_tui.screens.trouble import TroubleScreen
from tests.tui.conftest import Clock, OpenSeat, Seat
from tests.tui.scripted import NOW, ScriptedDesk, seller
from tests.tui.story import ALENA, MARINA


async def test_the_frame_is_painted_before_the_desk_opens_and_the_wait_is_said(
    desk: ScriptedDesk, clock: Clock
) -> None:
    gate = asyncio.Event()

    @asynccontextmanager
    async def slow() -> AsyncIterator[ScriptedDesk]:
        await gate.wait()
        yield desk

    app = AgentIQApp(slow, language="ru", clock=clock)
    async with app.run_test(size=(140, 40)) as pilot:
        here = Seat(app, pilot, desk, clock)
        assert "Очередь" in here.text()
        await here.sees("подключаюсь к базе…")
        gate.set()
        await here.sees("на связи")


async def test_a_desk_that_cannot_open_is_one_clear_line_and_another_try(
    desk: ScriptedDesk, clock: Clock
) -> None:
    desk.failing["open"] = StoreUnavailable("connection refused")
    app = AgentIQApp(desk.opened, language="ru", clock=clock)
    async with app.run_test(size=(140, 40)) as pilot:
        here = Seat(app, pilot, desk, clock)
        await here.until(lambda: isinstance(app.screen, TroubleScreen))
        await here.sees("Нет связи с базой")
        await here.sees("connection refused")
        await here.press("enter")
        await here.sees("на связи")


async def test_leaving_from_the_error_screen_ends_the_app(desk: ScriptedDesk, clock: Clock) -> None:
    desk.failing["open"] = StoreUnavailable("connection refused")
    app = AgentIQApp(desk.opened, language="ru", clock=clock)
    async with app.run_test() as pilot:
        here = Seat(app, pilot, desk, clock)
        await here.until(lambda: isinstance(app.screen, TroubleScreen))
        await here.press("escape")
        await here.until(lambda: not app.is_running)


async def test_without_sellers_the_screen_says_how_to_add_one(clock: Clock) -> None:
    desk = ScriptedDesk([], clock)
    desk.sellers = ()
    app = AgentIQApp(desk.opened, language="ru", clock=clock)
    async with app.run_test(size=(140, 40)) as pilot:
        await Seat(app, pilot, desk, clock).sees("agentiq seller add wildberries")


async def test_a_lost_database_is_said_and_taken_back_when_it_returns(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.failing["overview"] = StoreUnavailable("gone")
        here.desk.change(MARINA)
        await here.sees("✗ нет связи: Нет связи с базой")
        here.desk.change(MARINA)
        await here.sees("● на связи")


async def test_a_chat_that_is_gone_is_one_line(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.failing["conversation"] = NotFound("no such chat")
        await here.press("j")
        await here.sees("Этого чата больше нет")


async def test_a_seller_in_trouble_is_named_with_its_trouble(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.sellers = (
        seller(1, "Уютный дом", "wildberries", state=SellerState.STOPPED, trouble="key_refused"),
        seller(2, "Свет", "ozon", trouble="something_new"),
    )
    async with seat() as here:
        await here.sees("✗ WB: ключ отклонён")
        await here.sees("✗ OZ: something_new")


async def test_unsent_and_undecided_replies_are_counted(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.sees("! требуют внимания: 2")
        await here.press("f5")
        await here.sees("… не отправлено: 1")


async def test_the_age_of_the_last_sync_grows(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.sees("WB ok 12 с назад")
        here.clock.pass_(minutes=2)
        await here.sees("WB ok 2 мин назад")


async def test_how_much_of_a_long_history_is_here_stands_beside_its_marketplace(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    began, read_from = NOW - timedelta(days=400), NOW - timedelta(days=100)
    desk.sellers = (seller(1, "Уютный дом", "wildberries", begins_at=began, read_from=read_from),)
    async with seat() as here:
        await here.sees("WB ok 12 с назад история 25 %")
        desk.sellers = (seller(1, "Уютный дом", "wildberries", begins_at=began, read_from=None),)
        desk.change(None)
        await here.until(lambda: "история" not in here.text())


async def test_leaving_closes_the_desk(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("ctrl+й")  # ctrl+q on the Russian layout
        await here.until(lambda: here.desk.closed)


async def test_a_crash_prints_its_kind_and_place_and_nobodys_words(
    desk: ScriptedDesk, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    app = AgentIQApp(desk.opened, language="ru", clock=clock)
    with pytest.raises(ValueError, match="тайна"):  # noqa: PT012
        async with app.run_test() as pilot:

            def broken() -> None:
                buyers_words = f"тайна покупателя {ALENA}"
                raise ValueError(buyers_words)

            app.call_later(broken)
            await pilot.pause(0.2)
    printed = capsys.readouterr()
    told = printed.err + printed.out
    assert "ValueError" in told
    assert "in broken" in told
    # the line of the source is there, what it was made into is not
    assert "ChatRef(" not in told
    assert str(ALENA) not in told
