"""A set through the pipeline, some conversations at a time, every word of the model's kept beside what was offered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from agentiq_core.ai.answer import parse
from agentiq_core.ai.evaluation.cases import Case
from agentiq_core.ai.model import (
    Completion,
    Model,
    ModelFailed,
    ModelRequest,
    ModelUnreadable,
    OnText,
    context_of,
)
from agentiq_core.ai.pipeline import suggest_with
from agentiq_core.ai.prompt import own_secrets
from agentiq_core.ai.suggest import MODEL, TEMPLATE, Suggestion, facts_of, suggest, unanswered
from agentiq_core.guardrails import Verdict, check

REPAIRED: Final = "repaired"
AT_ONCE: Final = 4

OnDone = Callable[[int], None]
"""Told how many conversations are done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one conversation. `seconds` is the whole suggestion; tokens and cost are of all calls."""

    case: Case
    suggestion: Suggestion
    verdict: Verdict
    """Of the text on offer, checked anew and apart from the pipeline."""
    seconds: float
    completions: tuple[Completion, ...] = ()
    failures: tuple[str, ...] = ()
    """Calls that gave nothing, each by its `Failure`."""
    broken_first: tuple[str, ...] = ()
    """Rules that the model's first answer breaks, judged apart from the pipeline."""

    @property
    def origin(self) -> str:
        """Where the text comes from: `model`, `repaired` or `template`."""
        if self.suggestion.source != MODEL:
            return TEMPLATE
        analysis = self.suggestion.analysis
        return REPAIRED if analysis is not None and analysis.repaired else MODEL

    @property
    def asked(self) -> bool:
        """A model was called for it."""
        return bool(self.completions or self.failures)

    @property
    def tokens_in(self) -> int:
        """Of all calls."""
        return sum(one.tokens_in for one in self.completions)

    @property
    def tokens_out(self) -> int:
        """Of all calls."""
        return sum(one.tokens_out for one in self.completions)

    @property
    def cost(self) -> Decimal:
        """Of all calls, in the currency of the profile."""
        return sum((one.cost for one in self.completions), Decimal(0))


@dataclass
class _Watched:
    """A model whose answers are kept."""

    model: Model
    completions: list[Completion] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def context_tokens(self) -> int:
        return context_of(self.model)

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None) -> Completion:
        try:
            completion = await self.model.complete(request, on_text=on_text)
        except ModelFailed as failed:
            self.failures.append(failed.failure.value)
            raise
        self.completions.append(completion)
        return completion


async def evaluate(
    cases: Sequence[Case], model: Model | None, *, at_once: int = AT_ONCE, on_done: OnDone | None = None
) -> tuple[Outcome, ...]:
    """Make a suggestion for every case, in the order of the set; `model` None: by templates alone."""
    room = asyncio.Semaphore(at_once)
    done = 0

    async def one(case: Case) -> Outcome:
        nonlocal done
        async with room:
            outcome = await _outcome(case, model)
        done += 1
        if on_done is not None:
            on_done(done)
        return outcome

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(case)) for case in cases]
    return tuple(task.result() for task in tasks)


async def _outcome(case: Case, model: Model | None) -> Outcome:
    begin = time.perf_counter()
    if model is None:
        suggestion = await asyncio.to_thread(suggest, case.context)
        seconds = time.perf_counter() - begin
        return Outcome(case, suggestion, await asyncio.to_thread(_checked, case, suggestion.text), seconds)
    watched = _Watched(model)
    suggestion = await suggest_with(watched, case.context)
    seconds = time.perf_counter() - begin
    return Outcome(
        case,
        suggestion,
        await asyncio.to_thread(_checked, case, suggestion.text),
        seconds,
        tuple(watched.completions),
        tuple(watched.failures),
        await asyncio.to_thread(_broken_first, case, watched.completions),
    )


def _broken_first(case: Case, completions: Sequence[Completion]) -> tuple[str, ...]:
    if not completions:
        return ()
    try:
        answer = parse(completions[0].text)
    except ModelUnreadable:
        return ()
    return tuple(sorted({one.rule for one in _checked(case, answer.reply).errors}))


def _checked(case: Case, text: str) -> Verdict:
    context = case.context
    return check(
        text,
        channel=context.channel,
        buyer_texts=unanswered(context.messages),
        facts=facts_of(context),
        limit=context.limit,
        suggestion=True,
        secrets=own_secrets(),
        marketplace=context.marketplace,
        own=context.own_rules,
    )
