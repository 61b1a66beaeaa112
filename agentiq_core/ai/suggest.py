"""A ready reply to a conversation: intent, template, guardrails. Pure: the same context gives the same suggestion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from agentiq_core.ai.injection import injection
from agentiq_core.ai.intents import Classification, Intent, Sentiment, classify
from agentiq_core.ai.stop_classes import StopClass, stop_class
from agentiq_core.ai.templates import (
    ACKNOWLEDGEMENTS,
    REVIEW_ACKNOWLEDGEMENTS,
    SHORT_ACKNOWLEDGEMENT,
    first_name,
    render,
    short_title,
)
from agentiq_core.domain.messages import Channel, Message, Product
from agentiq_core.guardrails import Verdict, check
from agentiq_core.guardrails.own_rules import RuleSet

TEMPLATE, MODEL = "template", "model"
_STILL_GREETED = timedelta(hours=12)
_MOST_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class SuggestionContext:
    """All a suggestion may know. `messages` newest last; `limit` is the channel's, in characters."""

    chat_id: int
    buyer_name: str | None
    product: Product | None
    messages: tuple[Message, ...]
    limit: int
    now: datetime
    channel: str = "chat"
    stars: int | None = None
    snippets: tuple[str, ...] = ()
    """Approved texts that may support facts."""
    marketplace: str = "wildberries"
    order: tuple[str, ...] = ()
    """What is known of the order, a line each."""
    tone: str = ""
    """How the seller wants to sound, in his own words."""
    examples: tuple[Example, ...] = ()
    """Similar questions that this seller's people answered before, most similar first."""
    own_rules: RuleSet | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A question and the reply that a person accepted. Both masked."""

    question: str
    reply: str


class ClaimSource(StrEnum):
    """What a claim of a suggestion rests on."""

    CARD = "card"
    ORDER = "order"
    CONVERSATION = "conversation"
    SNIPPET = "snippet"


@dataclass(frozen=True, slots=True)
class Claim:
    """A stretch of a suggestion that states something, and the words that bear it out."""

    text: str
    source: ClaimSource
    words: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a model said of a conversation, and what asking it took. `latency` in seconds."""

    model: str
    recommendation: str
    categories: tuple[str, ...]
    urgency: str
    """`low`, `normal` or `high`."""
    analyzed_at: datetime
    claims: tuple[Claim, ...] = ()
    latency: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Decimal(0)
    repaired: bool = False
    broken_first: tuple[str, ...] = ()
    """Rules that the model's first try broke."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A reply on offer. `source` is "template" or "model"; a `stop_class` wants a person's own words."""

    text: str
    intent: Intent
    sentiment: str
    confidence: float
    source: str
    stop_class: StopClass | None
    evidence: tuple[str, ...]
    verdict: Verdict
    guardrails_version: str
    injection: float = 0.0
    """How much the buyer's words look like orders to a model, 0 to 1: a flag for people, never a bar."""
    analysis: Analysis | None = None
    """None when no model answered. A template has one too when the answer cost something and could not be offered."""
    failure: str | None = None
    """Why a model that was asked is not the source: a `Failure`, for people and statistics."""


def suggest(context: SuggestionContext) -> Suggestion:
    """The reply to offer: the first wording for the intent that passes the guardrails, else an acknowledgement."""
    asked = unanswered(context.messages)
    meaning = _pleased(context, classify(asked))
    stopped = stop_class(asked)
    candidates = _acknowledgements(context) if stopped else _wordings(context, meaning)
    text, verdict = _first_that_passes(context, asked, candidates)
    return Suggestion(
        text=text,
        intent=meaning.intent,
        sentiment=meaning.sentiment.value,
        confidence=meaning.confidence,
        source=TEMPLATE,
        stop_class=stopped,
        evidence=meaning.evidence[:_MOST_EVIDENCE],
        verdict=verdict,
        guardrails_version=verdict.version,
        injection=injection(_foreign(context)),
    )


def _foreign(context: SuggestionContext) -> Iterator[str]:
    """Whatever others than the seller may have written."""
    for message in context.messages:
        if message.asks:
            yield message.text
        yield from (one.name or "" for one in message.attachments)
    yield (context.product.title or "") if context.product else ""
    yield context.buyer_name or ""
    yield from (*context.order, *context.snippets)


def unanswered(messages: Sequence[Message]) -> tuple[str, ...]:
    """The buyer's texts after the last answer of a person; his last one when there are none."""
    ordered = sorted(messages, key=lambda message: message.order)
    waiting: list[str] = []
    last = ""
    for message in ordered:
        if message.is_answer:
            waiting = []
        elif message.asks and message.words.strip():
            last = message.words
            waiting.append(last)
    return tuple(waiting) or ((last,) if last else ())


def was_greeted(context: SuggestionContext) -> bool:
    """Whether a person of the shop wrote so lately that a greeting would be one too many."""
    return any(
        context.now - message.sent_at < _STILL_GREETED for message in context.messages if message.is_answer
    )


def facts_of(context: SuggestionContext) -> tuple[str, ...]:
    """The texts that may support a fact: card, order, conversation, snippets."""
    product = context.product
    card = (product.title, product.size, product.order_id, _price(product)) if product is not None else ()
    said = (message.text for message in context.messages)
    return tuple(
        text for text in (context.buyer_name, *card, *context.order, *said, *context.snippets) if text
    )


DISPLEASED: Final = frozenset(
    {
        Intent.DEFECT,
        Intent.WRONG_ITEM,
        Intent.INCOMPLETE,
        Intent.COMPLAINT,
        Intent.LATE_DELIVERY,
        Intent.RETURN_REQUEST,
        Intent.REFUND_STATUS,
        Intent.EXCHANGE,
    }
)
"""Intents of a buyer who is not content."""
CONTENT_FROM: Final = 4
"""Stars from which on a buyer is content."""


def _pleased(context: SuggestionContext, meaning: Classification) -> Classification:
    """A review with four or five stars and no complaint in it is thanked for, whatever good or price it names."""
    happy = context.channel == Channel.REVIEW and (context.stars or 0) >= CONTENT_FROM
    if not happy or meaning.intent in DISPLEASED or meaning.sentiment is Sentiment.NEGATIVE:
        return meaning
    return replace(meaning, intent=Intent.THANKS, sentiment=Sentiment.POSITIVE)


def _price(product: Product) -> str | None:
    return None if product.price is None else f"{product.price / 100:g}"


def _wordings(context: SuggestionContext, meaning: Classification) -> Iterator[str]:
    answers = [message for message in context.messages if message.is_answer]
    greeted = was_greeted(context)
    turn = context.chat_id + len(answers)
    name = first_name(context.buyer_name)
    title = short_title(context.product.title if context.product else None)
    if context.channel == Channel.REVIEW and meaning.intent is not Intent.THANKS:
        # the wordings for chats ask for photos and go on talking
        yield from _acknowledgements(context)
        return
    for said_name, said_title in dict.fromkeys([(name, title), (name, None), (None, None)]):
        yield render(meaning.intent, turn, said_name, said_title, greeted)
    yield from _acknowledgements(context)


def _acknowledgements(context: SuggestionContext) -> Iterator[str]:
    texts = REVIEW_ACKNOWLEDGEMENTS if context.channel == Channel.REVIEW else ACKNOWLEDGEMENTS
    turn = context.chat_id % len(texts)
    yield from (*texts[turn:], *texts[:turn])
    yield SHORT_ACKNOWLEDGEMENT


def _first_that_passes(
    context: SuggestionContext, asked: Sequence[str], candidates: Iterator[str]
) -> tuple[str, Verdict]:
    facts = facts_of(context)
    for text in candidates:
        verdict = check(
            text,
            channel=context.channel,
            buyer_texts=asked,
            facts=facts,
            limit=context.limit,
            suggestion=True,
            marketplace=context.marketplace,
            own=context.own_rules,
        )
        if verdict.allowed:
            break
    return text, verdict
