"""What a shop forbids beside the built-in guardrails: phrases and stop words, tried on a text and on recent replies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.content import Content

from agentiq_core.domain.messages import Channel
from agentiq_tui.locale import _, ngettext
from agentiq_tui.rule_wording import guard_effect_lines, rule_name, severity_word
from agentiq_tui.screens.labelled_form import LabelledFormScreen
from agentiq_tui.screens.rule_list import RuleListScreen
from agentiq_tui.shown import fitted, steady_line
from agentiq_tui.widgets.action_text import link
from agentiq_tui.wording import CHANNELS

if TYPE_CHECKING:
    from agentiq_core.guardrails import OwnRule

KINDS = (Channel.CHAT, Channel.REVIEW, Channel.QUESTION)
MOST_OBJECTIONS = 3
STYLES = {"error": "$error", "warning": "$warning"}


class GuardRulesScreen(RuleListScreen["OwnRule"]):
    """A rule that says something else than the one that is kept gets the next version by itself."""

    _kind = 0

    def heading(self) -> str:
        return _("Guardrail rules")

    async def fetch(self) -> tuple[OwnRule, ...]:
        return (await self._desk.guard_rules.read(self.shop.seller_id)).rules

    def row(self, rule: OwnRule) -> Content:
        where = _(CHANNELS[rule.channel]) if rule.channel else ""
        return Content.assemble(
            f" {fitted(steady_line(rule.name), 20)} ",
            (fitted(severity_word(rule.severity.value), 17), STYLES[rule.severity.value]),
            (f" {where} " if where else " ", "$accent"),
            (steady_line("; ".join((*rule.words, *rule.phrases))), "$faint"),
        )

    def detail(self, rule: OwnRule) -> Content:
        parts = [steady_line(rule.reason)]
        if rule.words:
            parts.append(_("stop words: {words}").format(words=steady_line("; ".join(rule.words))))
        if rule.phrases:
            parts.append(_("phrases: {words}").format(words=steady_line("; ".join(rule.phrases))))
        parts.append(_("version {n}").format(n=rule.version))
        return Content(" · ".join(parts))

    def form(self, rule: OwnRule | None) -> LabelledFormScreen[OwnRule]:
        from agentiq_tui.screens.guard_rule import GuardRuleScreen

        taken = frozenset(one.name for one in self.rules if one is not rule)
        return GuardRuleScreen(rule, taken)

    def placed(self, rule: OwnRule, place: int, *, instead: bool) -> tuple[OwnRule, ...]:
        known = next((one for one in self.kept if one.name == rule.name), None)
        if known is not None:
            # as it was kept it keeps its version too
            same = replace(rule, version=known.version)
            rule = known if same == known else replace(rule, version=known.version + 1)
        return (*self.rules[:place], rule, *self.rules[place + 1 if instead else place :])

    def sample_label(self) -> Content:
        return link(_(CHANNELS[KINDS[self._kind]]), "rules_sample")

    def sample_hint(self) -> str:
        return _("Try a reply: which rules would it break?")

    def turn_sample_kind(self) -> None:
        self._kind = (self._kind + 1) % len(KINDS)

    async def judged(self, sample: str) -> Content:
        from agentiq_core.guardrails import RuleSet, check

        own, channel = RuleSet(self.rules), KINDS[self._kind]
        verdict = await asyncio.to_thread(
            check, sample, channel=channel, own=own, marketplace=self.shop.marketplace
        )
        lines = [
            Content.assemble(
                (f"{severity_word(one.severity.value)}: ", STYLES[one.severity.value]),
                f"{rule_name(one.rule)} «{steady_line(sample[one.start : one.end])}» ",
                (steady_line(one.reason), "$faint"),
            )
            for one in (*verdict.errors, *(one for one in verdict.violations if one not in verdict.errors))
        ]
        if not lines:
            return Content.styled("✓ " + _("It may be sent"), "$success")
        if len(lines) > MOST_OBJECTIONS:
            more = _("and {n} more").format(n=len(lines) - MOST_OBJECTIONS + 1)
            lines = [*lines[: MOST_OBJECTIONS - 1], Content.styled(more, "$faint")]
        return Content("\n").join(lines)

    async def effect(self) -> Content:
        from agentiq_core.guardrails import RuleSet

        told = await self._desk.guard_rules.effect(self.shop.seller_id, RuleSet(self.rules))
        return guard_effect_lines(told)

    async def save(self) -> str:
        from agentiq_core.guardrails import RuleSet

        stopped = await self._desk.guard_rules.set(self.shop.seller_id, RuleSet(self.rules))
        if not stopped:
            return _("Saved; the rules hold from now on")
        line = ngettext(
            "Saved; {n} suggestion is written anew", "Saved; {n} suggestions are written anew", stopped
        )
        return line.format(n=stopped)
