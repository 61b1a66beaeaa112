"""Send one reply once: `sending` is committed before the first byte leaves, the outcome after (docs/delivery.md)."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.connectors.base import Receipt
from agentiq_core.connectors.errors import (
    BudgetSpent,
    ChannelClosed,
    KeyRefused,
    NotDelivered,
    OutcomeUnknown,
    RateLimited,
    Refused,
)
from agentiq_core.domain.errors import AgentIQError, StoreUnavailable, VaultLocked
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import OutboxState, Undelivered
from agentiq_core.domain.unforeseen import kind_and_place
from agentiq_core.domain.views import ChatRef, SellerState
from agentiq_core.engine.context import Engine
from agentiq_core.engine.guard_rules import own_rules
from agentiq_core.engine.lease import LostLease, kept
from agentiq_core.engine.reconcile import join_echoes
from agentiq_core.engine.standing import restate
from agentiq_core.guardrails import version_with
from agentiq_core.store import automation, outbox, sellers, sync, together
from agentiq_core.store import messages as stored
from agentiq_core.store.outbox import ClaimedReply, Outcome

log = logging.getLogger(__name__)

ATTEMPTS = 5
"""Automatic attempts for what surely did not arrive."""
SEND_SECONDS = 200.0
"""An attempt that takes longer than every time-out of a connector together is of unknown fate."""
LOOK_FOR_ECHO_AFTER = 2.0
_LONGEST_DELAY = 300.0
_ANOTHER_MACHINE = 30.0
"""Until a machine whose team key opens the seller's key tries."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How an attempt ended, and the channel in which its echo is looked for."""

    state: OutboxState
    channel: str


async def deliver(engine: Engine, ref: ChatRef) -> Delivered | None:
    """Make one attempt for the chat's next reply; how it ended, None when nothing may leave now."""
    claim = await _claim(engine, ref)
    if claim is None:
        return None
    reply, stale = claim
    if stale:
        return Delivered(OutboxState.FAILED, reply.address.channel)
    try:
        outcome = await _attempt(engine, ref, reply)
    except LostLease as lost:
        log.warning("reply %s did not leave: %s", reply.id, lost)
        return None
    async with engine.store.transaction() as session:
        await stored.lock_chats(session, ref.seller_id, [ref.chat_id])
        held = await outbox.finish(session, ref.seller_id, reply, engine.worker, outcome)
        if held and outcome.state is OutboxState.FAILED and reply.file_name is None:
            await together.fail_files(session, ref, reply.client_id, Undelivered.TEXT_NOT_SENT)
        if outcome.reason is Undelivered.KEY_REFUSED or outcome.reason is Undelivered.PAYMENT_REQUIRED:
            await sellers.set_state(
                session, ref.seller_id, SellerState.STOPPED, KeyRefused.code, outcome.detail
            )
        if outcome.state in (OutboxState.SENT, OutboxState.UNKNOWN):
            await sync.sooner(
                session, ref.seller_id, delay=LOOK_FOR_ECHO_AFTER, channel=reply.address.channel
            )
            # the echo may have been read while the answer was on its way
            await join_echoes(session, ref.seller_id, [ref.chat_id])
        await restate(session, ref.seller_id, [ref.chat_id], engine.clock())
    if not held:
        log.info("reply %s was settled by its echo before the answer came", reply.id)
    return Delivered(outcome.state, reply.address.channel)


async def _claim(engine: Engine, ref: ChatRef) -> tuple[ClaimedReply, bool] | None:
    """Claim the next reply, and say whether the conversation moved on meanwhile: then it is failed already."""
    async with engine.store.transaction() as session:
        await stored.lock_chats(session, ref.seller_id, [ref.chat_id])
        own = await own_rules(session, ref.seller_id)
        await automation.withdraw_unwanted(session, ref, version_with(own))
        claimed = await outbox.claim(session, ref, engine.worker, engine.settings.lease_seconds)
        if claimed is None:
            return None
        stale = not claimed.anyway and await _moved_on(session, ref, claimed)
        if stale:
            outcome = Outcome(OutboxState.FAILED, Undelivered.NEW_MESSAGE)
            await outbox.finish(session, ref.seller_id, claimed, engine.worker, outcome)
            # whoever reads what is new may want another text, and other files behind it
            await together.fail_files(session, ref, claimed.client_id, Undelivered.NEW_MESSAGE)
    return claimed, stale


async def _moved_on(session: AsyncSession, ref: ChatRef, claimed: ClaimedReply) -> bool:
    news = await outbox.newest_since(
        session, ref, claimed.seen, seen_reply=claimed.seen_reply, operator_id=claimed.operator_id
    )
    return news is not None


async def _attempt(engine: Engine, ref: ChatRef, reply: ClaimedReply) -> Outcome:
    async def renew(session: AsyncSession) -> bool:
        return await outbox.renew(session, ref.seller_id, reply, engine.worker, engine.settings.lease_seconds)

    async def go_ahead() -> None:
        # this machine may have slept, or waited for the database, while others gave the reply up
        async with engine.store.transaction() as session:
            lease = engine.settings.lease_seconds
            if not await outbox.leave(session, ref.seller_id, reply, engine.worker, lease):
                raise LostLease("its lease ended before the request was written")

    async with kept(engine, renew):
        try:
            line = await engine.lines.to(ref.seller_id)
            address = reply.address
            if address.closed(engine.clock()):
                return Outcome(OutboxState.FAILED, Undelivered.WINDOW_CLOSED)
            async with asyncio.timeout(SEND_SECONDS):
                receipt = await line.sending(address.channel).send(
                    address.external_id, reply.body, _files(reply), go_ahead=go_ahead
                )
        except LostLease:
            raise
        except Exception as error:  # noqa: BLE001 - whatever happened after the claim decides the reply's fate
            return outcome_of(error, reply.attempt)
    return _accepted(receipt, reply)


def outcome_of(error: BaseException, attempt: int) -> Outcome:
    """What an error means for the reply: only what surely did not arrive may leave again by itself (rule 3)."""
    match error:
        case BudgetSpent():
            # waiting in line is no attempt: a base key's tenth reply leaves after ten hours
            delay = backoff(error, attempt)
            return Outcome(OutboxState.QUEUED, error.reason, str(error), delay=delay, attempted=False)
        case NotDelivered():
            if attempt >= ATTEMPTS:
                return Outcome(OutboxState.FAILED, error.reason, str(error))
            return Outcome(OutboxState.QUEUED, error.reason, str(error), delay=backoff(error, attempt))
        case KeyRefused(reason=Undelivered.READ_ONLY_KEY):
            return Outcome(OutboxState.FAILED, error.reason, error.detail)
        case KeyRefused():
            # the seller stops; the reply waits for a working key instead of asking to be typed again
            return Outcome(OutboxState.QUEUED, error.reason, error.detail)
        case ChannelClosed():
            return Outcome(OutboxState.FAILED, error.reason, error.detail or str(error))
        case Refused():
            return Outcome(OutboxState.FAILED, error.reason, error.detail or str(error))
        case OutcomeUnknown():
            return Outcome(OutboxState.UNKNOWN, error.reason, str(error))
        case TimeoutError():
            return Outcome(OutboxState.UNKNOWN, Undelivered.NO_ANSWER, "the attempt took too long")
        case StoreUnavailable() if attempt < ATTEMPTS:
            # the database is asked before the request is written, never between that and the answer
            return Outcome(
                OutboxState.QUEUED, Undelivered.SELLER_UNAVAILABLE, str(error), delay=2.0 ** (attempt - 1)
            )
        case VaultLocked():
            # another machine of the team has the key
            return Outcome(
                OutboxState.QUEUED, Undelivered.SELLER_UNAVAILABLE, str(error), delay=_ANOTHER_MACHINE
            )
        case AgentIQError():
            # no line to the marketplace (seller gone): nothing left this machine
            return Outcome(OutboxState.FAILED, Undelivered.SELLER_UNAVAILABLE, str(error))
        case _:
            log.error("sending failed in an unforeseen way: %s", kind_and_place(error))
            return Outcome(OutboxState.UNKNOWN, Undelivered.NO_ANSWER, type(error).__name__)


def backoff(error: NotDelivered, attempt: int) -> float:
    """Seconds until the next attempt: the marketplace's own delay, else 1, 2, 4 … with jitter."""
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return min(error.retry_after, 3600.0)
    return float(min(2 ** (attempt - 1) * random.uniform(0.75, 1.25), _LONGEST_DELAY))


def _accepted(receipt: Receipt, reply: ClaimedReply) -> Outcome:
    if reply.file_name is not None and receipt.file_errors:
        return Outcome(OutboxState.FAILED, Undelivered.FILE_REFUSED, "; ".join(receipt.file_errors))
    return Outcome(OutboxState.SENT, accepted_at=receipt.accepted_at, reference=receipt.message_id)


def _files(reply: ClaimedReply) -> tuple[OutgoingFile, ...]:
    if reply.file_name is None or reply.file_content is None:
        return ()
    return (OutgoingFile(reply.file_name, reply.file_type or "", reply.file_content),)
