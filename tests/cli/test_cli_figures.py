"""Figures and automatic replies from a script: tables for people, one document for programs, clear refusals."""

from __future__ import annotations

import psycopg
import pytest

from agentiq_tui import locale
from tests.cli.conftest import Cli

SIZE = "Подскажите, какой размер взять на рост 170? Мой телефон 8 912 345-67-89"


@pytest.fixture
def answered(cli: Cli) -> str:
    """A shop with one conversation that was answered as suggested; the seller's number."""
    chat = cli.chat(SIZE)
    text = cli("suggest", str(chat)).out.strip()
    done = cli("reply", str(chat), "--text-stdin", "--wait", "--json", stdin=text)
    assert done.code == 0, done
    return str(cli("seller", "list", "--json").json[0]["seller_id"])


def test_figures_are_told_by_operator_seller_day_intent_and_model(cli: Cli, answered: str) -> None:
    found = cli("stats", "--seller", answered, "--json").json
    assert (found["by"], found["total"]["replies"], found["total"]["untouched"]) == ("operator", 1, 1)
    assert found["total"]["untouched_share"] == 1.0
    assert found["total"]["first"]["count"] == 1
    assert found["lines"][0]["operator_id"] is not None
    assert found["cost"] == []
    assert cli("stats", "--by", "seller", "--json").json["lines"][0]["name"] == "Дом и чай"
    assert cli("stats", "--by", "day", "--json").json["lines"][0]["replies"] == 1
    [of_intent] = cli("stats", "--by", "intent", "--json").json["lines"]
    assert (of_intent["name"], of_intent["accepted"], of_intent["share"]) == ("size_advice", 1, 1.0)
    assert cli("stats", "--by", "model", "--json").json["lines"][0]["name"] == "template"
    people = cli("stats").out
    assert "first answer" in people
    assert "100 %" in people
    assert "Waiting now: 0 under an hour" in people
    assert "size" in cli("stats", "--by", "intent").out


def test_the_share_of_answered_that_a_marketplace_counts_is_told_of_its_shops(
    cli: Cli, answered: str, dsn: str
) -> None:
    assert cli("stats", "--by", "seller", "--json").json["lines"][0]["marketplace_share"] is None
    assert "marketplace's" not in cli("stats").out
    with psycopg.connect(dsn, options="-c search_path=agentiq") as connection:
        connection.execute("update sellers set marketplace = 'ozon'")
        connection.execute("update service_days set counted = 4, counted_within = 3")
    told = {"hours": 24, "count": 4, "within": 3, "share": 0.75}
    found = cli("stats", "--by", "seller", "--json").json
    assert (found["lines"][0]["marketplace_share"], found["total"]["marketplace_share"]) == (told, told)
    assert cli("stats", "--json").json["lines"][0]["marketplace_share"] is None
    line = "Answered within the marketplace's 24 h: 75 % (of 4)"
    assert line in cli("stats").out
    assert f"{answered} Дом и чай: {line}" in cli("stats", "--by", "seller").out


def test_days_that_are_none_and_sellers_that_are_not_there_get_one_clear_line(
    cli: Cli, answered: str
) -> None:
    for arguments in (
        ("--from", "вчера"),
        ("--from", "2026-03-02", "--to", "2026-03-01"),
        ("--seller", "999"),
    ):
        refused = cli("stats", *arguments)
        assert (refused.code, len(refused.lines), refused.out) == (1, 1, ""), refused
    assert cli("stats", "--by", "mood").code == 2
    assert cli("stats", "--from", "2020-01-01", "--to", "2020-01-02", "--json").json["total"]["replies"] == 0


def test_what_may_leave_is_set_shown_stopped_and_let_go_on(cli: Cli) -> None:
    cli.chat(SIZE)
    seller = ("--seller", str(cli("seller", "list", "--json").json[0]["seller_id"]))
    shown = cli("auto", "show", *seller, "--json").json
    assert (shown["stopped"], shown["intents"]) == (False, [])
    assert "Nothing leaves by itself" in cli("auto", "show", *seller).err
    done = cli("auto", "set", "size_advice", "shadow", *seller, "--cap", "5", "--templates", "--json").json
    assert done["intents"] == [
        {
            "intent": "size_advice",
            "mode": "shadow",
            "daily_cap": 5,
            "least_confidence": 0.8,
            "templates": True,
        }
    ]
    # what is not named stays as it was
    done = cli("auto", "set", "size_advice", "on", *seller, "--confidence", "0.6", "--json").json
    assert done["intents"][0] | {"mode": "on", "daily_cap": 5, "least_confidence": 0.6} == done["intents"][0]
    assert "size_advice" in cli("auto", "show", *seller).out
    assert cli("auto", "stop", *seller, "--json").json["stopped"] is True
    assert "everything is stopped" in cli("auto", "show", *seller).out
    assert cli("auto", "resume", *seller, "--per-chat", "3", "--json").json["per_chat"] == 3
    complaint = cli("auto", "set", "complaint", "on", *seller)
    assert (complaint.code, complaint.lines) == (1, ["Only people answer this: complaint"])
    assert cli("auto", "set", "weather", "on", *seller).code == 1
    assert cli("auto", "set", "thanks", "sometimes", *seller).code == 2


def test_a_shadow_is_reported_beside_what_a_person_sent_without_phones(cli: Cli) -> None:
    chat = cli.chat(SIZE)
    seller = ("--seller", str(cli("seller", "list", "--json").json[0]["seller_id"]))
    cli("auto", "set", "size_advice", "shadow", *seller, "--templates", "--confidence", "0.3")
    assert cli("worker", "--for", "2").code == 0
    mine = "Здравствуйте! На рост 170 возьмите, пожалуйста, размер М."
    assert cli("reply", str(chat), "--text-stdin", "--wait", stdin=mine).code == 0
    found = cli("auto", "report", *seller, "--json").json
    [decision] = found["decisions"]
    assert (decision["chat_id"], decision["mode"], decision["sent"]) == (chat, "shadow", False)
    assert decision["reasons"] == []
    assert decision["person_sent"] == mine
    assert "345" not in decision["question"]
    people = cli("auto", "report", *seller).out
    assert "would have left" in people
    assert mine in people
    for never in ("вчера", "0001-01-01", "9999-12-31"):
        refused = cli("auto", "report", *seller, "--before", never)
        assert (refused.code, len(refused.lines)) == (1, 1), refused


def test_both_speak_russian(cli: Cli, answered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTIQ_LANGUAGE", "ru")
    assert "первый ответ" in cli("stats").out
    assert "шаблон" in cli("stats", "--by", "model").out
    assert "Само ничего не отправляется" in cli("auto", "show", "--seller", answered).err
    locale.use("en")
