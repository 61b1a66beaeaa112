"""What a change of rules or hours would do, and times of rules, in the operator's words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from agentiq_core.domain.text import inert_line
from agentiq_tui.locale import _, ngettext
from agentiq_tui.timing import clock_time, day
from agentiq_tui.wording import RULES, SEVERITIES, said

if TYPE_CHECKING:
    from agentiq_core.engine.deadlines import Effect
    from agentiq_core.engine.guard_rules import GuardEffect

HOUR = 60
MOST_LINES = 5
"""Conversations or replies that a preview names."""
OWN = "own:"


def minutes_line(minutes: int) -> str:
    """A rule's time: hours where it is whole ones."""
    if minutes >= HOUR and minutes % HOUR == 0:
        return _("{n} h").format(n=minutes // HOUR)
    return _("{n} min").format(n=minutes)


def effect_lines(effect: Effect, now: datetime) -> Content:
    """How many open conversations would get another deadline, and the nearest of them before and after."""
    line = ngettext(
        "{moved} of {n} open conversation would get another deadline",
        "{moved} of {n} open conversations would get another deadline",
        effect.open,
    ).format(moved=effect.moved, n=effect.open)
    lines = [Content(line)]
    if effect.moved:
        earlier = _("earlier than now: {earlier}, later: {later}").format(
            earlier=effect.earlier, later=effect.moved - effect.earlier
        )
        lines.append(Content.styled(earlier, "$warning"))
    for one in effect.nearest[:MOST_LINES]:
        before, after = (f"{day(at, now)} {clock_time(at)}" for at in (one.before, one.after))
        lines.append(Content.assemble((f"#{one.chat_id}  ", "$faint"), f"{before} → {after}"))
    return Content("\n").join(lines)


def guard_effect_lines(effect: GuardEffect) -> Content:
    """What the rules would have done to replies that were sent, and the newest of those."""
    line = ngettext(
        "Of the last {n} reply {stopped} would have been stopped, {warned} warned of",
        "Of the last {n} replies {stopped} would have been stopped, {warned} warned of",
        effect.replies,
    ).format(n=effect.replies, stopped=effect.stopped, warned=effect.warned)
    lines = [Content(line)]
    if effect.by_rule:
        counts = ", ".join(f"{rule_name(name)} {count}" for name, count in effect.by_rule[:MOST_LINES])
        lines.append(Content.styled(counts, "$warning"))
    for one in effect.newest[:MOST_LINES]:
        lines.append(
            Content.assemble(
                (f"#{one.chat_id}  ", "$faint"), f"{rule_name(one.rule)} «{inert_line(one.words)}»"
            )
        )
    return Content("\n").join(lines)


def rule_name(rule: str) -> str:
    """A guardrail's name: ours in words, one of the seller's own as it was named."""
    return inert_line(rule.removeprefix(OWN)) if rule.startswith(OWN) else said(RULES, rule)


def severity_word(severity: str) -> str:
    """What a guardrail does."""
    return said(SEVERITIES, severity)
