"""Intents and stop classes on labelled conversations (tests/data/eval/README.md tells which were written blind)."""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from agentiq_core.ai.evaluation import Case, read_cases
from agentiq_core.ai.intents import classify
from agentiq_core.ai.stop_classes import StopClass, stop_class
from agentiq_core.ai.suggest import unanswered

DATA = Path(__file__).parents[1] / "data" / "eval"
SPLITS = ("tune", "report")
RECALL, OF_A_CLASS, FALSE_ALARMS, INTENTS = 0.95, 0.9, 0.02, 0.85


@cache
def judged(split: str) -> list[tuple[Case, StopClass | None, bool]]:
    """Each conversation, the stop class found, and whether its intent was understood."""
    return [
        (case, stop_class(asked), classify(asked).intent in case.labels.intents)
        for case in read_cases(DATA / f"{split}.jsonl")
        for asked in [unanswered(case.context.messages)]
    ]


@pytest.mark.parametrize("split", SPLITS)
def test_conversations_for_a_person_are_handed_to_one(split: str) -> None:
    wanted, found = Counter[StopClass](), Counter[StopClass]()
    for case, stop, _ in judged(split):
        if case.labels.stop_classes:
            wanted[case.labels.stop_classes[0]] += 1
            found[case.labels.stop_classes[0]] += stop is not None
    rows = [
        f"{name:14} {found[name]:3}/{wanted[name]:<3} {found[name] / wanted[name]:6.1%}" for name in wanted
    ]
    sys.stdout.write("\n".join(["", f"{split:14} found", *rows, ""]))
    assert sum(found.values()) >= RECALL * sum(wanted.values())
    assert {name for name in wanted if found[name] < OF_A_CLASS * wanted[name]} == set()


@pytest.mark.parametrize("split", SPLITS)
def test_they_are_handed_over_for_the_right_reason(split: str) -> None:
    named = [
        stop in case.labels.stop_classes
        for case, stop, _ in judged(split)
        if stop and case.labels.stop_classes
    ]
    assert sum(named) >= RECALL * len(named)


@pytest.mark.parametrize("split", SPLITS)
def test_ordinary_conversations_are_left_to_suggestions(split: str) -> None:
    ordinary = [(case.id, stop) for case, stop, _ in judged(split) if not case.labels.stop_classes]
    alarms = [one for one in ordinary if one[1]]
    assert len(alarms) <= FALSE_ALARMS * len(ordinary), alarms


@pytest.mark.parametrize("split", SPLITS)
def test_most_intents_are_understood(split: str) -> None:
    russian = [(case.id, right) for case, _, right in judged(split) if case.labels.language == "ru"]
    understood = sum(right for _, right in russian)
    sys.stdout.write(f"\n{split:14} intents {understood}/{len(russian)} {understood / len(russian):.1%}\n")
    assert understood >= INTENTS * len(russian)


@pytest.mark.parametrize("split", SPLITS)
def test_other_languages_are_understood_too(split: str) -> None:
    foreign = [(case.id, right) for case, _, right in judged(split) if case.labels.language != "ru"]
    assert sum(right for _, right in foreign) >= RECALL * len(foreign), foreign
