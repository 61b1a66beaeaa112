"""What people say against suggestions, without a database, for tests of the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.learning import RejectionReason
from agentiq_core.domain.views import ChatRef

if TYPE_CHECKING:
    from tests.tui.scripted import ScriptedDesk


class ScriptedLearning:
    """`rejected` is what was said; `failing` is raised once."""

    def __init__(self, desk: ScriptedDesk) -> None:
        self._desk = desk
        self.rejected: list[tuple[ChatRef, int, RejectionReason, str]] = []
        self.taken_back: list[tuple[ChatRef, int]] = []
        self.failing: AgentIQError | None = None

    async def reject(
        self, ref: ChatRef, suggestion_id: int, reason: RejectionReason, words: str = ""
    ) -> None:
        if self.failing is not None:
            error, self.failing = self.failing, None
            raise error
        self.rejected.append((ref, suggestion_id, reason, words))
        self._says(ref, reason.value)

    async def take_back(self, ref: ChatRef, suggestion_id: int) -> bool:
        self.taken_back.append((ref, suggestion_id))
        return self._says(ref, None)

    def _says(self, ref: ChatRef, reason: str | None) -> bool:
        chat = self._desk.chats[ref]
        was = chat.suggestion
        chat.suggestion = replace(was, rejected=reason) if was is not None else None
        return was is not None and was.rejected is not None
