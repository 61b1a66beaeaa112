"""Which message read back is which reply of ours (docs/delivery.md, rules 4 and 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.text import folded
from agentiq_core.store import echoes
from agentiq_core.store.echoes import Awaiting, Echo

BEFORE = timedelta(seconds=5)
"""How much earlier than our attempt a marketplace's clock may put the message."""
AFTER = timedelta(minutes=5)
"""How much later."""
SAME_MOMENT = timedelta(seconds=2)
"""A reference time and its echo are the same message within this (WB does not document that they are equal)."""


def pair(replies: Iterable[Awaiting], echoes: Iterable[Echo]) -> list[tuple[Awaiting, Echo]]:
    """Join echoes to replies: same chat, same text, fitting time. Each echo joins one reply, oldest first.

    A reply whose time at the marketplace is known takes only the echo of that moment, before the others choose. One that
    a person gave up on leaves to the one that was sent again instead of it whatever came after that one's attempt.
    """
    free = sorted(echoes, key=lambda echo: (echo.sent_at, echo.external_id))
    waiting = sorted(replies, key=lambda reply: (reply.accepted_at is None, reply.attempted_at, reply.id))
    pairs: list[tuple[Awaiting, Echo]] = []

    def join(reply: Awaiting, fitting: list[Echo]) -> None:
        if not fitting:
            return
        chosen = fitting[0]
        if reply.accepted_at is not None:
            accepted = reply.accepted_at
            chosen = min(fitting, key=lambda echo: (abs(echo.sent_at - accepted), echo.external_id))
        free.remove(chosen)
        waiting.remove(reply)
        pairs.append((reply, chosen))

    for reply in list(waiting):
        wanted = [other for other in waiting if _is_later(other, reply)]
        join(reply, [echo for echo in free if _fits(reply, echo) and not _came_after(wanted, echo)])
    for reply in list(waiting):
        join(reply, [echo for echo in free if _fits(reply, echo)])
    return pairs


def _is_later(other: Awaiting, reply: Awaiting) -> bool:
    """Whether `reply` was given up, and `other` may be what was sent instead."""
    given_up = OutboxState.CANCELLED
    return (
        reply.state is given_up and other.state is not given_up and other.attempted_at >= reply.attempted_at
    )


def _came_after(replies: Iterable[Awaiting], echo: Echo) -> bool:
    return any(_fits(reply, echo) and reply.attempted_at <= echo.sent_at for reply in replies)


def _fits(reply: Awaiting, echo: Echo) -> bool:
    if reply.chat_id != echo.chat_id:
        return False
    if reply.reference is not None:
        # a marketplace that tells the message's id leaves nothing to guess
        return reply.reference == echo.external_id
    same = echo.has_files if reply.is_file else folded(reply.body) == folded(echo.body)
    if not same:
        return False
    if reply.accepted_at is not None and not echo.is_answer:
        return abs(echo.sent_at - reply.accepted_at) <= SAME_MOMENT
    if echo.is_answer:
        # told without a time: it was there before it was read, however long after the attempt that was
        return reply.attempted_at - BEFORE <= echo.sent_at
    return reply.attempted_at - BEFORE <= echo.sent_at <= reply.attempted_at + AFTER


async def join_echoes(session: AsyncSession, seller_id: int, chats: Sequence[int]) -> int:
    """Join what was read back in these conversations; how many replies were confirmed. Call it with them locked."""
    if not chats:
        return 0
    replies = await echoes.awaiting_echo(session, seller_id, chats)
    if not replies:
        return 0
    since = min(min(reply.attempted_at, reply.accepted_at or reply.attempted_at) for reply in replies)
    read = await echoes.unjoined_echoes(session, seller_id, chats, since - BEFORE)
    pairs = pair(replies, read)
    for reply, echo in pairs:
        await echoes.join(session, seller_id, reply, echo)
    return len(pairs)
