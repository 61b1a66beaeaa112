"""A model's suggestion: masked, asked, read, checked, repaired once, or the template that says why it stands there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentiq_core.ai import prompt
from agentiq_core.ai.answer import Answer, parse
from agentiq_core.ai.evidence import verified
from agentiq_core.ai.injection import SUSPICIOUS
from agentiq_core.ai.intents import Intent, Sentiment
from agentiq_core.ai.masking import placeholders
from agentiq_core.ai.model import (
    Completion,
    Failure,
    Model,
    ModelFailed,
    ModelRequest,
    ModelUnreadable,
    OnText,
    context_of,
)
from agentiq_core.ai.prompt import Prompt
from agentiq_core.ai.so_far import SoFar
from agentiq_core.ai.suggest import (
    DISPLEASED,
    MODEL,
    Analysis,
    Claim,
    ClaimSource,
    Suggestion,
    SuggestionContext,
    facts_of,
    suggest,
    unanswered,
)
from agentiq_core.guardrails import Severity, Verdict, Violation, check
from agentiq_core.guardrails.check import SHORTEST
from agentiq_core.guardrails.leaks import leaks
from agentiq_core.language.reading import read

PLACEHOLDER = "placeholder"
"""The rule that a reply breaks which speaks to a buyer in placeholders."""
UNREADABLE = "unreadable"
"""What stands in `Analysis.broken_first` for an answer that was none."""
_MOST_EVIDENCE = 5
_LINK = re.compile(
    r"(?:https?|hxxp|ftp)\W|www\W|\w\.(?:ru|com|net|org|рф|me|io|su|cc|info|link)\b|@\w", re.IGNORECASE
)
_UNFINISHED = frozenset({"length", "ignored_complaint"})
"""Rules that a reply may break only while it is being written."""


async def suggest_with(
    model: Model,
    context: SuggestionContext,
    *,
    wish: str = "",
    draft: str = "",
    on_text: OnText | None = None,
) -> Suggestion:
    """The reply that a model would give, or the template of `suggest`, marked as such with the reason in `failure`.

    `wish` is a `Wish` or an operator's own words, `draft` the reply it is about. `on_text` is told of the
    sentences so far that break no rule. Raises nothing for a model's fault; a reply never breaks an error rule.
    """
    template = await asyncio.to_thread(suggest, context)
    if template.stop_class is not None:
        return template
    asked = await asyncio.to_thread(prompt.build, context, wish, draft, context_of(model))
    talk = _Talk(model, context, asked, template)
    tell = None if on_text is None else SoFar(on_text, talk.sayable)
    return await talk.run(tell)


@dataclass(frozen=True, slots=True)
class _Judged:
    """An answer that could be read, and what the rules say of its reply."""

    answer: Answer
    verdict: Verdict


class _Talk:
    """One conversation with a model about one reply: a question, and at most one more."""

    def __init__(self, model: Model, context: SuggestionContext, asked: Prompt, template: Suggestion) -> None:
        self._model = model
        self._context = context
        self._prompt = asked
        self._template = template
        self._asked = unanswered(context.messages)
        self._facts = facts_of(context)
        self._secrets = prompt.own_secrets()
        self._told: tuple[str, ...] = ()
        self._answers: list[Completion] = []

    async def run(self, tell: OnText | None) -> Suggestion:
        first = second = None
        try:
            first = await self._try(self._prompt.request, tell)
            if first is None or not first.verdict.allowed:
                second = await self._try(await asyncio.to_thread(self._repair, first), None)
        except ModelFailed as error:
            return self._fall_back(first, second, error.failure)
        good = second or first
        if good is None:
            return self._fall_back(first, second, Failure.UNREADABLE)
        if not good.verdict.allowed:
            return self._fall_back(first, second, Failure.BROKE_RULES)
        return await asyncio.to_thread(self._offer, good, () if good is first else _rules(first))

    def sayable(self, reply: str) -> bool:
        """Whether a reply that is still being written breaks no rule so far."""
        return all(one.rule in _UNFINISHED for one in self._check(reply).errors)

    async def _try(self, request: ModelRequest, tell: OnText | None) -> _Judged | None:
        """Ask once; None for an answer that is none. Raises ModelFailed when there was no answer at all."""
        completion = await self._model.complete(request, on_text=tell)
        self._answers.append(completion)
        return await asyncio.to_thread(self._judge, completion)

    def _judge(self, completion: Completion) -> _Judged | None:
        try:
            answer = parse(completion.text)
        except ModelUnreadable:
            return None
        verdict = self._check(answer.reply)
        if completion.cut and not answer.reply.endswith((".", "!", "?", "…", ")", "»")):
            cut = Violation("length", Severity.ERROR, 0, len(answer.reply), "Ответ оборван на полуслове")
            verdict = Verdict(False, (*verdict.violations, cut), verdict.version)
        return _Judged(answer, verdict)

    def _check(self, reply: str) -> Verdict:
        context = self._context
        verdict = check(
            reply,
            channel=context.channel,
            buyer_texts=self._asked,
            facts=self._facts,
            limit=context.limit,
            suggestion=True,
            secrets=(*self._secrets, *self._told),
            marketplace=context.marketplace,
            own=context.own_rules,
        )
        masked = tuple(
            Violation(
                PLACEHOLDER, Severity.ERROR, start, end, f"Заглушка вместо данных («{reply[start:end]}»)"
            )
            for start, end in placeholders(reply)
        )
        return Verdict(False, (*verdict.violations, *masked), verdict.version) if masked else verdict

    def _repair(self, first: _Judged | None) -> ModelRequest:
        answered = self._answers[-1].text
        if first is None:
            return prompt.repair(
                self._prompt, answered, (), ["ответ не разобрать: нужен один объект JSON с полем reply"]
            )
        # small models answer a list of faults with the list
        self._told = tuple(one.reason for one in first.verdict.errors if len(one.reason) >= SHORTEST)
        return prompt.repair(self._prompt, first.answer.reply, first.verdict.errors)

    def _offer(self, judged: _Judged, broken_first: tuple[str, ...]) -> Suggestion:
        answer, template = judged.answer, self._template
        claims = verified(answer.claims, answer.reply, self._sources())
        intent, sentiment = _intent(answer, template), _sentiment(answer, template)
        words = tuple(dict.fromkeys(claim.words for claim in claims)) or template.evidence
        return replace(
            template,
            text=answer.reply,
            intent=intent,
            sentiment=sentiment.value,
            confidence=_confidence(answer, template, claims, repaired=bool(broken_first)),
            source=MODEL,
            evidence=words[:_MOST_EVIDENCE],
            verdict=judged.verdict,
            guardrails_version=judged.verdict.version,
            analysis=self._analysis(answer, claims, broken_first, repaired=bool(broken_first)),
        )

    def _fall_back(self, first: _Judged | None, second: _Judged | None, failure: Failure) -> Suggestion:
        """The template, with what the model said of the conversation where it said anything, and what that cost."""
        analysis = None
        if self._answers:
            said = second or first
            analysis = self._analysis(said.answer if said else None, (), _rules(first), repaired=False)
        return replace(self._template, analysis=analysis, failure=failure.value)

    def _sources(self) -> dict[ClaimSource, str]:
        asked = self._prompt
        return {
            ClaimSource.CARD: f"{asked.card}\n{asked.snippets}",
            ClaimSource.ORDER: asked.order,
            ClaimSource.CONVERSATION: asked.conversation,
            ClaimSource.SNIPPET: asked.snippets,
        }

    def _analysis(
        self,
        answer: Answer | None,
        claims: tuple[Claim, ...],
        broken_first: tuple[str, ...],
        *,
        repaired: bool,
    ) -> Analysis:
        told = self._answers
        return Analysis(
            model=told[-1].model,
            recommendation=self._clean(answer.recommendation) if answer else "",
            categories=tuple(filter(None, map(self._clean, answer.categories))) if answer else (),
            urgency=answer.urgency if answer else "normal",
            analyzed_at=self._context.now,
            claims=claims,
            latency=sum(one.latency for one in told),
            tokens_in=sum(one.tokens_in for one in told),
            tokens_out=sum(one.tokens_out for one in told),
            cost=sum((one.cost for one in told), start=told[0].cost * 0),
            repaired=repaired,
            broken_first=broken_first,
        )

    def _clean(self, text: str) -> str:
        """Words for the operator, or nothing where our own words or a buyer's link got into them."""
        return "" if _LINK.search(text) or any(leaks(read(text), self._secrets)) else text


def _rules(judged: _Judged | None) -> tuple[str, ...]:
    if judged is None:
        return (UNREADABLE,)
    return tuple(dict.fromkeys(one.rule for one in judged.verdict.errors))


def _intent(answer: Answer, template: Suggestion) -> Intent:
    """The model's, unless it takes a complaint for something else."""
    if answer.intent is None or (template.intent in DISPLEASED and answer.intent not in DISPLEASED):
        return template.intent
    return answer.intent


def _sentiment(answer: Answer, template: Suggestion) -> Sentiment:
    if answer.sentiment is None or template.sentiment == Sentiment.NEGATIVE:
        return Sentiment(template.sentiment)
    return answer.sentiment


_AGREED, _DISAGREED, _REPAIRED, _UNPROVED, _TALKED_TO, _MOST = 0.1, 0.7, 0.85, 0.9, 0.7, 0.97


def _confidence(answer: Answer, template: Suggestion, claims: Sequence[Claim], *, repaired: bool) -> float:
    """The model's word and ours together: more where both agree, less for whatever speaks against the reply."""
    if answer.intent is template.intent:
        sure = (answer.confidence + template.confidence) / 2 + _AGREED
    else:
        sure = min(answer.confidence, template.confidence) * _DISAGREED
    if repaired:
        sure *= _REPAIRED
    if len(claims) < len(answer.claims):
        sure *= _UNPROVED
    if template.injection >= SUSPICIOUS:
        sure *= _TALKED_TO
    return round(min(_MOST, max(0.0, sure)), 2)
