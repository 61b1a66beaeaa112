"""What a seller may not say to a buyer: pure checks with reasons."""

from agentiq_core.guardrails.check import check, version_with
from agentiq_core.guardrails.own_rules import OwnRule, RuleSet, WrongRules, rule_set, usable
from agentiq_core.guardrails.rules import VERSION
from agentiq_core.guardrails.verdict import Severity, Verdict, Violation

__all__ = [
    "VERSION",
    "OwnRule",
    "RuleSet",
    "Severity",
    "Verdict",
    "Violation",
    "WrongRules",
    "check",
    "rule_set",
    "usable",
    "version_with",
]
