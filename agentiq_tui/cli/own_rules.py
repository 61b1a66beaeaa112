"""The file behind `agentiq guard --rules`: read, checked, and every mistake in it told in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.text import inert_line
from agentiq_tui.locale import _
from agentiq_tui.wrong_rules import in_words

if TYPE_CHECKING:
    from agentiq_core.guardrails import RuleSet

LARGEST = 1024 * 1024


def read_rules(path: Path) -> RuleSet:
    """The rules in a JSON file. Raises `Rejected` with the file, the rule and the mistake."""
    from agentiq_core.guardrails import WrongRules, rule_set

    name = inert_line(str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise Rejected(_("{file} cannot be read: {why}").format(file=name, why=error.strerror)) from None
    if len(raw) > LARGEST:
        raise Rejected(_("{file} is larger than 1 MB").format(file=name))
    try:
        source = json.loads(raw.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise Rejected(
            _("{file} is not JSON: line {n}, column {at}").format(file=name, n=error.lineno, at=error.colno)
        ) from None
    except (ValueError, RecursionError):
        raise Rejected(_("{file} is not JSON in UTF-8").format(file=name)) from None
    try:
        return rule_set(source)
    except WrongRules as wrong:
        raise Rejected(f"{name}: {in_words(wrong)}") from None
