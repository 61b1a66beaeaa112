"""Recall and false alarms on labelled replies (tests/data/guardrails/README.md tells which were written blind)."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agentiq_core.guardrails import Severity, check

DATA = Path(__file__).parents[1] / "data" / "guardrails"
RECALL, FALSE_ALARMS = 0.95, 0.01


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def errors_of(line: dict[str, Any]) -> set[str]:
    verdict = check(
        line["reply"],
        channel=line["channel"],
        buyer_texts=line.get("buyer", ()),
        facts=line.get("facts"),
        suggestion="facts" in line,
        secrets=line.get("secrets", ()),
    )
    return {one.rule for one in verdict.violations if one.severity is Severity.ERROR}


@pytest.mark.parametrize("name", ["tune", "heldout"])
def test_every_error_rule_finds_what_it_must(name: str) -> None:
    found: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    missed = []
    for line in lines(name):
        for rule in line["expect"]:
            wanted[rule] += 1
            found[rule] += rule in errors_of(line)
            missed += [] if rule in errors_of(line) else [(rule, line["reply"])]
    assert len(wanted) == 12
    assert {
        rule: found[rule] / wanted[rule] for rule in wanted if found[rule] < RECALL * wanted[rule]
    } == {}, missed


@pytest.mark.parametrize("name", ["tune", "heldout"])
def test_ordinary_replies_are_left_alone(name: str) -> None:
    ordinary = [line for line in lines(name) if not line["expect"]]
    alarms = [(line["reply"], errors_of(line)) for line in ordinary if errors_of(line)]
    assert len(ordinary) >= 50
    assert len(alarms) < FALSE_ALARMS * len(ordinary), alarms


def test_no_reply_is_in_both_halves() -> None:
    assert not {line["reply"] for line in lines("tune")} & {line["reply"] for line in lines("heldout")}
