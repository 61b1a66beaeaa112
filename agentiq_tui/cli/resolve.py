"""`agentiq reply CHAT… --resolve`: a person's word on replies whose fate nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, ReplyView, Resolution

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk


async def resolve(
    desk: Desk, chats: Sequence[int], choice: Resolution, *, override: bool = False
) -> list[tuple[ChatRef, ReplyView]]:
    """Decide about the undecided reply of each conversation; what became of it, in their order.

    Raises `NotFound` for the first conversation that has none; those before it are decided by then.
    """
    decided = []
    for chat in chats:
        ref = await desk.find(chat)
        replies = (await desk.conversation(ref, limit=1)).replies
        undecided = [reply for reply in replies if reply.state is OutboxState.NEEDS_OPERATOR]
        if not undecided:
            raise NotFound(f"no reply to conversation {chat} waits for a decision", undecided_in=chat)
        decided += [
            (ref, await desk.resolve(ref, reply.id, choice, override=override)) for reply in undecided
        ]
    return decided
