"""Replies that leave by themselves, through the same outbox as everybody's: docs/automatic-replies.md says which may."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.ai.automation import NEVER, Circumstances, held
from agentiq_core.ai.intents import Intent
from agentiq_core.domain.automation import (
    Automation,
    AutomationRecord,
    AutomationReport,
    AutomationSettings,
    Held,
    Mode,
)
from agentiq_core.domain.errors import (
    DuplicateReply,
    GuardrailBlocked,
    NoReplyThere,
    NotFound,
    Rejected,
    StaleConversation,
    TextTooLong,
    WindowClosed,
)
from agentiq_core.domain.learning import likeness
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.engine.jobs import Dispatch
from agentiq_core.engine.replies import abilities, queue_reply, violations
from agentiq_core.store import automation, sellers
from agentiq_core.store.automation import Situation

BATCH = 50
LARGEST_CAP = 10_000
MOST_PER_CHAT = 20
_REPLIES_BY_QUESTION = UUID("5d8f5f0e-6a54-4c0e-9a8e-0d7a3f6b1c00")
_SAME_AS: tuple[tuple[type[Rejected], Held], ...] = (
    (GuardrailBlocked, Held.VIOLATION),
    (TextTooLong, Held.VIOLATION),
    (NoReplyThere, Held.CLOSED),
    (WindowClosed, Held.CLOSED),
    (DuplicateReply, Held.UNDER_WAY),
    # the database lets none out: it was stopped or turned off at this moment
    (Rejected, Held.STOPPED),
)


class DeskAutomation:
    """What a seller lets leave by itself, and what came of it (`Desk.automation`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def settings(self, seller_id: int) -> AutomationSettings:
        """What a seller allows. Raises `NotFound`."""
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            return await automation.settings(session, seller_id)

    async def set(self, seller_id: int, allowed: Automation) -> None:
        """Allow this for an intent; what waits to leave and no longer may is taken back.

        Raises `NotFound`, `Forbidden` unless an admin asks, `Rejected` for an intent that only people answer and for limits
        that are none.
        """
        self._engine.access.only_admins()
        if allowed.intent not in set(Intent):
            raise Rejected(f"no intent is called {allowed.intent!r}", known=", ".join(Intent))
        if allowed.intent in NEVER and allowed.mode is Mode.ON:
            raise Rejected(f"only people answer {allowed.intent}", only_people=allowed.intent)
        if not 0 <= allowed.daily_cap <= LARGEST_CAP or not 0 <= allowed.least_confidence <= 1:
            raise Rejected(f"a cap is 0 to {LARGEST_CAP}, a confidence 0 to 1", largest_cap=LARGEST_CAP)
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            await automation.put(session, seller_id, allowed)
            if allowed.mode is not Mode.ON:
                await automation.withdraw_all(session, seller_id, allowed.intent)

    async def stop(self, seller_id: int) -> int:
        """Nothing of this seller leaves by itself from this moment on; how many that waited were taken back.

        Raises `NotFound`, `Forbidden` for a viewer.
        """
        self._engine.access.only_writers()
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            await automation.switch(session, seller_id, stopped=True)
            return await automation.withdraw_all(session, seller_id)

    async def stop_all(self) -> tuple[int, int]:
        """Nothing leaves by itself in any shop that this operator sees: how many shops, and how many replies were taken back.

        All of them or none. Raises `Forbidden` for a viewer.
        """
        self._engine.access.only_writers()
        taken = 0
        async with self._engine.store.transaction() as session:
            shops = await sellers.every(session)
            for shop in shops:
                assert shop.id is not None
                await automation.switch(session, shop.id, stopped=True)
                taken += await automation.withdraw_all(session, shop.id)
        return len(shops), taken

    async def resume(self, seller_id: int, *, per_chat: int | None = None) -> None:
        """What is allowed may leave again, at most `per_chat` in a conversation and day. Questions of the meantime are people's.

        Raises `NotFound`, `Forbidden` unless an admin asks, `Rejected` for a `per_chat` that is not 1 to 20.
        """
        self._engine.access.only_admins()
        if per_chat is not None and not 1 <= per_chat <= MOST_PER_CHAT:
            raise Rejected(f"1 to {MOST_PER_CHAT} a conversation and day", most_per_chat=MOST_PER_CHAT)
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            await automation.switch(session, seller_id, stopped=False, per_chat=per_chat)

    async def report(
        self, seller_id: int, *, before: datetime | None = None, limit: int = BATCH
    ) -> AutomationReport:
        """What was decided, newest first, beside what people sent. Raises `NotFound`."""
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            records = await automation.records(session, seller_id, before, limit + 1)
        page = await asyncio.to_thread(_compared, records[:limit])
        counts = Counter(reason for record in page for reason in record.reasons)
        return AutomationReport(
            tuple(page), page[-1].at if len(records) > limit else None, tuple(counts.most_common())
        )


async def consider(engine: Engine, dispatch: Dispatch, seller_id: int | None = None) -> int:
    """Decide of every question that has a suggestion and no decision yet; how many replies were queued."""
    queued = 0
    while True:
        async with engine.store.transaction() as session:
            refs = await automation.undecided(session, seller_id, BATCH)
        decided = [await _decided_now(engine, dispatch, ref) for ref in refs]
        queued += sum(decided)
        if len(refs) < BATCH or not any(decided):
            return queued


async def _decided_now(engine: Engine, dispatch: Dispatch, ref: ChatRef) -> bool:
    try:
        return await _decide(engine, dispatch, ref)
    except NotFound:
        # its seller went meanwhile
        return False


async def _decide(engine: Engine, dispatch: Dispatch, ref: ChatRef) -> bool:
    """Decide of one question and write it down; whether a reply was queued."""
    async with engine.store.transaction() as session:
        found = await automation.situation(session, ref)
        allowed = await automation.settings(session, ref.seller_id)
    if found is None:
        return False
    broken = len(await violations(engine, ref, found.body))
    reasons = _reasons(engine, found, allowed, broken)
    mode = allowed.of(found.intent).mode
    if mode is Mode.OFF or Held.STOPPED in reasons:
        # it was turned off a moment ago: nothing is written down, people answer
        return False
    client_id: UUID | None = None
    if mode is Mode.ON and not reasons:
        client_id = uuid5(_REPLIES_BY_QUESTION, f"{ref.seller_id}:{ref.chat_id}:{found.asked}")
        try:
            return await _send(engine, dispatch, ref, found, broken, client_id)
        except _Decided as decided:
            reasons = decided.reasons
        except StaleConversation:
            # what came meanwhile is another question, with a suggestion of its own
            return False
        except Rejected as refused:
            reasons = (next(why for kind, why in _SAME_AS if isinstance(refused, kind)),)
        if not reasons:
            return False
    async with engine.store.transaction() as session:
        await automation.log(session, ref, found, mode, reasons)
    return False


class _Decided(Exception):
    """The situation was another one when the conversation was held; without reasons, another worker was first, or there is
    another suggestion by now."""

    def __init__(self, reasons: tuple[Held, ...]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


async def _send(
    engine: Engine, dispatch: Dispatch, ref: ChatRef, found: Situation, broken: int, client_id: UUID
) -> bool:
    """Queue the reply; False when another worker has."""
    first = False

    async def still_may(session: AsyncSession) -> None:
        """In the transaction that queues the reply, with the conversation held: look again, and write down that it leaves."""
        nonlocal first
        await automation.alone(session, ref.seller_id, found.intent)
        now = await automation.situation(session, ref)
        if now is None or (now.asked, now.suggestion_id, now.body) != (
            found.asked,
            found.suggestion_id,
            found.body,
        ):
            raise _Decided(())
        reasons = _reasons(engine, now, await automation.settings(session, ref.seller_id), broken)
        if reasons:
            raise _Decided(reasons)
        if not await automation.log(session, ref, found, Mode.ON, (), client_id):
            raise _Decided(())
        first = True

    await queue_reply(
        engine,
        dispatch,
        ref,
        found.body,
        client_id=client_id,
        seen=found.newest,
        suggestion_id=found.suggestion_id,
        by_itself=still_may,
    )
    return first


def _reasons(engine: Engine, found: Situation, allowed: AutomationSettings, broken: int) -> tuple[Held, ...]:
    now = engine.clock()
    can_reply = abilities(engine, found.marketplace, found.channel).can_reply
    circumstances = Circumstances(
        intent=found.intent,
        sentiment=found.sentiment,
        confidence=found.confidence,
        source=found.source,
        stop_class=found.stop_class,
        violations=found.violations + broken,
        injection=found.injection,
        stars=found.stars,
        asked_at=found.asked_at,
        waits=found.waits,
        closed=found.closed(now) or not can_reply,
        files=found.files,
        person=found.person,
        assigned=found.assigned,
        under_way=found.under_way,
        last_automatic=found.last_automatic,
        chat_today=found.chat_today,
        today=found.today,
    )
    return held(circumstances, allowed, now)


def _compared(records: Sequence[AutomationRecord]) -> list[AutomationRecord]:
    return [
        replace(record, likeness=round(likeness(record.text, record.person_sent), 2))
        if record.person_sent is not None
        else record
        for record in records
    ]
