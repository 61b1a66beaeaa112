"""Keys that lists over the desk have in common."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import Input

from agentiq_core.guardrails import rule_set
from agentiq_tui.screens.deadline_rule import DeadlineRuleScreen
from agentiq_tui.screens.deadline_rules import DeadlineRulesScreen
from agentiq_tui.screens.guard_rules import GuardRulesScreen
from agentiq_tui.screens.knowledge import KnowledgeScreen
from agentiq_tui.screens.library import LibraryScreen
from agentiq_tui.screens.mentions import MentionsScreen
from agentiq_tui.screens.sellers import SellersScreen
from agentiq_tui.screens.statistics import StatisticsScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does, over, window
from tests.tui.scenarios.shops import one_shop
from tests.tui.scripted import NOW, ScriptedDesk
from tests.tui.scripted_team import BORIS
from tests.tui.story import ALENA


@does("list_down")
async def the_cursor_goes_to_the_next_line(here: Seat) -> None:
    screen = await window(here, SellersScreen, "sellers")
    await act(here, "list_down")
    assert screen.place == 1


@does("list_up")
async def the_cursor_goes_to_the_line_before(here: Seat) -> None:
    screen = await window(here, SellersScreen, "sellers")
    screen.listed.highlighted = 1
    await act(here, "list_up")
    assert screen.place == 0


def _named(desk: ScriptedDesk) -> None:
    desk.notes.says(ALENA, BORIS, "@anna посмотри, пожалуйста")


@does("choose", before=_named)
async def the_line_under_the_cursor_is_what_the_window_was_opened_for(here: Seat) -> None:
    await window(here, MentionsScreen, "mentions")
    await here.sees("@anna посмотри")
    await act(here, "choose")
    await here.opens(ALENA)


async def _rules(here: Seat) -> DeadlineRulesScreen:
    screen = await window(here, DeadlineRulesScreen, "rules")
    await here.until(lambda: screen.rules)
    return screen


@does("list_edit", before=one_shop)
async def the_line_under_the_cursor_is_filled_in_anew(here: Seat) -> None:
    screen = await _rules(here)
    await act(here, "list_edit")
    form = await over(here, DeadlineRuleScreen)
    assert form.filled_in()["name"] == screen.rules[0].name


@does("list_add", before=one_shop)
async def a_new_one_is_filled_in(here: Seat) -> None:
    screen = await _rules(here)
    await act(here, "list_add")
    form = await over(here, DeadlineRuleScreen)
    assert form.filled_in()["name"] not in [rule.name for rule in screen.rules]


@does("list_remove", before=one_shop)
async def the_line_under_the_cursor_goes(here: Seat) -> None:
    screen = await _rules(here)
    first = screen.rules[0]
    await act(here, "list_remove")
    assert first not in screen.rules
    await here.sees("Изменено; F5 покажет")


@does("rule_down", before=one_shop)
async def the_rule_changes_places_with_the_next(here: Seat) -> None:
    screen = await _rules(here)
    first, second = (rule.name for rule in screen.rules[:2])
    await act(here, "rule_down")
    assert [rule.name for rule in screen.rules[:2]] == [second, first]


@does("rule_up", before=one_shop)
async def the_rule_changes_places_with_the_one_before(here: Seat) -> None:
    screen = await _rules(here)
    first, second = (rule.name for rule in screen.rules[:2])
    await here.press("j")
    await act(here, "rule_up")
    assert [rule.name for rule in screen.rules[:2]] == [second, first]


def _guarded(desk: ScriptedDesk) -> None:
    one_shop(desk)
    rule = {"name": "sure", "version": 1, "severity": "error", "reason": "Не обещаем", "words": ["точно"]}
    desk.guard_rules.kept = rule_set({"rules": [{**rule, "channel": "review"}]})


@does("rules_sample", before=_guarded)
async def the_sample_is_judged_as_a_text_of_another_kind(here: Seat) -> None:
    screen = await window(here, GuardRulesScreen, "guard_rules")
    await here.until(lambda: screen.rules)
    screen.query_one("#rules-sample", Input).value = "Точно привезём"
    await here.pilot.pause()
    await act(here, "rules_sample")
    await here.sees("Не обещаем")
    await here.sees("отзыв")


@does("list_shop")
async def the_figures_are_those_of_one_shop(here: Seat) -> None:
    await window(here, StatisticsScreen, "statistics")
    await act(here, "list_shop")
    await here.sees("Показатели какого магазина")
    await here.press("down", "enter")
    await here.until(lambda: [call for call in here.desk.called("statistics.report") if call[0] == 1])


@does("list_again")
async def the_figures_are_asked_for_once_more(here: Seat) -> None:
    await window(here, StatisticsScreen, "statistics")
    asked = len(here.desk.called("statistics.report"))
    await act(here, "list_again")
    await here.until(lambda: len(here.desk.called("statistics.report")) > asked)


def _written(desk: ScriptedDesk) -> None:
    one_shop(desk)
    desk.snippets.has("Приветствие", "Здравствуйте!")
    desk.snippets.has("Прощание", "Всего доброго!")


@does("words_down", before=_written)
async def the_cursor_goes_down_while_the_words_stay(here: Seat) -> None:
    await window(here, KnowledgeScreen, "knowledge")
    await here.press("П")
    await here.sees("Здравствуйте!")
    await act(here, "words_down")
    await here.sees("Всего доброго!")
    assert here.app.screen.query_one(Input).value == "П"


@does("words_up", before=_written)
async def the_cursor_goes_up_and_round_while_the_words_stay(here: Seat) -> None:
    await window(here, KnowledgeScreen, "knowledge")
    await here.press("П")
    await here.sees("Здравствуйте!")
    await act(here, "words_up")
    await here.sees("Всего доброго!")
    assert here.app.screen.query_one(Input).value == "П"


@does("library_kind", before=_written)
async def only_one_kind_is_shown(here: Seat) -> None:
    screen = await window(here, LibraryScreen, "library")
    await here.until(lambda: len(screen.snippets) == 2)
    await act(here, "library_kind")
    await here.sees("только шаблоны")


@does("library_search", before=_written)
async def words_may_be_typed(here: Seat) -> None:
    screen = await window(here, LibraryScreen, "library")
    await here.until(lambda: len(screen.snippets) == 2)
    await act(here, "library_search")
    await here.press(*"доброго")
    await here.until(lambda: [one.said.name for one in screen.snippets] == ["Прощание"])


@does("library_shelf", before=_written)
async def what_was_put_away_is_shown_instead(here: Seat) -> None:
    screen = await window(here, LibraryScreen, "library")
    await here.until(lambda: len(screen.snippets) == 2)
    await act(here, "library_shelf")
    await here.until(lambda: not screen.snippets)
    assert screen.put_away


def _put_away(desk: ScriptedDesk) -> None:
    _written(desk)
    desk.snippets.kept[0] = replace(desk.snippets.kept[0], archived_at=NOW)


@does("library_restore", before=_put_away)
async def what_was_put_away_is_in_use_again(here: Seat) -> None:
    screen = await window(here, LibraryScreen, "library")
    await here.press("f3")
    await here.until(lambda: [one.said.name for one in screen.snippets] == ["Приветствие"])
    await act(here, "library_restore")
    await here.until(lambda: here.desk.called("snippets.restore") == [(1, 1)])
