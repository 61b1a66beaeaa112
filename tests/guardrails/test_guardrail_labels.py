"""Recall and false alarms on labelled replies (tests/data/guardrails/README.md tells which were written blind)."""

from __future__ import annotations

import json
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agentiq_core.guardrails import Severity, check
from agentiq_core.guardrails.rules import SEVERITY, severity

DATA = Path(__file__).parents[1] / "data" / "guardrails"
RECALL, FALSE_ALARMS = 0.95, 0.01
SPLITS = ("tune", "report")
LEAST_OF_A_RULE = 18


def lines(split: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]


def fired(line: dict[str, Any]) -> dict[str, str]:
    """Rules that object to a reply, with their severity."""
    verdict = check(
        line["reply"],
        channel=line["channel"],
        buyer_texts=[line["buyer_text"]] if line["buyer_text"] else [],
        facts=line.get("facts"),
        suggestion="facts" in line,
        secrets=line.get("secrets", ()),
        marketplace=line.get("marketplace", "wildberries"),
    )
    return {one.rule: one.severity.value for one in verdict.violations}


@cache
def judged(split: str) -> list[tuple[dict[str, Any], dict[str, str]]]:
    return [(line, fired(line)) for line in lines(split)]


def table(split: str) -> str:
    """Per rule: found of labelled, recall, and alarms on replies that must pass."""
    wanted, found, alarms = Counter[str](), Counter[str](), Counter[str]()
    ordinary = 0
    for line, got in judged(split):
        for rule, level in line["expect"].items():
            wanted[rule] += level == Severity.ERROR
            found[rule] += level == Severity.ERROR and got.get(rule) == level
        if not line["expect"]:
            ordinary += 1
            alarms.update(got.keys())
    rows = [
        f"{rule:18} {found[rule]:4}/{wanted[rule]:<4} {found[rule] / wanted[rule]:6.1%}  "
        f"{alarms[rule]:3}/{ordinary} {alarms[rule] / ordinary:6.2%}"
        for rule in SEVERITY
    ]
    return "\n".join([f"{split:18}    found recall  false alarms", *rows])


@pytest.mark.parametrize("split", SPLITS)
def test_every_error_rule_finds_what_it_must(split: str) -> None:
    sys.stdout.write("\n" + table(split) + "\n")
    missed: dict[str, list[str]] = {rule: [] for rule in SEVERITY}
    wanted: Counter[str] = Counter()
    for line, got in judged(split):
        for rule, level in line["expect"].items():
            if level == Severity.ERROR:
                wanted[rule] += 1
                missed[rule] += [] if got.get(rule) == level else [line["reply"]]
    assert {
        rule: some for rule, some in missed.items() if len(some) > (1 - RECALL) * wanted[rule] + 1e-9
    } == {}


@pytest.mark.parametrize("split", SPLITS)
def test_ordinary_replies_are_left_alone(split: str) -> None:
    """Neither an error nor a warning may fall on them."""
    ordinary = [(line["reply"], got) for line, got in judged(split) if not line["expect"]]
    alarms = [one for one in ordinary if one[1]]
    assert len(alarms) < FALSE_ALARMS * len(ordinary), alarms


def test_a_warning_is_found_too() -> None:
    warned = [
        rule in got and got[rule] == level
        for split in SPLITS
        for line, got in judged(split)
        for rule, level in line["expect"].items()
        if level == Severity.WARNING
    ]
    assert sum(warned) >= RECALL * len(warned)


def test_the_labels_are_sound() -> None:
    report = lines("report")
    assert len(report) >= 440
    assert sum(not line["expect"] for line in report) >= len(report) / 2
    for split in SPLITS:
        for line in lines(split):
            assert line["split"] == split
            assert all(level == severity(rule, line["channel"]) for rule, level in line["expect"].items()), (
                line
            )
    of_a_rule = Counter(rule for line in report for rule in line["expect"])
    assert of_a_rule.keys() == SEVERITY.keys()
    assert min(of_a_rule.values()) >= LEAST_OF_A_RULE


def test_no_reply_is_in_both_halves() -> None:
    assert not {line["reply"] for line in lines("tune")} & {line["reply"] for line in lines("report")}
