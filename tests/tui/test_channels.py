"""Reviews, questions and claims on the screen: what they are, what belongs to them, how long the marketplace waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agentiq_core.domain.messages import Channel
from agentiq_core.domain.views import ChannelStatus, RelatedChat
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.wording import where_in_trouble
from tests.tui.conftest import OpenSeat
from tests.tui.scripted import NOW, ScriptedDesk, seller
from tests.tui.story import ALENA, MARINA, OLEG


def becomes(desk: ScriptedDesk, **facts: Any) -> None:
    """The conversation that opens first is of another kind."""
    desk.chats[OLEG].facts = facts


async def test_a_review_shows_its_stars_in_the_queue_and_above_its_words(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    becomes(desk, channel=Channel.REVIEW, stars=2)
    async with seat() as here:
        await here.sees("OZ · отзыв ★★☆☆☆ · Олег")
        assert here.text().count("отзыв ★★☆☆☆") == 2


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(hours=1, minutes=30), "OZ примет ответ ещё 1ч30"),
        (-timedelta(minutes=1), "больше не принимает ответ"),
    ],
)
async def test_how_long_the_marketplace_takes_a_reply_counts_down(
    seat: OpenSeat, desk: ScriptedDesk, left: timedelta, said: str
) -> None:
    becomes(desk, closes_at=NOW + left, closes_hard=True)
    async with seat((200, 45)) as here:
        await here.sees(said)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"channel": Channel.CLAIM, "can_reply": False}, "Это решается в кабинете площадки"),
        ({"shut": True}, "Закрыто на площадке"),
    ],
)
async def test_what_cannot_be_answered_says_so_where_the_reply_would_be(
    seat: OpenSeat, desk: ScriptedDesk, facts: dict[str, Any], said: str
) -> None:
    becomes(desk, **facts)
    async with seat() as here:
        await here.sees(said)


async def test_the_review_of_the_same_order_is_one_key_away(seat: OpenSeat, desk: ScriptedDesk) -> None:
    known = RelatedChat(ALENA, Channel.REVIEW, False, "Алёна", "Скол", 1, NOW, True)
    maybe = replace(known, ref=MARINA, channel=Channel.QUESTION, maybe=True, stars=None, needs_reply=False)
    becomes(desk, related=(known, maybe))
    async with seat() as here:
        await here.sees("отзыв ★☆☆☆☆ ●")
        await here.sees("возможно, вопрос")
        await here.press("escape", "l")
        await here.opens(ALENA)
        await here.press("l")
        await here.sees("Больше по этому заказу ничего не известно")


async def test_a_question_is_rejected_only_on_a_second_word(seat: OpenSeat, desk: ScriptedDesk) -> None:
    becomes(desk, channel=Channel.QUESTION, can_decline=True)
    async with seat() as here:
        here.screen.action_decline()
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("escape")
        assert desk.called("decline") == []
        here.screen.action_decline()
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("f9")
        await here.until(lambda: desk.called("decline") == [(OLEG,)])
        await here.sees("Отклонён: площадка скроет вопрос")


async def test_a_chat_cannot_be_rejected(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        here.screen.action_decline()
        await here.sees("Это здесь отклонить нельзя")


@pytest.mark.parametrize(
    ("troubled", "said"),
    [({Channel.REVIEW}, "отзыв: "), ({Channel.CHAT, Channel.REVIEW}, ""), ({Channel.CHAT}, ""), (set(), "")],
)
def test_the_trouble_of_one_channel_is_told_as_that_channels(troubled: set[Channel], said: str) -> None:
    channels = tuple(
        ChannelStatus(one, None, "channel_closed" if one in troubled else None, "")
        for one in (Channel.CHAT, Channel.REVIEW)
    )
    assert where_in_trouble(seller(1, "Дом", "ozon", channels=channels)) == said
