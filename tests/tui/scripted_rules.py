"""What a scripted desk knows of a shop's rules: deadlines are checked and counted by the real functions, on made-up chats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agentiq_core.engine.deadlines import Effect, MovedDeadline, check
from agentiq_core.engine.guard_rules import GuardEffect, StoppedReply
from agentiq_core.guardrails import RuleSet
from agentiq_core.sla.calendar import Calendar
from agentiq_core.sla.deadline import Terms
from agentiq_core.sla.rules import SlaRule

ASKED = (
    (11, datetime(2026, 3, 10, 8, 0, tzinfo=UTC), "Какой размер выбрать?"),
    (12, datetime(2026, 3, 10, 8, 30, tzinfo=UTC), "Где мой заказ?"),
)
SENT = (
    (21, datetime(2026, 3, 10, 7, 0, tzinfo=UTC), "Здравствуйте! Скидку дадим, приходите ещё."),
    (22, datetime(2026, 3, 9, 7, 0, tzinfo=UTC), "Здравствуйте! Спасибо за отзыв, ждём вас снова."),
)


class ScriptedTerms:
    """Rules and hours of every shop of a scripted desk."""

    by: Terms
    _called: Callable[..., None]

    async def terms(self, seller_id: int) -> Terms:
        self._called("terms", seller_id)
        return self.by

    async def effect(self, seller_id: int, instead: Terms) -> Effect:
        self._called("effect", seller_id)
        check(instead, ASKED[0][1])
        moved = []
        for chat, asked, text in ASKED:
            before, after = (one.decide([(asked, text)]).due_at for one in (self.by, instead))
            if before != after:
                moved.append(MovedDeadline(chat, before, after))
        return Effect(len(ASKED), len(moved), tuple(moved), sum(one.after < one.before for one in moved))

    async def set_rules(self, seller_id: int, rules: Sequence[SlaRule]) -> int:
        self._called("set_rules", seller_id, tuple(rules))
        self.by = replace(self.by, rules=tuple(rules))
        return len(ASKED)

    async def set_calendar(self, seller_id: int, calendar: Calendar | None) -> int:
        self._called("set_calendar", seller_id, calendar)
        self.by = replace(self.by, calendar=calendar)
        return len(ASKED)


class ScriptedGuardRules:
    """A seller's own guardrail rules, tried on two replies."""

    def __init__(self, called: Callable[..., None]) -> None:
        self._called = called
        self.kept = RuleSet()
        self.stopped = 0

    async def read(self, seller_id: int) -> RuleSet:
        self._called("guard_rules.read", seller_id)
        return self.kept

    async def effect(self, seller_id: int, instead: RuleSet) -> GuardEffect:
        from agentiq_core.language.reading import read

        self._called("guard_rules.effect", seller_id)
        found = [
            StoppedReply(
                chat, at + timedelta(0), one.rule, one.severity.value, text[one.start : one.end], one.reason
            )
            for chat, at, text in SENT
            for one in instead.violations(read(text), "chat")
        ]
        stopped = sum(one.severity == "error" for one in found)
        by_rule = {one.rule: 1 for one in found}
        return GuardEffect(len(SENT), stopped, len(found) - stopped, tuple(by_rule.items()), tuple(found))

    async def set(self, seller_id: int, rules: RuleSet) -> int:
        self._called("guard_rules.set", seller_id, rules)
        self.kept = rules
        return self.stopped
