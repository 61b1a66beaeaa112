"""What a model does for the operator's eyes: a long conversation in a few lines, words of another language in Russian.

It is asked by this machine, while somebody waits, with the seller's money and key as suggestions are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from agentiq_core.ai.model import Completion, Failure, Model, ModelFailed
from agentiq_core.ai.suggest import SuggestionContext
from agentiq_core.ai.summary import summarize
from agentiq_core.ai.translation import translate_message, translate_reply
from agentiq_core.domain.errors import NoModel, NotFound, Unheard
from agentiq_core.domain.views import ChatRef, ViolationView
from agentiq_core.engine.context import Engine
from agentiq_core.engine.guard_rules import own_rules
from agentiq_core.engine.model_lines import currency_of, dearest
from agentiq_core.engine.suggest import as_view, context_of
from agentiq_core.store import models, spending, suggestions

MESSAGES = 60
_ANSWERED = frozenset({Failure.UNREADABLE, Failure.BROKE_RULES})


class Answered(Protocol):
    """What asking a model gave, with what it took."""

    @property
    def completion(self) -> Completion:
        """The last answer."""
        ...


T = TypeVar("T", bound=Answered)


@dataclass(frozen=True, slots=True)
class Translated:
    """A text in another language. `language` is the buyer's (ISO 639-1); `violations` what the guardrails say of a reply."""

    text: str
    language: str
    violations: tuple[ViolationView, ...] = ()


async def summary(engine: Engine, ref: ChatRef) -> tuple[str, ...]:
    """A conversation in up to five lines. Raises `NotFound`, what `ask` raises."""
    context = await _context(engine, ref)
    return (await ask(engine, ref.seller_id, lambda model: summarize(model, context))).lines


async def translation(engine: Engine, ref: ChatRef, message_id: str) -> Translated:
    """A message in Russian. Raises `NotFound`, what `ask` raises."""
    async with engine.store.transaction() as session:
        text = await suggestions.words(session, ref, message_id)
    made = await ask(engine, ref.seller_id, lambda model: translate_message(model, text))
    return Translated(made.text, made.language)


async def reply_translation(engine: Engine, ref: ChatRef, reply: str) -> Translated:
    """A reply in the language that the buyer writes. Raises `NotFound`, what `ask` raises."""
    context = await _context(engine, ref)
    made = await ask(engine, ref.seller_id, lambda model: translate_reply(model, reply, context))
    found = made.verdict.violations if made.verdict else ()
    return Translated(made.text, made.language, tuple(as_view(one) for one in found))


async def ask(engine: Engine, seller_id: int, question: Callable[[Model], Awaitable[T]]) -> T:
    """Ask a seller's model from this machine, within the day's money.

    Raises `NoModel` (with a reason: none, no key, over budget), `Unheard` with a word of `ai.model.Failure`, `Misconfigured`,
    `VaultLocked`, `Forbidden` for a viewer.
    """
    engine.access.only_writers()
    async with engine.store.transaction() as session:
        settings = await models.get(session, seller_id)
    if settings is None or not settings.enabled:
        raise NoModel("this seller has no language model", reason="none")
    model = await engine.models.reach(settings)
    if model is None:
        raise NoModel("this machine has no key for this seller's model", reason="no key")
    async with engine.store.transaction() as session:
        reserved = await spending.reserve(
            session, seller_id, model.name, dearest(settings), currency_of(settings)
        )
        limit = settings.daily_budget
        if limit is not None and await spending.spent(session, seller_id) > limit:
            raise NoModel("the day's money for the model is spent", reason="over budget")
    try:
        answered = await question(model)
    except ModelFailed as failed:
        # an answer that is of no use is paid for all the same: what was reserved stays counted
        if failed.failure not in _ANSWERED:
            async with engine.store.transaction() as session:
                await spending.release(session, reserved)
        raise Unheard("the model gave no answer", failure=failed.failure.value) from None
    took = answered.completion
    async with engine.store.transaction() as session:
        await spending.settle(
            session, reserved, cost=took.cost, tokens_in=took.tokens_in, tokens_out=took.tokens_out
        )
    return answered


async def _context(engine: Engine, ref: ChatRef) -> SuggestionContext:
    async with engine.store.transaction() as session:
        found = await suggestions.context(session, [ref], MESSAGES, answered=True)
        own = await own_rules(session, ref.seller_id)
    if not found:
        raise NotFound(f"there is no conversation {ref.chat_id}", chat=ref.chat_id)
    return context_of(found[0], own, engine.clock())
