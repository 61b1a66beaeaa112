"""The suggestion panel: what is offered, what is still being written, and that no key sends what nobody has read."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from agentiq_core.domain.errors import NoModel, NotFound
from agentiq_core.domain.learning import RejectionReason
from agentiq_core.domain.suggesting import PassState
from agentiq_core.domain.views import ChatRef, ClaimView, Conversation, SuggestionView
from agentiq_tui.messages import ChatChosen
from agentiq_tui.screens.choose import ChooseScreen
from agentiq_tui.suggestion_text import body
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import NOW, ScriptedDesk, suggestion
from tests.tui.story import ALENA, OLEG

TEXT = "Олег, здравствуйте! Проверяем отправку вашего заказа."
MODELLED = suggestion(
    20,
    "Олег, здравствуйте! Заказ передадим в доставку сегодня, 350 мл в наличии.",
    source="model",
    model="deepseek-chat",
    state=PassState.DONE,
    recommendation="проверить статус сборки",
    categories=("доставка", "сроки"),
    urgency="high",
    claims=(ClaimView("350 мл в наличии", "card", "Объём: 350 мл"),),
    latency=2.34,
    cost=Decimal("0.0120"),
    tokens_in=900,
    tokens_out=120,
    analyzed_at=NOW,
)


def sent(here: Seat) -> list[object]:
    return [text for _ref, text, *_ in here.desk.called("reply")]


def panel(here: Seat) -> str:
    """What the panel says, before it is wrapped."""
    pane = here.screen.suggestion_pane
    return body(pane.suggestion, spent=pane.spent, details=pane.details).plain


async def shows(here: Seat, view: SuggestionView) -> None:
    here.desk.suggests(OLEG, view)
    await here.until(lambda: here.screen.suggestion_pane.suggestion == view)
    await here.pilot.pause()


async def test_a_models_suggestion_names_its_evidence_its_author_and_what_to_do(seat: OpenSeat) -> None:
    async with seat() as here:
        await shows(here, MODELLED)
        seen = panel(here)
        for words in (
            "срочно",
            "модель deepseek-chat",
            "«350 мл в наличии»",
            "карточка товара:",
            "что делать:",
        ):
            assert words in seen
        assert "токенов" not in seen


@pytest.mark.parametrize("key", [";", "ж"])
async def test_what_is_wanted_seldom_is_shown_on_demand(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await shows(here, MODELLED)
        await here.press(key)
        await here.sees("темы: доставка, сроки")
        for words in ("за 2.3 с", "900 + 120 токенов", "цена 0.012"):
            await here.sees(words)
        await here.press(key)
        await here.until(lambda: "токенов" not in here.text())


async def test_what_a_model_is_still_writing_is_marked_and_a_key_sends_the_finished_text(
    seat: OpenSeat,
) -> None:
    async with seat() as here:
        shown = here.desk.chats[OLEG].suggestion
        assert shown is not None
        await shows(here, replace(shown, state=PassState.WRITING, partial="Олег, добрый день! Ваш за"))
        await here.sees("✎ модель пишет")
        assert "это ещё нельзя отправить\nОлег, добрый день! Ваш за▁" in panel(here)
        await here.press("f5")
        await here.until(lambda: sent(here))
        assert sent(here) == [TEXT]


async def test_a_growing_partial_text_never_stops_the_key(seat: OpenSeat) -> None:
    async with seat() as here:
        shown = here.desk.chats[OLEG].suggestion
        assert shown is not None
        for length in (5, 9, 14):
            await shows(here, replace(shown, state=PassState.WRITING, partial="Олег, добрый день"[:length]))
        await here.press("ctrl+j")
        await here.until(lambda: sent(here) == [TEXT])


async def test_a_suggestion_that_changed_under_the_finger_is_not_sent_until_it_could_be_read(
    seat: OpenSeat,
) -> None:
    async with seat() as here:
        await shows(here, MODELLED)
        await here.press("f5")
        await here.sees("подсказка только что изменилась")
        await here.press("f5")
        assert sent(here) == []
        here.clock.pass_(seconds=0.7)
        await here.press("f5")
        await here.until(lambda: sent(here) == [MODELLED.text])
        (_ref, _text, _client, used) = here.desk.called("reply")[0]
        assert used == MODELLED.id


async def test_one_that_appears_where_none_was_is_not_sent_by_a_key_that_was_on_its_way(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    first = desk.chats[OLEG].suggestion
    async with seat() as here:
        here.desk.suggests(OLEG, None)
        await here.sees("Подсказки пока нет")
        here.clock.pass_(seconds=5)
        assert first is not None
        await shows(here, first)
        await here.press("f5")
        await here.sees("подсказка только что изменилась")
        assert sent(here) == []


async def test_the_first_suggestion_of_a_chat_is_sent_at_once(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("f5")
        await here.until(lambda: sent(here) == [TEXT])


async def test_own_words_are_sent_whatever_happens_to_the_suggestion(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("Разбираюсь")
        await shows(here, MODELLED)
        assert here.composer.text == "Разбираюсь"
        await here.press("f5")
        await here.until(lambda: sent(here) == ["Разбираюсь"])


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"state": PassState.WANTED, "wish": "shorter"}, "модель напишет свой (короче)"),
        ({"state": PassState.WRITING, "wish": "без извинений"}, "модель пишет («без извинений»)"),
        ({"state": PassState.FAILED, "failure": "no_money"}, "модель не помогла: на её счёте нет денег"),
        ({"state": PassState.FAILED, "failure": "novel_reason"}, "модель не помогла: novel_reason"),
        ({"injection": 0.9}, "похожи на команды для модели"),
        ({"stop_class": "health"}, "Отвечает только человек"),
        ({"confidence": 0.3}, "наугад, 30%"),
    ],
)
async def test_every_state_is_said_in_words(seat: OpenSeat, facts: dict[str, object], words: str) -> None:
    async with seat() as here:
        shown = here.desk.chats[OLEG].suggestion
        assert shown is not None
        await shows(here, replace(shown, **facts))  # type: ignore[arg-type]
        assert words in panel(here)


async def test_hostile_words_of_a_model_are_shown_and_not_obeyed(seat: OpenSeat) -> None:
    async with seat() as here:
        bad = "\x1b[31mдо\x1b[0m \x07[red]x[/red] \u202e"
        await shows(
            here,
            replace(
                MODELLED,
                partial=bad,
                state=PassState.WRITING,
                recommendation=bad,
                model=bad,
                categories=(bad,),
                claims=(ClaimView(bad, "card", bad),),
            ),
        )
        await here.press(";")
        await here.sees("[red]x[/red]")
        assert not set(here.text()) & {"\x1b", "\x07", "\u202e"}


@pytest.mark.parametrize(
    ("action", "wish"),
    [("shorter", "shorter"), ("warmer", "warmer"), ("formal", "formal"), ("regenerate", "")],
)
async def test_variants_are_asked_for_by_name(seat: OpenSeat, action: str, wish: str) -> None:
    async with seat() as here:
        await here.screen.run_action(action)
        await here.until(lambda: here.desk.called("suggest") == [(OLEG, wish)])


@pytest.mark.parametrize("key", ["w", "ц", "ctrl+t"])
async def test_a_variant_is_chosen_from_a_list_or_said_in_own_words(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await here.press(key)
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press("down", "enter")
        await here.until(lambda: here.desk.called("suggest") == [(OLEG, "warmer")])
        await here.press(key)
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press(*"без извинений", "enter")
        await here.until(lambda: here.desk.called("suggest")[1:] == [(OLEG, "без извинений")])


async def test_a_wish_without_a_model_says_so_in_one_line(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.failing["suggest"] = NoModel("none", reason="none")
        await here.press("ctrl+r")
        await here.sees("языковая модель не подключена")
        assert here.screen.suggestion_pane.suggestion is not None


async def test_a_suggestion_is_rejected_with_a_reason_and_no_key_sends_it(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("-")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press("down", "enter")
        await here.until(lambda: here.desk.learning.rejected)
        assert here.desk.learning.rejected == [(OLEG, 12, RejectionReason.WRONG_FACT, "")]
        await here.until(lambda: here.screen.suggestion_pane.spent)
        await here.press("f5")
        assert sent(here) == []


@pytest.mark.parametrize("key", ["f7", "u"])
async def test_a_rejection_is_taken_back_by_the_key_that_undoes(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await here.press("-")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press("down", "enter")
        await here.sees("Не годится: ")
        await here.press(key)
        await here.until(lambda: here.desk.learning.taken_back == [(OLEG, 12)])
        await here.until(lambda: not here.screen.suggestion_pane.spent)
        await here.until(lambda: "Не годится: " not in here.text())
        await here.press("f5")
        await here.until(lambda: sent(here))
        # now there is a reply to take back, and no rejection
        await here.press(key)
        await here.until(lambda: here.composer.text)
        assert len(here.desk.learning.taken_back) == 1


async def test_a_text_that_was_made_anew_is_not_the_rejected_one(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("-")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press("enter")
        await here.until(lambda: here.screen.suggestion_pane.spent)
        here.desk.suggests(OLEG, suggestion(12, "Олег, здравствуйте! Уже отправили."))
        await here.sees("Уже отправили.")
        here.clock.pass_(seconds=1)
        await here.press("f5")
        await here.until(lambda: sent(here))


async def test_a_suggestion_is_rejected_in_own_words(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("-")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press(*"это не тот заказ", "enter")
        await here.until(lambda: here.desk.learning.rejected)
        assert here.desk.learning.rejected[0][2:] == (RejectionReason.OTHER, "это не тот заказ")


async def test_a_rejection_that_fails_says_so_and_leaves_the_suggestion(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.learning.failing = NotFound("gone")
        await here.press("-")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press("enter")
        await here.until(lambda: here.desk.learning.failing is None)
        await here.pilot.pause()
        assert not here.screen.suggestion_pane.spent


async def test_a_viewer_is_told_that_nothing_may_be_asked(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = replace(desk.who, role="viewer")
    async with seat() as here:
        for action in ("variants", "regenerate", "shorter", "reject"):
            await here.screen.run_action(action)
        assert not isinstance(here.app.screen, ChooseScreen)
        assert not desk.called("suggest")
        await here.sees("только чтение")


async def test_time_alone_makes_a_changed_suggestion_sendable(seat: OpenSeat) -> None:
    async with seat() as here:
        await shows(here, MODELLED)
        pane = here.screen.suggestion_pane
        assert pane.just_changed
        here.clock.now += timedelta(seconds=0.69)
        assert pane.just_changed
        here.clock.now += timedelta(seconds=0.02)
        assert not pane.just_changed


async def test_while_another_chat_is_fetched_the_former_suggestion_is_nobodys_to_send(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        former = here.screen.suggestion_pane.suggestion
        assert former is not None
        gate, usual = asyncio.Event(), desk.conversation

        async def held(ref: ChatRef, *rest: object) -> Conversation:
            await gate.wait()
            return await usual(ref, *rest)  # type: ignore[arg-type]

        desk.conversation = held  # type: ignore[method-assign]
        here.screen.post_message(ChatChosen(ALENA))
        await here.until(lambda: here.screen.current == ALENA)
        await here.press("f5")
        assert here.screen.suggestion_pane.suggestion is None
        assert sent(here) == []
        # a while later it is not drawn either
        await here.until(lambda: former.text.split()[0] not in here.text())
        gate.set()
        await here.until(lambda: here.screen.suggestion_pane.suggestion == desk.chats[ALENA].suggestion)
        assert sent(here) == []
