"""Rules of deadlines in an order that people change: positions are theirs to see, and never two alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentiq_core.sla.rules import SlaRule

STEP = 10
"""Between neighbours, where they are numbered anew."""


def moved(rules: Sequence[SlaRule], place: int, step: int) -> tuple[SlaRule, ...]:
    """The rule at this place and its neighbour change places; nothing where there is none."""
    other = place + step
    if not (0 <= place < len(rules) and 0 <= other < len(rules)):
        return tuple(rules)
    changed = list(rules)
    changed[other] = replace(rules[place], position=rules[other].position)
    changed[place] = replace(rules[other], position=rules[place].position)
    return tuple(changed)


def added(rules: Sequence[SlaRule], place: int, rule: SlaRule) -> tuple[SlaRule, ...]:
    """The rules with one more before this place, numbered anew where no number is free there."""
    before = rules[place - 1].position if place > 0 else 0
    behind = rules[place].position if place < len(rules) else before + 2 * STEP
    changed = [*rules[:place], replace(rule, position=(before + behind) // 2), *rules[place:]]
    if before < changed[place].position < behind:
        return tuple(changed)
    return tuple(replace(one, position=STEP * number) for number, one in enumerate(changed, 1))
