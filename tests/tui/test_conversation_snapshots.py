"""The conversation, the reply field and the suggestion at their fullest, drawn."""

from __future__ import annotations

from datetime import timedelta

from agentiq_core.domain.drafts import LeftDraft
from agentiq_core.domain.messages import ProductCard
from agentiq_core.domain.suggesting import PassState
from agentiq_core.domain.views import ClaimView
from agentiq_tui.widgets.status_bar import StatusBar
from agentiq_tui.widgets.template_list import TemplateList
from tests.tui.conftest import Draw, Seat
from tests.tui.scripted import FORBIDDEN, NOW, ScriptedDesk, suggestion
from tests.tui.scripted_team import ANNA, BORIS
from tests.tui.sizes import IN_BOTH_LANGUAGES, IN_EVERY_WINDOW
from tests.tui.story import ALENA, READY

pytestmark = [IN_EVERY_WINDOW, IN_BOTH_LANGUAGES]


def test_the_team_in_a_conversation(draw: Draw, desk: ScriptedDesk) -> None:
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

    assert draw(act)


def test_a_model_at_work(draw: Draw, desk: ScriptedDesk) -> None:
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
    assert draw(act)


def test_a_reply_that_breaks_a_rule(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.writes(f"Алёна, простите за неудобство, мы {FORBIDDEN} во вторнек, обещаем.")
        await here.until(lambda: len(here.composer.marks) == 2)
        await here.until(lambda: not here.screen.words.unsaved())

    assert draw(act)


def test_a_reply_beside_what_was_typed_elsewhere_while_the_database_is_away(
    draw: Draw, desk: ScriptedDesk
) -> None:
    desk.chats[ALENA].other = "Алёна, добрый день! Уже смотрим, что случилось с вашей кружкой."

    async def act(here: Seat) -> None:
        desk.away = True
        await here.writes("Алёна, здравствуйте! Простите за трещину.")
        await here.until(lambda: here.screen.offline and here.screen.saver.outlives)
        await here.until(lambda: here.screen.query_one(StatusBar).status.draft == "kept")

    assert draw(act)


def test_what_a_colleague_began(draw: Draw, desk: ScriptedDesk) -> None:
    left = LeftDraft(BORIS, "Борис Ким", "Алёна, здравствуйте! Уточню на складе и вернусь.")
    desk.chats[ALENA].facts |= {"assignee": ANNA, "assignee_name": "Анна Петрова", "left": left}

    assert draw()


def test_templates_behind_a_slash(draw: Draw, desk: ScriptedDesk) -> None:
    desk.snippets.has("брак", "{name}, пришлите, пожалуйста, фото товара и упаковки.")
    desk.snippets.has("бонус", "{name}, спасибо за терпение!")
    desk.snippets.has("возврат", "Заявка оформляется в личном кабинете.")

    async def act(here: Seat) -> None:
        here.composer.focus()
        await here.until(lambda: here.composer.has_focus)
        await here.press("/", "б")
        await here.until(lambda: here.screen.query_one(TemplateList).option_count == 3)
        await here.until(lambda: not here.screen.words.unsaved())

    assert draw(act)
