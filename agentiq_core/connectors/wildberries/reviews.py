"""One seller's line to the reviews of Wildberries."""

from __future__ import annotations

from typing import Final

from agentiq_core.connectors.base import GoAhead
from agentiq_core.connectors.wildberries.feedbacks import AnsweredOnce, Lists
from agentiq_core.connectors.wildberries.limits import ARCHIVED_AFTER, REVIEW, REVIEW_ANSWER, REVIEW_EDIT
from agentiq_core.connectors.wildberries.mapping_feedbacks import review_of
from agentiq_core.connectors.wildberries.places import Shelf
from agentiq_core.domain.messages import Channel

LIST_PATH: Final = "/api/v1/feedbacks"
ARCHIVE_PATH: Final = "/api/v1/feedbacks/archive"
ONE_PATH: Final = "/api/v1/feedback"
ANSWER_PATH: Final = "/api/v1/feedbacks/answer"
_LAST_SKIP: Final = 199_990


class WildberriesReviews(AnsweredOnce):
    """Implements `Connector`. An answer is posted once, an edit of it is another method."""

    channel = Channel.REVIEW
    capabilities = REVIEW

    def _open_lists(self) -> Lists:
        return Lists(
            self._caller,
            Channel.REVIEW,
            {Shelf.WAITING: LIST_PATH, Shelf.HANDLED: LIST_PATH, Shelf.ARCHIVE: ARCHIVE_PATH},
            ONE_PATH,
            review_of,
            self._clock,
            last_skip=_LAST_SKIP,
            gives_up_after=ARCHIVED_AFTER,
        )

    async def _write(self, external_id: str, text: str, *, edit: bool, go_ahead: GoAhead | None) -> None:
        """204 without a body, also for an id that stands for nothing (WB API, feedbacks/answer)."""
        method, verb = (REVIEW_EDIT, "PATCH") if edit else (REVIEW_ANSWER, "POST")
        answer = {"id": external_id, "text": text}
        await self._caller.once(method, verb, ANSWER_PATH, go_ahead=go_ahead, json=answer)
