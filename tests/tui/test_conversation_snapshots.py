"""The conversation, the reply field and the suggestion at their fullest, drawn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from textual.pilot import Pilot

from agentiq_core.domain.messages import ProductCard
from agentiq_core.domain.suggesting import PassState
from agentiq_core.domain.views import ClaimView
from agentiq_tui.app import AgentIQApp
from agentiq_tui.widgets.template_list import TemplateList
from tests.tui.conftest import Clock, Seat
from tests.tui.scripted import FORBIDDEN, NOW, ScriptedDesk, suggestion
from tests.tui.scripted_team import BORIS
from tests.tui.sizes import SIZES
from tests.tui.story import ALENA, READY
from tests.tui.test_snapshots import alena_opened

Compare = Callable[..., bool]
Act = Callable[[Seat], Awaitable[None]]

pytestmark = [
    pytest.mark.parametrize("language", ["ru", "en"]),
    pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"]),
]


def drawn(
    compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int], act: Act
) -> bool:
    """Alena's chat, after this was done in it."""
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        await alena_opened(desk, clock)(pilot)
        here = Seat(app, pilot, desk, clock)
        await act(here)
        here.composer.cursor_blink = False
        await pilot.pause()

    return compare(app, terminal_size=size, run_before=run)


def test_the_team_in_a_conversation(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    desk.notes.says(ALENA, BORIS, "Звонил на склад: такие приходят третий раз за неделю. @anna глянь")
    desk.chats[ALENA].facts |= {
        "assignee": BORIS,
        "assignee_name": "Борис Ким",
        "claimed_until": NOW + timedelta(minutes=12),
        "tags": ("брак", "vip"),
    }

    async def act(here: Seat) -> None:
        desk.presence.come(ALENA, BORIS, types=True)
        await here.until(lambda: here.screen.conversation.presence)  # type: ignore[union-attr]

    assert drawn(snap_compare, desk, clock, language, size, act)


def test_a_model_at_work(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    desk.chats[ALENA].suggestion = suggestion(
        21,
        READY,
        source="model",
        model="deepseek-chat",
        state=PassState.WRITING,
        wish="warmer",
        partial="Алёна, добрый день! Нам очень жаль, что кружка до",
        urgency="high",
        categories=("брак", "упаковка"),
        recommendation="попросить фото упаковки",
        claims=(ClaimView("кружка пришла с трещиной", "conversation", "Пришла с трещиной"),),
    )

    async def act(here: Seat) -> None:
        await here.press("p")

    desk.cards.known[ALENA] = ProductCard(
        "101",
        "Кружка керамическая 350 мл",
        brand="Уют",
        facts=(("Объём", "350 мл"), ("Материал", "керамика")),
    )
    assert drawn(snap_compare, desk, clock, language, size, act)


def test_a_reply_that_breaks_a_rule(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    async def act(here: Seat) -> None:
        await here.writes(f"Алёна, простите за неудобство, мы {FORBIDDEN} во вторнек, обещаем.")
        await here.until(lambda: len(here.composer.marks) == 2)
        await here.until(lambda: not here.screen.drafts.unsaved())

    assert drawn(snap_compare, desk, clock, language, size, act)


def test_templates_behind_a_slash(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    desk.snippets.has("брак", "{name}, пришлите, пожалуйста, фото товара и упаковки.")
    desk.snippets.has("бонус", "{name}, спасибо за терпение!")
    desk.snippets.has("возврат", "Заявка оформляется в личном кабинете.")

    async def act(here: Seat) -> None:
        here.composer.focus()
        await here.until(lambda: here.composer.has_focus)
        await here.press("/", "б")
        await here.until(lambda: here.screen.query_one(TemplateList).option_count == 3)
        await here.until(lambda: not here.screen.drafts.unsaved())

    assert drawn(snap_compare, desk, clock, language, size, act)
