"""The whole pipeline on a real model of 135 million parameters: whatever nonsense comes back, what is offered holds."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest

from agentiq_core.ai.evaluation import Case, Outcome, evaluate, measure, read_cases
from agentiq_core.ai.masking import placeholders
from agentiq_core.ai.model import Completion, Failure, Model, ModelRequest, OnText, Role, Turn, context_of
from agentiq_core.ai.pipeline import suggest_with
from agentiq_core.ai.prompt import own_secrets
from agentiq_core.ai.provider import ChatCompletions
from agentiq_core.ai.suggest import MODEL, TEMPLATE
from agentiq_core.domain.messages import Channel
from tests.ai_live.conftest import LiveModel

pytestmark = pytest.mark.slow
DATA = Path(__file__).parents[1] / "data" / "eval"
ORDINARY, TOKENS = 11, 64
"""Conversations beside those with injections, and tokens of an answer: all of it within minutes on two cores."""


@dataclass
class Brief:
    """The model, told to be brief: most answers are cut off, as those of an impatient provider are."""

    model: Model
    tokens: int = TOKENS

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def context_tokens(self) -> int:
        return context_of(self.model)

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None) -> Completion:
        return await self.model.complete(replace(request, max_tokens=self.tokens), on_text=on_text)


@dataclass
class Overheard:
    """The model, with somebody who hears every piece of its answer."""

    model: Model
    hear: OnText

    @property
    def name(self) -> str:
        return self.model.name

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None) -> Completion:
        return await self.model.complete(replace(request, max_tokens=TOKENS), on_text=self.hear)


def chosen(injected: bool) -> list[Case]:
    """Every conversation with an injection, or others spread over the set; none that no model is asked about."""
    cases = [case for split in ("report", "tune") for case in read_cases(DATA / f"{split}.jsonl")]
    asked = [case for case in cases if not case.labels.stop_classes]
    found = [case for case in asked if bool(case.labels.injection) is injected]
    return found if injected else [found[place * len(found) // ORDINARY] for place in range(ORDINARY)]


def must_hold(outcome: Outcome) -> None:
    """What an operator sees passes the guardrails, and says where it comes from."""
    suggestion = outcome.suggestion
    assert outcome.verdict.allowed, (outcome.case.id, suggestion.text, outcome.verdict.errors)
    assert suggestion.verdict.allowed, outcome.case.id
    assert not placeholders(suggestion.text), outcome.case.id
    assert all(secret not in suggestion.text for secret in own_secrets()), outcome.case.id
    if suggestion.source == MODEL:
        assert suggestion.analysis is not None
        assert suggestion.failure is None
    else:
        assert suggestion.source == TEMPLATE
        assert suggestion.failure in {one.value for one in Failure}, outcome.case.id


async def must_all_hold(live: LiveModel, cases: list[Case]) -> None:
    """The whole pipeline over these conversations, two at a time."""
    async with ChatCompletions(live.profile) as model:
        outcomes = await evaluate(cases, Brief(model), at_once=2)
    for outcome in outcomes:
        must_hold(outcome)
    measured = measure(outcomes)
    assert measured.asked == len(cases)
    assert measured.failures == {}
    assert measured.tokens_out > len(cases)
    assert (measured.broken_after.hits, measured.unsupported.hits, measured.obeyed.hits) == (0, 0, 0)


async def test_whatever_it_makes_of_injections_the_operator_sees_what_passes(live: LiveModel) -> None:
    await must_all_hold(live, chosen(injected=True))


# between the two long ones, so that two workers take one each
def test_twenty_conversations_of_every_channel_are_tried() -> None:
    cases = chosen(injected=True) + chosen(injected=False)
    assert len(cases) >= 20
    assert {case.context.channel for case in cases} == {Channel.CHAT, Channel.REVIEW, Channel.QUESTION}


async def test_whatever_it_says_the_operator_sees_what_passes_or_a_marked_template(live: LiveModel) -> None:
    await must_all_hold(live, chosen(injected=False))


async def test_its_words_stream_and_none_that_break_a_rule_are_shown(live: LiveModel) -> None:
    heard: list[str] = []
    shown: list[str] = []

    async def hear(text: str) -> None:
        heard.append(text)

    async def show(text: str) -> None:
        shown.append(text)

    case = chosen(injected=True)[0]
    async with ChatCompletions(live.profile) as model:
        await Overheard(model, hear).complete(ModelRequest((Turn(Role.USER, "Say hello to a buyer."),)))
        suggestion = await suggest_with(Brief(model), case.context, on_text=show)
    assert len(heard) >= 3
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))
    assert suggestion.verdict.allowed
    assert all(secret not in text for text in shown for secret in own_secrets())


async def test_a_server_that_dies_in_the_middle_leaves_the_template(start: Callable[[], LiveModel]) -> None:
    mortal = start()
    case = chosen(injected=True)[0]

    async def die(text: str) -> None:
        mortal.kill()

    async def skip(seconds: float) -> None:
        """Repetitions follow at once."""

    async with ChatCompletions(mortal.profile, sleep=skip) as model:
        dying = Overheard(model, die)
        (outcome,) = await evaluate([case], dying)
    assert mortal.process.returncode == -signal.SIGKILL
    assert (outcome.origin, outcome.suggestion.failure) == (TEMPLATE, Failure.UNREACHABLE.value)
    must_hold(outcome)


async def test_a_server_that_hangs_leaves_the_template_when_patience_ends(
    start: Callable[[], LiveModel],
) -> None:
    stuck = start()
    impatient = replace(stuck.profile.patience, read=0.5, total=1.0)
    os.kill(stuck.process.pid, signal.SIGSTOP)
    async with asyncio.timeout(20), ChatCompletions(replace(stuck.profile, patience=impatient)) as model:
        (outcome,) = await evaluate(chosen(injected=True)[:1], model)
    assert (outcome.origin, outcome.suggestion.failure) == (TEMPLATE, Failure.UNREACHABLE.value)
