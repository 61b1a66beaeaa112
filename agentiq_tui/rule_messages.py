"""What the screens of rules and hours tell themselves:

RulesFetched → SampleJudged        EffectTold → (a second word) → RulesSaved        any of them may be a Failed
FormBuilt | FormRefused            what was typed into a form, read
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.content import Content
from textual.message import Message


@dataclass
class RulesFetched(Message):
    """A shop's rules as they are kept."""

    rules: tuple[Any, ...]


@dataclass
class SampleJudged(Message):
    """What the rules on screen say of the sample."""

    line: Content


@dataclass
class EffectTold(Message):
    """What saving would change."""

    lines: Content


@dataclass
class RulesSaved(Message):
    """What is on screen holds from now on; `line` says what it did."""

    line: str


@dataclass
class FormBuilt(Message):
    """A form can be used as it was filled in."""

    result: Any


@dataclass
class FormRefused(Message):
    """What is wrong, and in which field."""

    field: str
    line: str
