"""A seller's own phrases and stop words: what they find, in which channel, and what is said of a wrong one."""

from __future__ import annotations

from typing import Any

import pytest

from agentiq_core.guardrails import VERSION, RuleSet, Severity, WrongRules, check, rule_set
from agentiq_core.guardrails.own_rules import MOST_RULES, Problem

DISCOUNT = {
    "name": "no_discounts",
    "version": 3,
    "severity": "warning",
    "reason": "Скидок не обещаем",
    "phrases": ["дать|обещать[1per] скидка"],
}
STOP = {
    "name": "stop_words",
    "version": 1,
    "severity": "error",
    "channel": "review",
    "reason": "Этого слова избегаем",
    "words": ["Дешёвка", "китайский завод"],
}


def rules(*items: dict[str, Any]) -> RuleSet:
    return rule_set({"rules": list(items)})


def found(reply: str, channel: str = "review", own: RuleSet | None = None) -> list[tuple[str, str]]:
    verdict = check(reply, channel=channel, own=own or rules(DISCOUNT, STOP))
    return [
        (one.rule, reply[one.start : one.end]) for one in verdict.violations if one.rule.startswith("own:")
    ]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("Скидку мы вам обязательно дадим в следующий раз.", "Скидку мы вам обязательно дадим"),
        ("Обещаем скидкy постоянным покупателям, приходите.", "Обещаем скидкy"),
    ],
)
def test_a_phrase_is_found_in_any_order_and_disguise(reply: str, words: str) -> None:
    assert found(reply) == [("own:no_discounts", words)]


def test_a_phrase_that_is_denied_is_not_stated_but_a_stop_word_counts_even_then() -> None:
    assert found("Скидку мы, к сожалению, не обещаем никому.") == []
    assert found("Это вовсе не дешёвка, а ручная работа.") == [("own:stop_words", "дешёвка")]
    assert found("Вы пишете «дешевкой», нам обидно это читать.") == [("own:stop_words", "дешевкой")]


def test_several_words_count_when_they_stand_in_one_clause() -> None:
    assert found("Шьёт это китайский проверенный завод.") == [
        ("own:stop_words", "китайский проверенный завод")
    ]
    assert found("Шёлк китайский. А завод наш, ивановский.") == []


def test_a_rule_holds_in_its_channel_only() -> None:
    reply = "Это не дешёвка, а ручная работа."
    assert [found(reply, channel) != [] for channel in ("chat", "review", "question")] == [False, True, False]


def test_severity_version_and_reason_are_the_sellers() -> None:
    own = rules(DISCOUNT, STOP)
    warned = check("Дадим вам скидку, если подождёте немного.", channel="question", own=own)
    (violation,) = [one for one in warned.violations if one.rule == "own:no_discounts"]
    assert (violation.severity, violation.reason) == (Severity.WARNING, "Скидок не обещаем")
    blocked = check("Это дешёвка, берите другую кружку.", channel="review", own=own)
    assert not blocked.allowed
    assert blocked.version == f"{VERSION}+no_discounts.3,stop_words.1"
    assert check("Это дешёвка, берите другую кружку.", channel="review", own=RuleSet()).version == VERSION


def test_own_rules_stand_among_the_built_in_ones_in_order() -> None:
    verdict = check("Это дешёвка, но вернём деньги.", channel="review", own=rules(STOP))
    starts = [one.start for one in verdict.violations]
    assert starts == sorted(starts)
    assert {"own:stop_words", "promise"} <= {one.rule for one in verdict.violations}


@pytest.mark.parametrize(
    ("change", "problem", "value"),
    [
        ({"name": "Скидки"}, Problem.BAD_NAME, "Скидки"),
        ({"name": None}, Problem.BAD_NAME, ""),
        ({"version": "3"}, Problem.BAD_VERSION, "3"),
        ({"version": True}, Problem.BAD_VERSION, "True"),
        ({"version": 0}, Problem.BAD_VERSION, "0"),
        ({"severity": "fatal"}, Problem.BAD_SEVERITY, "fatal"),
        ({"severity": ["error"]}, Problem.BAD_SEVERITY, "['error']"),
        ({"channel": "fax"}, Problem.BAD_CHANNEL, "fax"),
        ({"reason": " "}, Problem.BAD_REASON, ""),
        ({"weight": 3}, Problem.UNKNOWN_FIELD, "weight"),
        ({"phrases": []}, Problem.NOTHING_TO_FIND, ""),
        ({"phrases": "скидка"}, Problem.NOT_A_LIST, "phrases"),
        ({"phrases": [""]}, Problem.NOT_A_LIST, "phrases"),
        ({"words": [7]}, Problem.NOT_A_LIST, "words"),
        ({"phrases": ["скидка["]}, Problem.NOT_A_PHRASE, "скидка["),
        ({"phrases": ["!скидка"]}, Problem.NOT_A_PHRASE, "!скидка"),
        ({"phrases": ["скидка||цена"]}, Problem.NOT_A_WORD, ""),
        ({"phrases": ["скидку"]}, Problem.NO_DICTIONARY_FORM, "скидку"),
        ({"phrases": ["@скидище"]}, Problem.UNKNOWN_FAMILY, "@скидище"),
        ({"phrases": ["дать[1лицо]"]}, Problem.UNKNOWN_GRAMMEME, "1лицо"),
        ({"words": ["!!"]}, Problem.NOT_A_WORD, "!!"),
    ],
)
def test_a_wrong_rule_is_named_with_what_is_wrong_in_it(
    change: dict[str, Any], problem: Problem, value: str
) -> None:
    with pytest.raises(WrongRules) as raised:
        rules(STOP, {**DISCOUNT, **change})
    assert (raised.value.problem, raised.value.number, raised.value.value) == (problem, 2, value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("source", [None, [], "x", {}, {"rules": {}}, {"rules": [], "more": 1}])
def test_what_is_no_set_of_rules_is_refused(source: object) -> None:
    with pytest.raises(WrongRules) as raised:
        rule_set(source)
    assert (raised.value.problem, raised.value.number) == (Problem.NOT_A_SET, None)


def test_names_are_taken_once_and_a_set_has_an_end() -> None:
    with pytest.raises(WrongRules) as twice:
        rules(STOP, STOP)
    assert (twice.value.problem, twice.value.number) == (Problem.TAKEN_NAME, 2)
    with pytest.raises(WrongRules) as many:
        rules(*({**STOP, "name": f"rule_{number}"} for number in range(MOST_RULES + 1)))
    assert many.value.problem is Problem.TOO_MANY
    with pytest.raises(WrongRules) as text:
        rule_set({"rules": ["скидка"]})
    assert text.value.problem is Problem.NOT_A_RULE


def test_an_empty_set_changes_nothing() -> None:
    reply = "Пришлите, пожалуйста, фото кружки."
    assert check(reply, own=rules()) == check(reply)
