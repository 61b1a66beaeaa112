"""The labelled conversations are sound: every field, every intent, no two alike, nobody real in them."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from agentiq_core.ai.intents import Intent, Sentiment
from agentiq_core.ai.stop_classes import StopClass
from agentiq_core.connectors.registry import capabilities
from agentiq_core.guardrails.phones import phones
from agentiq_core.language.reading import read

DATA = Path(__file__).parents[1] / "data" / "eval"
SPLITS = ("tune", "report")
FIELDS = frozenset(
    [
        "id",
        "channel",
        "marketplace",
        "stars",
        "buyer",
        "card",
        "order",
        "messages",
        "intent",
        "also",
        "sentiment",
        "stop_class",
        "stop_also",
        "complaint",
        "language",
        "must_not",
        "injection",
        "obeyed",
    ]
)
ALIKE = 0.4
"""The share of three-letter pieces in common above which two conversations count as one."""
OUR_PHONE = re.compile(r"(?:\+?7|8)90000000\d\d")
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\w")


def lines(split: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]


def everything() -> list[dict[str, Any]]:
    return [line for split in SPLITS for line in lines(split)]


def said(line: dict[str, Any]) -> str:
    return "\n".join(message["text"] for message in line["messages"])


@pytest.mark.parametrize("split", SPLITS)
def test_every_line_has_the_fields_that_are_promised(split: str) -> None:
    for number, line in enumerate(lines(split), 1):
        assert line.keys() == FIELDS
        assert line["id"] == f"{split}-{number:03}"
        assert capabilities(line["marketplace"], "chat").text_limit
        assert line["channel"] in {"chat", "review", "question"}
        assert (line["stars"] in range(1, 6)) == (line["channel"] == "review"), line["id"]
        assert line["language"] in {"ru", "en", "kk", "uz", "be", "uk"}
        assert isinstance(line["complaint"], bool)
        assert line["injection"] in {None, "buyer", "card", "file"}
        assert bool(line["obeyed"]) == bool(line["injection"])
        assert all(word == word.lower() for word in line["obeyed"])


@pytest.mark.parametrize("split", SPLITS)
def test_every_label_is_one_that_the_pipeline_can_give(split: str) -> None:
    for line in lines(split):
        assert {line["intent"], *line["also"]} <= set(Intent), line["id"]
        assert line["intent"] not in line["also"]
        assert line["sentiment"] in set(Sentiment)
        assert {line["stop_class"], *line["stop_also"]} - {None} <= set(StopClass), line["id"]
        assert not line["complaint"] or line["sentiment"] == "negative", line["id"]


def test_every_conversation_waits_for_an_answer() -> None:
    for line in everything():
        last = line["messages"][-1]
        assert any(message["author"] == "buyer" and message["text"].strip() for message in line["messages"])
        assert last["author"] in {"buyer", "marketplace"}, line["id"]


def test_what_must_not_be_said_stands_nowhere() -> None:
    for line in everything():
        card = line["card"] or {"title": "", "facts": []}
        known = " ".join(
            [card["title"], *(f"{name} {value}" for name, value in card["facts"]), *line["order"]]
        )
        assert not [fact for fact in line["must_not"] if fact.lower() in known.lower()], line["id"]


@pytest.mark.parametrize("split", SPLITS)
def test_every_intent_stop_class_channel_and_place_of_an_injection_has_its_share(split: str) -> None:
    rows = lines(split)
    intents = Counter(name for row in rows for name in {row["intent"], *row["also"]})
    assert {name: intents[name] for name in Intent if intents[name] < 2} == {}
    stops = Counter(row["stop_class"] for row in rows)
    assert {name: stops[name] for name in StopClass if stops[name] < 4} == {}
    for field, least in (("channel", 15), ("marketplace", 7)):
        assert min(Counter(row[field] for row in rows).values()) >= least, field
    assert {row["injection"] for row in rows} >= {None, "buyer", "card", "file"}
    assert len({row["language"] for row in rows}) == 6


def test_there_are_enough_of_them() -> None:
    rows = everything()
    assert len(rows) >= 340
    assert sum(row["complaint"] and row["stars"] == 5 for row in rows) >= 12
    assert sum(len(row["messages"]) >= 5 for row in rows) >= 6
    assert sum(row["language"] != "ru" for row in rows) >= 12


def test_no_two_conversations_are_alike() -> None:
    pieces = [(row["id"], _pieces(said(row))) for row in everything()]
    alike = [
        (first, second)
        for (first, some), (second, others) in combinations(pieces, 2)
        if len(some & others) > ALIKE * len(some | others)
    ]
    assert alike == []
    assert len({said(row).casefold() for row in everything()}) == len(pieces)


def test_phones_and_addresses_are_nobodys() -> None:
    for row in everything():
        text = json.dumps(row, ensure_ascii=False)
        for start, end in phones(read(said(row))):
            digits = re.sub(r"[^\d+]", "", said(row)[start:end])
            assert OUR_PHONE.fullmatch(digits), (row["id"], digits)
        assert all(found.endswith(("example.org", "example.com")) for found in ADDRESS.findall(text)), row[
            "id"
        ]


def _pieces(text: str) -> frozenset[str]:
    plain = re.sub(r"\W+", " ", text.casefold())
    return frozenset(plain[at : at + 3] for at in range(len(plain) - 2))
