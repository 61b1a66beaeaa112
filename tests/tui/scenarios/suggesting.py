"""What an operator asks of a suggestion."""

from __future__ import annotations

from agentiq_core.domain.learning import RejectionReason
from agentiq_tui.screens.choose import ChooseScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted import ScriptedDesk
from tests.tui.story import OLEG


@does("variants")
async def a_variant_is_chosen_from_a_list(here: Seat) -> None:
    await act(here, "variants")
    await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
    await here.press("enter")
    await here.until(lambda: here.desk.called("suggest") == [(OLEG, "shorter")])


@does("regenerate")
async def it_is_made_anew(here: Seat) -> None:
    await act(here, "regenerate")
    await here.until(lambda: here.desk.called("suggest") == [(OLEG, "")])


@does("shorter")
async def a_shorter_one_is_asked_for(here: Seat) -> None:
    await act(here, "shorter")
    await here.until(lambda: here.desk.called("suggest") == [(OLEG, "shorter")])


@does("warmer")
async def a_warmer_one_is_asked_for(here: Seat) -> None:
    await act(here, "warmer")
    await here.until(lambda: here.desk.called("suggest") == [(OLEG, "warmer")])


@does("formal")
async def a_more_formal_one_is_asked_for(here: Seat) -> None:
    await act(here, "formal")
    await here.until(lambda: here.desk.called("suggest") == [(OLEG, "formal")])


@does("reject")
async def a_reason_is_noted(here: Seat) -> None:
    await act(here, "reject")
    await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
    await here.press("enter")
    await here.until(lambda: here.desk.learning.rejected == [(OLEG, 12, RejectionReason.MISUNDERSTOOD, "")])


@does("details")
async def what_is_wanted_seldom_is_shown(here: Seat) -> None:
    await act(here, "details")
    await here.sees("сделано в 12:00")


def knows(desk: ScriptedDesk) -> None:
    desk.snippets.has("Гарантия", "Гарантия на лампу 12 месяцев.", kind="knowledge")


@does("knowledge", before=knows)
async def what_the_knowledge_base_says_goes_into_the_text(here: Seat) -> None:
    await act(here, "knowledge")
    await here.sees("12 месяцев")
    await here.press("enter")
    await here.until(lambda: here.composer.text == "Гарантия на лампу 12 месяцев.")
