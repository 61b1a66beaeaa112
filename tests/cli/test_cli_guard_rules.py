"""A seller's own guardrail rules from a script: tried, set, checked by, taken away; and who may."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.cli_team import Team
from tests.cli.conftest import Cli

RULE = {
    "name": "no_discounts",
    "version": 1,
    "severity": "error",
    "reason": "Скидок не обещаем",
    "phrases": ["дать[1per] скидка"],
}
REPLY = "Здравствуйте! Скидку мы дадим каждому, кто подождёт."


@pytest.fixture
def seller(cli: Cli) -> tuple[str, str]:
    """The arguments that name a connected seller with one open conversation."""
    cli.chat("Подскажите, какой размер взять на рост 170?")
    return "--seller", str(cli("seller", "list", "--json").json[0]["seller_id"])


def written(tmp_path: Path, *rules: dict[str, Any]) -> str:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"rules": list(rules)}, ensure_ascii=False), encoding="utf-8")
    return str(file)


def test_rules_are_tried_set_shown_checked_by_and_cleared(
    cli: Cli, seller: tuple[str, str], tmp_path: Path
) -> None:
    file = written(tmp_path, RULE)
    assert cli("guard", "rules", "show", *seller, "--json").json == {"rules": []}
    assert "built-in" in cli("guard", "rules", "show", *seller).err
    tried = cli("guard", "rules", "set", file, *seller, "--dry-run", "--json").json
    assert (tried["dry_run"], tried["replies"], tried["stopped"], tried["newest"]) == (True, 0, 0, [])
    assert "nothing was changed" in cli("guard", "rules", "set", file, *seller, "--dry-run").err
    assert cli("guard", "--channel", "question", *seller, stdin=REPLY).code == 0
    done = cli("guard", "rules", "set", file, *seller, "--json").json
    assert (done["rules"], done["suggestions_stopped"]) == ([RULE], 0)
    assert cli("guard", "rules", "show", *seller, "--json").json == {"rules": [RULE]}
    assert "no_discounts" in cli("guard", "rules", "show", *seller).out
    refused = cli("guard", "--channel", "question", *seller, "--json", stdin=REPLY)
    assert (refused.code, refused.json["violations"][0]["rule"]) == (1, "own:no_discounts")
    assert cli("guard", "rules", "clear", *seller, "--json").json["rules"] == []
    assert cli("guard", "--channel", "question", *seller, stdin=REPLY).code == 0


def test_what_is_shown_can_be_set_again(cli: Cli, seller: tuple[str, str], tmp_path: Path) -> None:
    cli("guard", "rules", "set", written(tmp_path, RULE), *seller)
    kept = tmp_path / "kept.json"
    kept.write_text(cli("guard", "rules", "show", *seller, "--json").out, encoding="utf-8")
    assert cli("guard", "rules", "set", str(kept), *seller, "--json").json["rules"] == [RULE]


def test_mistakes_are_one_line_and_change_nothing(cli: Cli, seller: tuple[str, str], tmp_path: Path) -> None:
    wrong = cli("guard", "rules", "set", written(tmp_path, {**RULE, "severity": "x"}), *seller)
    assert (wrong.code, len(wrong.lines)) == (1, 1)
    assert "rule 1: the severity “x”" in wrong.err
    cli("guard", "rules", "set", written(tmp_path, RULE), *seller)
    same = cli("guard", "rules", "set", written(tmp_path, {**RULE, "reason": "Другое"}), *seller)
    assert (same.code, len(same.lines)) == (1, 1)
    assert "give it a version above 1" in same.err
    assert cli("guard", "rules", "show", *seller, "--json").json == {"rules": [RULE]}
    both = cli("guard", "--rules", written(tmp_path, RULE), *seller, stdin=REPLY)
    assert both.code == 2


def test_whoever_manages_no_sellers_looks_and_changes_nothing(team: Team, tmp_path: Path) -> None:
    _, number = team.connected("Дом и чай")
    seller = ("--seller", str(number))
    file = written(tmp_path, RULE)
    assert team.boss("guard", "rules", "set", file, *seller).code == 0
    anna = team.joined("anna@example.org", "operator", "ландыши цветут весной", *seller)
    assert anna("guard", "rules", "show", *seller, "--json").json == {"rules": [RULE]}
    assert anna("guard", "rules", "clear", *seller, "--dry-run").code == 0
    for change in (("set", file), ("clear",)):
        refused = anna("guard", "rules", *change, *seller)
        assert (refused.code, len(refused.lines)) == (1, 1)
    assert team.boss("guard", "rules", "show", *seller, "--json").json == {"rules": [RULE]}
