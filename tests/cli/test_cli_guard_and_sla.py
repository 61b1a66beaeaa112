"""The commands that judge texts without a database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentiq_core.guardrails.own_rules import Problem
from agentiq_tui.wrong_rules import SAID
from tests.cli.conftest import Cli

GOOD = "Здравствуйте! Пришлите, пожалуйста, фото кружки, и мы подскажем, что делать."
BAD = "Здравствуйте! Гарантируем, что завтра вернём вам деньги."


def lines(*items: object) -> str:
    return "\n".join(
        item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in items
    )


def test_a_good_reply_may_be_sent_and_a_bad_one_says_where_and_why(bare: Cli) -> None:
    good = bare("guard", stdin=GOOD)
    assert (good.code, good.out, good.lines) == (0, "", ["may be sent"])
    bad = bare("guard", stdin=BAD)
    assert (bad.code, bad.lines) == (1, ["may not be sent"])
    assert "error promise [" in bad.out
    assert "деньги" in bad.out


def test_the_verdict_as_json(bare: Cli) -> None:
    verdict = bare("guard", "--json", stdin=BAD).json
    assert verdict["allowed"] is False
    promise = next(one for one in verdict["violations"] if one["rule"] == "promise")
    assert set(promise) == {"rule", "severity", "start", "end", "reason"}
    assert BAD[promise["start"] : promise["end"]] == "вернём вам"


def test_lines_in_verdicts_out(bare: Cli) -> None:
    given = lines({"channel": "chat", "buyer_text": "Где заказ?", "reply": GOOD}, "", {"reply": BAD})
    result = bare("guard", "--jsonl", stdin=given)
    assert result.code == 0
    assert [json.loads(line)["allowed"] for line in result.out.splitlines()] == [True, False]


@pytest.mark.parametrize("broken", ['{"reply": ', "[1]", "привет", '{"reply": "x", "channel": "fax"}'])
def test_a_broken_line_is_named_and_those_before_it_are_answered(broken: str, bare: Cli) -> None:
    result = bare("guard", "--jsonl", stdin=lines({"reply": GOOD}, broken, {"reply": BAD}))
    assert result.code == 1
    assert [json.loads(line)["allowed"] for line in result.out.splitlines()] == [True]
    assert len(result.lines) == 1
    assert "line 2" in result.err


def test_an_unknown_channel_is_wrong_usage(bare: Cli) -> None:
    result = bare("guard", "--channel", "fax", stdin=GOOD)
    assert (result.code, "chat, review, question" in result.err) == (2, True)


OWN = {
    "name": "no_discounts",
    "version": 1,
    "severity": "error",
    "reason": "Скидок не обещаем",
    "phrases": ["дать[1per] скидка"],
}


def test_rules_of_ones_own_are_checked_beside_the_built_in_ones(bare: Cli, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"rules": [OWN]}, ensure_ascii=False), encoding="utf-8")
    reply = "Здравствуйте! Скидку мы дадим каждому, кто подождёт."
    alone = bare("guard", "--channel", "question", stdin=reply)
    assert alone.code == 0
    result = bare("guard", "--channel", "question", "--rules", str(file), stdin=reply)
    assert result.code == 1
    assert "error own:no_discounts [14:29] «Скидку мы дадим»: Скидок не обещаем" in result.out
    each = bare("guard", "--jsonl", "--rules", str(file), stdin=lines({"reply": reply}, {"reply": GOOD}))
    assert [json.loads(line)["allowed"] for line in each.out.splitlines()] == [False, True]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{"rules": [', "is not JSON: line 1, column 12"),
        ("[]", 'it should be an object {"rules": [...]}'),
        (
            json.dumps({"rules": [OWN, {**OWN, "name": "b", "severity": "x"}]}),
            "rule 2: the severity “x” should be",
        ),
        (
            json.dumps({"rules": [{**OWN, "phrases": ["скидку"]}]}),
            "rule 1: “скидку” would never be found: write the dictionary form “скидка”",
        ),
        (json.dumps({"rules": [{**OWN, "phrases": ["дать[xyz]"]}]}), "rule 1: there is no grammeme “xyz”"),
    ],
)
def test_a_wrong_file_of_rules_is_told_in_one_line(
    written: str, said: str, bare: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "rules.json"
    file.write_text(written, encoding="utf-8")
    result = bare("guard", "--rules", str(file), stdin=GOOD)
    assert (result.code, result.out, len(result.lines)) == (1, "", 1)
    assert said in result.err
    assert "rules.json" in result.err


def test_a_file_of_rules_that_is_not_there_is_named(bare: Cli, tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        result = bare("guard", "--rules", str(path), stdin=GOOD)
        assert (result.code, len(result.lines)) == (1, 1)
        assert path.name in result.err


def test_every_problem_of_a_rule_has_words() -> None:
    assert SAID.keys() == {problem.value for problem in Problem}


def test_a_deadline_is_explained(bare: Cli) -> None:
    at = ("--at", "2026-11-23T12:00+03:00")
    plain = bare("sla", "preview", "--text", "Кружка пришла разбитая, верните деньги!", *at, "--json").json
    assert set(plain) == {"rule", "priority", "due_at", "off_hours", "why"}
    assert plain["due_at"].endswith("Z")
    people = bare("sla", "preview", "--text", "Кружка пришла разбитая, верните деньги!", *at)
    assert [line.partition(":")[0] for line in people.out.splitlines()] == [
        "rule",
        "priority",
        "answer by",
        "because",
        "outside working hours",
    ]


def test_each_channel_has_a_deadline_of_its_own(bare: Cli) -> None:
    at = "2026-11-23T12:00+03:00"
    given = lines(
        {"text": "Пришла разбитая", "at": at},
        {"text": "Пришла разбитая", "at": at, "channel": "review", "stars": 2},
        {"text": "Хорошая кружка", "at": at, "channel": "review", "stars": 5},
        {"text": "Какой объём?", "at": at, "channel": "question"},
    )
    decided = [json.loads(line) for line in bare("sla", "preview", "--jsonl", stdin=given).out.splitlines()]
    assert [one["rule"] for one in decided] == ["брак", "низкая оценка", "остальное", "вопрос о товаре"]
    alone = bare("sla", "preview", "--text", "Плохо", "--channel", "review", "--stars", "1", "--json").json
    assert alone["rule"] == "низкая оценка"
    wrong = bare("sla", "preview", "--jsonl", stdin=lines({"text": "Плохо", "channel": "fax"}))
    assert (wrong.code, "line 1" in wrong.err) == (1, True)


@pytest.mark.parametrize("at", ["yesterday", "2026-13-40T10:00", "0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_time_that_is_none_is_refused_with_an_example(at: str, bare: Cli) -> None:
    result = bare("sla", "preview", "--text", "Где заказ?", "--at", at)
    assert (result.code, result.out, len(result.lines)) == (1, "", 1)
    assert at in result.err
    assert "2026-11-23T10:00+03:00" in result.err


def test_a_line_with_a_bad_time_is_named(bare: Cli) -> None:
    given = lines({"text": "Где заказ?", "at": "2026-11-23T12:00+03:00"}, {"text": "Где?", "at": "noon"})
    result = bare("sla", "preview", "--jsonl", stdin=given)
    assert (result.code, len(result.out.splitlines()), len(result.lines)) == (1, 1, 1)
    assert "line 2" in result.err


def test_a_deadline_by_a_sellers_own_rules(cli: Cli, market: object) -> None:
    cli.chat()
    seller = str(cli("seller", "list", "--json").json[0]["seller_id"])
    assert cli("sla", "preview", "--text", "Где заказ?", "--seller", seller, "--json").code == 0
    assert "no seller 99" in cli("sla", "preview", "--text", "Где?", "--seller", "99").err
