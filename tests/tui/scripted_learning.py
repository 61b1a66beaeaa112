"""What people say against suggestions, without a database, for tests of the screen."""

from __future__ import annotations

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.learning import RejectionReason
from agentiq_core.domain.views import ChatRef


class ScriptedLearning:
    """`rejected` is what was said; `failing` is raised once."""

    def __init__(self) -> None:
        self.rejected: list[tuple[ChatRef, int, RejectionReason, str]] = []
        self.failing: AgentIQError | None = None

    async def reject(
        self, ref: ChatRef, suggestion_id: int, reason: RejectionReason, words: str = ""
    ) -> None:
        if self.failing is not None:
            error, self.failing = self.failing, None
            raise error
        self.rejected.append((ref, suggestion_id, reason, words))
