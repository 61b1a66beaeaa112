"""What a model is told of a conversation, put together from what the seller has."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from agentiq_core.ai.masking import Masks
from agentiq_core.ai.suggest import Example, SuggestionContext, unanswered
from agentiq_core.domain.suggesting import ModelSettings
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.engine.guard_rules import own_rules
from agentiq_core.engine.snippets import query
from agentiq_core.engine.suggest import context_of
from agentiq_core.language.lemmas import strange_words
from agentiq_core.store import examples, snippets, suggestions
from agentiq_core.store.suggestions import Asked

MOST_SNIPPETS, MOST_EXAMPLES = 5, 4
_LONGEST_QUESTION = 1_000


async def gathered(
    engine: Engine, ref: ChatRef, settings: ModelSettings, intent: str
) -> tuple[Asked, SuggestionContext] | None:
    """The conversation's last messages, card, order, the seller's snippets, examples and tone; None when nobody waits."""
    async with engine.store.transaction() as session:
        found = await suggestions.context(session, [ref])
        own = await own_rules(session, ref.seller_id)
    if not found:
        return None
    [asked] = found
    context = context_of(asked, own, engine.clock())
    question = "\n".join(unanswered(asked.messages))[-_LONGEST_QUESTION:]
    words, strange = await asyncio.to_thread(_searched, question)
    async with engine.store.transaction() as session:
        helpful = await snippets.for_question(
            session,
            ref.seller_id,
            channel=asked.channel,
            intent=intent,
            words=words,
            limit=MOST_SNIPPETS,
        )
        alike = await examples.similar(
            session, ref.seller_id, words=words, strange=strange, most=MOST_EXAMPLES
        )
    return asked, replace(
        context,
        snippets=(*(one.said.body for one in helpful), *context.snippets),
        examples=tuple(Example(one.question, one.reply) for one in alike),
        order=_order(asked),
        tone=settings.tone,
    )


def _searched(question: str) -> tuple[str, str]:
    """A question as examples are searched by: no secret of a buyer, as none is in them."""
    masked = Masks().mask(question)
    return query(masked), " ".join(strange_words(masked))


def _order(asked: Asked) -> tuple[str, ...]:
    product = asked.product
    if product is None:
        return ()
    lines = (
        f"Номер заказа: {product.order_id}" if product.order_id else "",
        f"Товар: {product.title}" if product.title and product.order_id else "",
    )
    return tuple(line for line in lines if line)
