"""What is urgent, high and normal: the words of the table, and words that only look like them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agentiq_core.domain.chats import Priority
from agentiq_core.domain.errors import Misconfigured
from agentiq_core.sla.deadline import decide
from agentiq_core.sla.patterns import compiled, searched
from agentiq_core.sla.rules import DEFAULT_RULES, SlaRule, check_phrases, matched

NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)

NORMAL = """один браслет
без брака, спасибо
доставили быстро, спасибо
всё пришло целым, не сломано
спасибо, статус вижу
Какой размер взять на рост 170?
не хочу возвращать, всё устраивает
Возвращать не буду, кружка хорошая
Подскажите, есть ли браслеты из серебра?
Доставка быстрая, спасибо!
всё дошло, не разбилось
А если сломается, есть гарантия?
Нет ли брака на партии?
ни одной царапины
никаких дефектов не нашла
Вернусь за второй кружкой
Свидетельство о браке помещается?
привезли вовремя
компания хорошая, работает отлично
Заказ пришёл, спасибо"""

HIGH = """где мой заказ
когда привезут
какой статус
не доставили
когда придёт товар
до сих пор не пришёл заказ
жду уже неделю
доставку обещали вчера
статус не меняется
посылка застряла в пути
Когда отправите?
Не могу отследить
почему так долго?"""

URGENT = """хочу вернуть
пришёл бракованный
сломался через день
кружка с трещиной
верните деньги
не работает
пришла разбитая
дырка на рукаве
скол на краю
не подошел размер хочу вернуть
можно ли вернуть?
перестал заряжаться
доставили быстро, спасибо, но кружка с трещиной
возврaт
в о з в р а т
отвалилась ручка
Не хочу ждать и хочу вернуть
пришел сломаный
Заказ пришел битый
не только сломан, но и грязный"""


def priority_of(text: str) -> Priority:
    return decide([(NOON, text)], DEFAULT_RULES, "Europe/Moscow").priority


@pytest.mark.parametrize("text", NORMAL.splitlines())
def test_ordinary_words_are_normal(text: str) -> None:
    assert priority_of(text) is Priority.NORMAL


@pytest.mark.parametrize("text", HIGH.splitlines())
def test_a_question_about_the_order_is_high(text: str) -> None:
    assert priority_of(text) is Priority.HIGH


@pytest.mark.parametrize("text", URGENT.splitlines())
def test_a_return_or_a_defect_is_urgent(text: str) -> None:
    assert priority_of(text) is Priority.URGENT


def test_a_sellers_plain_word_stands_for_all_its_forms() -> None:
    rule = SlaRule("подарок", (("подарок",), ("деньги",)), None, Priority.HIGH, 60, 1)
    assert matched(rule, "это были ПОДАРКИ маме") == ("ПОДАРКИ",)
    assert matched(rule, "мало денег") == ("денег",)
    assert matched(rule, "подарили цветы") is None


def test_a_rule_may_match_by_expression_on_the_plain_spelling() -> None:
    rule = SlaRule("срочно", (), r"сроч\w+", Priority.URGENT, 15, 1)
    assert matched(rule, "Очень CРОЧНО!") == ("срочно",)
    assert matched(rule, "не спешу") is None


@pytest.mark.parametrize(
    "pattern", ["(", r"(a+)+$", r"(a|aa)+$", r"(.*)*x", r".*.*.*x", r"(a)\1", "x" * 201, r"(?:a{1,40}){1,40}"]
)
def test_an_expression_that_is_wrong_or_could_run_away_is_refused(pattern: str) -> None:
    with pytest.raises(Misconfigured):
        SlaRule("плохое", (), pattern, Priority.HIGH, 60, 1)


@pytest.mark.parametrize(
    "pattern", [r"сроч\w+", r"заказ.{0,20}потерян", r"^где", r"(?:брак|скол)", r"\bарт\.?\s*\d+"]
)
def test_an_ordinary_expression_is_accepted(pattern: str) -> None:
    assert compiled(pattern).pattern == pattern


def test_the_worst_accepted_expression_sees_a_bounded_text() -> None:
    assert searched(r"а.*б", "а" + "в" * 5_000 + "б") is None


@pytest.mark.parametrize("minutes", [0, -5])
def test_a_rule_needs_time_to_answer_in(minutes: int) -> None:
    with pytest.raises(ValueError, match="minutes"):
        SlaRule("сразу", (), None, Priority.HIGH, minutes, 1)


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("вернуть [", "not a phrase"),
        ("!только", "not a phrase"),
        ("@нетакой", "no family @нетакой"),
        ("деньги @", "no family @"),
        ("дать[xyz] скидка", "no grammeme xyz"),
    ],
)
def test_a_phrase_that_nothing_could_be_found_by_is_refused(phrase: str, why: str) -> None:
    with pytest.raises(Misconfigured, match=why):
        check_phrases((("размер",), tuple(phrase.split())))


def test_phrases_as_sellers_and_we_write_them_are_accepted() -> None:
    check_phrases((("верните", "деньги"), ("@возврат", "!интерес"), ("дать[1per]", "скидку"), ("C++",)))
    for rule in DEFAULT_RULES:
        check_phrases(rule.phrases)
