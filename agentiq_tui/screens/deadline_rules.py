"""Rules and deadlines of a shop: which words of a buyer make how much haste."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.content import Content

from agentiq_core.domain.messages import Channel
from agentiq_tui import rule_order
from agentiq_tui.locale import _, ngettext
from agentiq_tui.rule_wording import effect_lines, minutes_line
from agentiq_tui.screens.labelled_form import LabelledFormScreen
from agentiq_tui.screens.rule_list import RuleListScreen
from agentiq_tui.shown import fitted, steady_line
from agentiq_tui.timing import clock_time, day
from agentiq_tui.widgets.action_text import link
from agentiq_tui.wording import CHANNELS, PRIORITIES, channel_line

if TYPE_CHECKING:
    from agentiq_core.sla.deadline import Terms
    from agentiq_core.sla.rules import SlaRule

KINDS: tuple[tuple[str, int | None], ...] = (
    (Channel.CHAT, None),
    (Channel.REVIEW, 1),
    (Channel.REVIEW, 5),
    (Channel.QUESTION, None),
    (Channel.CLAIM, None),
)
"""What a text to try may be: a channel, and the stars of a review."""


class DeadlineRulesScreen(RuleListScreen["SlaRule"]):
    """The strictest rule that a message meets gives its time; one that matches everything must stay."""

    ordered = True
    _kind = 0
    _terms: Terms | None = None

    def heading(self) -> str:
        return _("Rules and deadlines")

    async def fetch(self) -> tuple[SlaRule, ...]:
        self._terms = await self._desk.terms(self.shop.seller_id)
        from agentiq_core.sla.rules import in_order

        return in_order(self._terms.rules)

    def row(self, rule: SlaRule) -> Content:
        style = ("$faint", "$warning", "$error")[rule.priority]
        where = where_line(rule)
        words = rule.pattern or ", ".join(" ".join(phrase) for phrase in rule.phrases)
        return Content.assemble(
            (f"{rule.position:>5} ", "$faint"),
            fitted(steady_line(rule.name), 18) + " ",
            (fitted(_(PRIORITIES[rule.priority]), 8), style),
            fitted(minutes_line(rule.minutes), 8) + " ",
            (f"{where}  " if where else "", "$accent"),
            (steady_line(words), "$faint"),
        )

    def detail(self, rule: SlaRule) -> Content:
        parts = [where_line(rule) or _("every channel")]
        if rule.phrases:
            said = "; ".join(" ".join(phrase) for phrase in rule.phrases)
            parts.append(_("phrases: {words}").format(words=steady_line(said)))
        if rule.pattern is not None:
            parts.append(_("expression: {words}").format(words=steady_line(rule.pattern)))
        if not rule.phrases and rule.pattern is None:
            parts.append(_("every message that no other rule names"))
        return Content(" · ".join(parts))

    def form(self, rule: SlaRule | None) -> LabelledFormScreen[SlaRule]:
        from agentiq_tui.screens.deadline_rule import DeadlineRuleScreen

        return DeadlineRuleScreen(rule)

    def placed(self, rule: SlaRule, place: int, *, instead: bool) -> tuple[SlaRule, ...]:
        if instead:
            return (*self.rules[:place], rule, *self.rules[place + 1 :])
        return rule_order.added(self.rules, place, rule)

    def reordered(self, place: int, step: int) -> tuple[SlaRule, ...]:
        return rule_order.moved(self.rules, place, step)

    def sample_label(self) -> Content:
        channel, stars = KINDS[self._kind]
        return link(channel_line(channel, stars) or _(CHANNELS[channel]), "rules_sample")

    def sample_hint(self) -> str:
        return _("Try a buyer's words: which rule do they meet?")

    def turn_sample_kind(self) -> None:
        self._kind = (self._kind + 1) % len(KINDS)

    async def judged(self, sample: str) -> Content:
        if self._terms is None:
            return Content("")
        channel, stars = KINDS[self._kind]
        terms, now = replace(self._terms, rules=self.rules), self.clock()
        try:
            decision = await asyncio.to_thread(terms.decide, [(now, sample)], channel, stars)
        except ValueError:
            return Content.styled(_("No rule is for such a message: it would have no deadline"), "$error")
        words = dict(decision.why).get(decision.rule, ())
        due = f"{day(decision.due_at, now)} {clock_time(decision.due_at)}"
        line = _("“{rule}”: {priority}, answer by {due}").format(
            rule=steady_line(decision.rule), priority=_(PRIORITIES[decision.priority]), due=due
        )
        others = [steady_line(name) for name, _words in decision.why if name != decision.rule]
        parts: list[Content | tuple[str, str] | str] = [("→ ", "$accent"), line]
        if words:
            parts.append((f"  «{steady_line(' … '.join(words))}»", "$warning"))
        if others:
            parts.append((" " + _("met too: {names}").format(names=", ".join(others)), "$faint"))
        return Content.assemble(*parts)

    async def effect(self) -> Content:
        terms = self._terms or await self._desk.terms(self.shop.seller_id)
        told = await self._desk.effect(self.shop.seller_id, replace(terms, rules=self.rules))
        return effect_lines(told, self.clock())

    async def save(self) -> str:
        counted = await self._desk.set_rules(self.shop.seller_id, self.rules)
        line = ngettext(
            "Saved: {n} open conversation was counted anew",
            "Saved: {n} open conversations were counted anew",
            counted,
        )
        return line.format(n=counted)


def where_line(rule: SlaRule) -> str:
    """Which conversations a rule is for; nothing where it is for all."""
    parts = [_(CHANNELS[one]) for one in sorted(rule.channels or ()) if one in CHANNELS]
    if rule.most_stars is not None:
        parts.append(f"≤{rule.most_stars}★")
    return " ".join(parts)
