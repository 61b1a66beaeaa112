"""Suggestions as soon as a buyer's message lands, not when somebody opens the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from agentiq_core.ai.languages import RUSSIAN, language_of
from agentiq_core.ai.suggest import Suggestion, SuggestionContext, suggest, unanswered
from agentiq_core.connectors.registry import capabilities
from agentiq_core.domain.errors import NoModel, Rejected
from agentiq_core.domain.suggesting import LONGEST_WISH
from agentiq_core.domain.text import inert_line
from agentiq_core.domain.views import ChatRef, ViolationView
from agentiq_core.engine.context import Engine
from agentiq_core.engine.guard_rules import own_rules
from agentiq_core.guardrails.own_rules import RuleSet
from agentiq_core.guardrails.verdict import Violation
from agentiq_core.store import models, passes, suggestions
from agentiq_core.store.suggestions import Asked, NewSuggestion

BATCH = 20
MODEL_WITHIN = timedelta(days=3)
"""How old a question may be for a model to be asked without being told to: a first sync brings months of them, and most of
those nobody will open. An older one is asked about when somebody does."""


async def suggest_missing(engine: Engine, seller_id: int | None = None) -> int:
    """Write a suggestion for conversations that wait without one, most pressing first; how many were written.

    At most `BATCH` a call, so that a first sync does not hold a worker for long: call again while it returns BATCH.
    """
    async with engine.store.transaction() as session:
        lacking = await suggestions.lacking(session, seller_id, BATCH)
    return await suggest_for(engine, lacking)


async def suggest_for(engine: Engine, refs: Sequence[ChatRef], *, told: bool = False) -> int:
    """Write the suggestion of these conversations anew; how many were written. `told`: a person wants them, however old."""
    if not refs:
        return 0
    async with engine.store.transaction() as session:
        asked = await suggestions.context(session, refs)
        own = {seller: await own_rules(session, seller) for seller in {ref.seller_id for ref in refs}}
    # morphology is pure Python: off the event loop, so that a key press is never behind it
    made = await asyncio.to_thread(_suggest_all, asked, own, engine.clock())
    async with engine.store.transaction() as session:
        modelled = {seller for seller, its in (await models.every(session)).items() if its.enabled}
        fresh = {one.ref for one in asked if told or engine.clock() - _asked_at(one) <= MODEL_WITHIN}
        # in the order in which a pull holds conversations, so that no two wait in a ring
        for new in sorted(made, key=lambda one: one.ref):
            await suggestions.store(session, new, wanted=new.ref in fresh and _for_model(new, modelled))
    return len(made)


async def suggest_anew(engine: Engine, ref: ChatRef, wish: str = "") -> None:
    """Write one conversation's suggestion anew; with a wish the one on offer stays until a model has fulfilled it.

    Raises `NoModel`, `Rejected`.
    """
    wish = inert_line(wish).strip()
    if not wish:
        await suggest_for(engine, [ref], told=True)
        return
    if len(wish) > LONGEST_WISH:
        raise Rejected(f"a wish has at most {LONGEST_WISH} characters", longest_wish=LONGEST_WISH)
    engine.access.only_writers()
    async with engine.store.transaction() as session:
        settings = await models.get(session, ref.seller_id)
        if settings is None or not settings.enabled:
            raise NoModel("this seller has no language model", reason="none")
        await passes.want(session, ref, wish)


def _asked_at(one: Asked) -> datetime:
    """When the newest question was asked, by the marketplace's clock."""
    times = (message.sent_at for message in reversed(one.messages) if message.external_id == one.asked)
    return next(times, one.messages[-1].sent_at)


def _for_model(new: NewSuggestion, modelled: set[int]) -> bool:
    """A person answers what no model may."""
    return new.ref.seller_id in modelled and new.stop_class is None


def as_view(violation: Violation) -> ViolationView:
    """A violation as screens and the database keep it."""
    return ViolationView(violation.rule, violation.severity, violation.start, violation.end, violation.reason)


def _suggest_all(asked: Sequence[Asked], own: Mapping[int, RuleSet], now: datetime) -> list[NewSuggestion]:
    made = []
    for one in asked:
        context = context_of(one, own.get(one.ref.seller_id), now)
        made.append(row_of(one.ref, one.asked, suggest(context), language_of(unanswered(context.messages))))
    return made


def context_of(asked: Asked, own: RuleSet | None, now: datetime) -> SuggestionContext:
    """What is stored of a conversation, as a suggestion rests on it."""
    return SuggestionContext(
        chat_id=asked.ref.chat_id,
        buyer_name=asked.buyer_name,
        product=asked.product,
        messages=asked.messages,
        limit=capabilities(asked.marketplace, asked.channel).text_limit,
        channel=asked.channel,
        stars=asked.stars,
        snippets=asked.card,
        now=now,
        marketplace=asked.marketplace,
        own_rules=own,
    )


def row_of(ref: ChatRef, asked: str, suggestion: Suggestion, language: str = RUSSIAN) -> NewSuggestion:
    """A suggestion as it is kept. `asked` names the buyer's message that it answers."""
    analysis = suggestion.analysis
    kept = NewSuggestion(
        ref=ref,
        asked=asked,
        body=suggestion.text,
        intent=str(suggestion.intent),
        sentiment=str(suggestion.sentiment),
        confidence=suggestion.confidence,
        source=suggestion.source,
        stop_class=str(suggestion.stop_class) if suggestion.stop_class else None,
        evidence=suggestion.evidence,
        violations=[asdict(as_view(violation)) for violation in suggestion.verdict.violations],
        guardrails=suggestion.guardrails_version,
        injection=suggestion.injection,
        language=language,
        failure=suggestion.failure,
    )
    if analysis is None:
        return kept
    return replace(
        kept,
        model=analysis.model,
        latency=analysis.latency,
        tokens_in=analysis.tokens_in,
        tokens_out=analysis.tokens_out,
        cost=analysis.cost,
        recommendation=analysis.recommendation or None,
        categories=analysis.categories,
        urgency=analysis.urgency,
        claims=[
            {"text": one.text, "source": one.source.value, "words": one.words} for one in analysis.claims
        ],
        analyzed_at=analysis.analyzed_at,
        repaired=analysis.repaired,
        broken_first=analysis.broken_first,
    )
