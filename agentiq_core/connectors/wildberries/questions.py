"""One seller's line to the questions about goods on Wildberries."""

from __future__ import annotations

from typing import Any, Final

from agentiq_core.connectors.answers import accepted
from agentiq_core.connectors.base import GoAhead
from agentiq_core.connectors.wildberries import wire_feedbacks as wire
from agentiq_core.connectors.wildberries.answers import refused_inside
from agentiq_core.connectors.wildberries.feedbacks import AnsweredOnce, Lists
from agentiq_core.connectors.wildberries.limits import QUESTION, QUESTION_CHANGE
from agentiq_core.connectors.wildberries.mapping_feedbacks import DECLINED, HANDLED, question_of
from agentiq_core.connectors.wildberries.places import Shelf
from agentiq_core.connectors.wildberries.shelves import ALL
from agentiq_core.domain.messages import Channel

LIST_PATH: Final = "/api/v1/questions"
ONE_PATH: Final = "/api/v1/question"
_LAST_SKIP: Final = 10_000 - ALL
"""`take` and `skip` are at most 10,000 together (WB API, questions)."""
_DECLINED_TEXT: Final = "Вопрос отклонён продавцом"
"""A rejection must carry a text, which nobody is shown (WB API, questions)."""


class WildberriesQuestions(AnsweredOnce):
    """Implements `Connector`. One method answers, edits, rejects and marks as viewed."""

    channel = Channel.QUESTION
    capabilities = QUESTION

    def _open_lists(self) -> Lists:
        return Lists(
            self._caller,
            Channel.QUESTION,
            {Shelf.WAITING: LIST_PATH, Shelf.HANDLED: LIST_PATH},
            ONE_PATH,
            question_of,
            self._clock,
            last_skip=_LAST_SKIP,
        )

    async def mark_read(self, chat_external_id: str, through: str) -> None:
        """Mark the question as viewed."""
        await self._change({"id": chat_external_id, "wasViewed": True})

    async def dismiss(self, chat_external_id: str) -> None:
        """Mark the question as viewed: Wildberries knows nothing closer, and goes on to list it as unanswered."""
        await self._change({"id": chat_external_id, "wasViewed": True})

    async def decline(self, chat_external_id: str) -> None:
        """Reject the question: buyers are not shown it any more."""
        await self._change({"id": chat_external_id, "answer": {"text": _DECLINED_TEXT}, "state": DECLINED})

    async def _write(self, external_id: str, text: str, *, edit: bool, go_ahead: GoAhead | None) -> None:
        await self._change({"id": external_id, "answer": {"text": text}, "state": HANDLED}, go_ahead=go_ahead)

    async def _change(self, change: dict[str, Any], go_ahead: GoAhead | None = None) -> None:
        answer = await self._caller.once(QUESTION_CHANGE, "PATCH", LIST_PATH, go_ahead=go_ahead, json=change)
        said = accepted(f"wildberries {QUESTION_CHANGE}", wire.ChangeAnswer, answer)
        if said.error:
            raise refused_inside(QUESTION_CHANGE, said.error_text)
