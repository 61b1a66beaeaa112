"""Learning from people: what became of a suggestion, told in the transaction of the reply; a person's word against one."""

from __future__ import annotations

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.learning import Outcome, RejectionReason, edits, outcome_of
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.store import learning

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
            raise Rejected(f"a reason has at most {LONGEST_WORDS} characters", most=LONGEST_WORDS)
        async with self._engine.store.transaction() as session:
            await learning.reject(session, ref, suggestion_id, reason, words.strip())


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
