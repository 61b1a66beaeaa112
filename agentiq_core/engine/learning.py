"""Learning from people: what became of a suggestion, told in the transaction of the reply; a person's word against one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.ai.masking import Masks
from agentiq_core.ai.templates import first_name
from agentiq_core.connectors.registry import capabilities
from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.learning import Outcome, RejectionReason, edits, outcome_of
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.engine.guard_rules import own_rules
from agentiq_core.guardrails import check
from agentiq_core.guardrails.own_rules import RuleSet
from agentiq_core.language.lemmas import lemmas
from agentiq_core.store import examples, learning, suggestions
from agentiq_core.store import messages as stored
from agentiq_core.store.examples import NewExample
from agentiq_core.store.statistics import DeliveredReply

LONGEST_WORDS = 500


class Learning:
    """What front ends say of suggestions (`Desk.learning`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def reject(
        self, ref: ChatRef, suggestion_id: int, reason: RejectionReason, words: str = ""
    ) -> None:
        """This suggestion is no good. `words` are the person's own, at most 500 characters; the last word counts.

        Raises `NotFound`, `Rejected` for longer words, `Forbidden` for a viewer.
        """
        self._engine.access.only_writers()
        if len(words) > LONGEST_WORDS:
            raise Rejected(f"a reason has at most {LONGEST_WORDS} characters", longest_reason=LONGEST_WORDS)
        async with self._engine.store.transaction() as session:
            await learning.reject(session, ref, suggestion_id, reason, words.strip())

    async def take_back(self, ref: ChatRef, suggestion_id: int) -> bool:
        """The word against this suggestion is no word any more, whoever said it: the last one counts here too.

        False when there is none. Raises `Forbidden` for a viewer.
        """
        self._engine.access.only_writers()
        async with self._engine.store.transaction() as session:
            return await learning.take_back(session, ref, suggestion_id)


async def keep_examples(session: AsyncSession, delivered: Iterable[DeliveredReply]) -> int:
    """Keep, masked, what people sent of suggestions and what reached its buyer without a guardrail broken; how many came in.

    Called by what counts deliveries, never on the way of a reply; the same reply twice is one example.
    """
    kept = 0
    rules: dict[int, RuleSet] = {}
    for reply in delivered:
        if reply.suggestion_id is None or reply.intent is None or reply.automatic or reply.overridden:
            continue
        ref = ChatRef(reply.seller_id, reply.chat_id)
        asked = await learning.question(session, ref, reply.suggestion_id)
        if not asked:
            continue
        address = await stored.address(session, ref)
        if reply.seller_id not in rules:
            rules[reply.seller_id] = await own_rules(session, reply.seller_id)
        limit = capabilities(address.marketplace, address.channel).text_limit
        # morphology: off the event loop
        verdict = await asyncio.to_thread(
            check,
            reply.body,
            channel=address.channel,
            buyer_texts=asked,
            limit=limit,
            marketplace=address.marketplace,
            own=rules[reply.seller_id],
        )
        if verdict.violations:
            continue
        buyer, _ = await suggestions.named(session, ref)
        body = nameless(reply.body, first_name(buyer))
        if body is None:
            continue
        await examples.add(
            session, await asyncio.to_thread(_example, reply, reply.intent, "\n".join(asked), body)
        )
        kept += 1
    return kept


def nameless(body: str, name: str | None) -> str | None:
    """A reply without the buyer's name at its beginning; None when it names them elsewhere: the next one has another name."""
    if name is None:
        return body
    said = body.removeprefix(f"{name}, ")
    if said != body:
        said = said[:1].upper() + said[1:]
    return None if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said) else said


def _example(reply: DeliveredReply, intent: str, asked: str, body: str) -> NewExample:
    question = Masks().mask(asked)
    words = dict.fromkeys(lemma for token in lemmas(question) for lemma in sorted(token.lemmas))
    return NewExample(
        seller_id=reply.seller_id,
        chat_id=reply.chat_id,
        reply_id=reply.outbox_id,
        intent=intent,
        question=question,
        reply=Masks().mask(body),
        lemmas=" ".join(words),
    )


async def weigh(
    session: AsyncSession, ref: ChatRef, reply_id: int, body: str, suggestion_id: int | None
) -> Outcome | None:
    """Note what a person's reply made of the suggestion that stood beside it, as part of the reply's transaction.

    Whatever the front end says: the suggestion that it names, or the one for what the buyer asked last, is compared with
    what is sent. None when the reply has next to nothing of it, or there was none.
    """
    suggestion = await learning.offered(session, ref, suggestion_id)
    if suggestion is None:
        return None
    # long texts take milliseconds: off the event loop
    outcome = await asyncio.to_thread(outcome_of, suggestion.body, body)
    if outcome is None:
        return None
    difference = await asyncio.to_thread(edits, suggestion.body, body) if outcome is Outcome.EDITED else ()
    await learning.record(session, ref, suggestion, reply_id, outcome, difference)
    return outcome
