"""An operator's reply on its way into the outbox, and a person's word on one that is stuck."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.connectors.base import Capabilities
from agentiq_core.domain.errors import (
    DuplicateReply,
    EmptyReply,
    GuardrailBlocked,
    NoReplyThere,
    NotFound,
    Rejected,
    StaleConversation,
    TextTooLong,
    WindowClosed,
)
from agentiq_core.domain.files import OutgoingFile, check_file
from agentiq_core.domain.outbox import OutboxState, file_client_id
from agentiq_core.domain.text import folded
from agentiq_core.domain.views import (
    ChatRef,
    MessageKey,
    News,
    ReplyView,
    Resolution,
    TakenBack,
    ViolationView,
)
from agentiq_core.engine.context import Engine
from agentiq_core.engine.guard_rules import own_rules
from agentiq_core.engine.jobs import Dispatch
from agentiq_core.engine.learning import weigh
from agentiq_core.engine.standing import restate
from agentiq_core.engine.suggest import as_view
from agentiq_core.guardrails import RuleSet, Verdict, check, version_with
from agentiq_core.store import (
    automation,
    conversations,
    drafts,
    errands,
    outbox,
    passes,
    suggestions,
    together,
)
from agentiq_core.store import messages as stored
from agentiq_core.store.errands import Errand
from agentiq_core.store.outbox import NewReply

SAME_TEXT_WITHIN = timedelta(minutes=10)
StillMay = Callable[[AsyncSession], Awaitable[None]]
"""Asked in the transaction that queues a reply of nobody's, with the conversation held; raises when it may not leave."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the operator explicitly agreed to, each after a warning of its own."""

    override: bool = False
    """Send although a guardrail of severity error is broken; recorded with the reply."""
    anyway: bool = False
    """Send whatever came into the conversation, read or not: a script's word, no screen's."""
    past: News | None = None
    """Send past this, which was shown; what came later stops the reply again."""
    repeat: bool = False
    """Send the same text again."""


async def violations(engine: Engine, ref: ChatRef, body: str) -> tuple[ViolationView, ...]:
    """What the guardrails, the built-in ones and the seller's own, object to in a reply to this conversation."""
    async with engine.store.transaction() as session:
        held_to = await _held_to(session, ref)
    return tuple(as_view(violation) for violation in (await _checked(engine, held_to, body)).violations)


@dataclass(frozen=True, slots=True)
class _HeldTo:
    """What a reply is weighed against."""

    address: stored.Address
    asked: tuple[str, ...]
    own: RuleSet


async def _held_to(session: AsyncSession, ref: ChatRef) -> _HeldTo:
    address = await stored.address(session, ref)
    asked = tuple(await conversations.buyer_texts(session, ref))
    return _HeldTo(address, asked, await own_rules(session, ref.seller_id))


async def _checked(engine: Engine, held_to: _HeldTo, body: str) -> Verdict:
    able = abilities(engine, held_to.address.marketplace, held_to.address.channel)
    # morphology is pure Python and a paste may be long: off the event loop
    return await asyncio.to_thread(
        check,
        body,
        channel=held_to.address.channel,
        buyer_texts=held_to.asked,
        limit=able.text_limit,
        marketplace=held_to.address.marketplace,
        own=held_to.own,
    )


async def queue_reply(
    engine: Engine,
    dispatch: Dispatch,
    ref: ChatRef,
    body: str,
    *,
    client_id: UUID,
    seen: MessageKey | None,
    suggestion_id: int | None = None,
    consent: Consent = Consent(),
    undo_seconds: float | None = None,
    by_itself: StillMay | None = None,
) -> ReplyView:
    """Commit a reply to the outbox and ask a worker to send it; raises what `queue_replies` raises."""
    queued = await queue_replies(
        engine,
        dispatch,
        ref,
        body,
        client_id=client_id,
        seen=seen,
        suggestion_id=suggestion_id,
        consent=consent,
        undo_seconds=undo_seconds,
        by_itself=by_itself,
    )
    return queued[0]


async def queue_replies(
    engine: Engine,
    dispatch: Dispatch,
    ref: ChatRef,
    body: str,
    files: Mapping[int, OutgoingFile] = MappingProxyType({}),
    *,
    client_id: UUID,
    seen: MessageKey | None,
    suggestion_id: int | None = None,
    consent: Consent = Consent(),
    undo_seconds: float | None = None,
    by_itself: StillMay | None = None,
) -> tuple[ReplyView, ...]:
    """Commit a text, the files behind it, or both to the outbox: all of them or none, a row each (rule 9).

    The same `client_id` twice is one reply, and so is each file by its number (1 to 127). Raises `GuardrailBlocked`,
    `DuplicateReply`, `StaleConversation` until the matching consent is given, `Rejected` for a text or a file no consent
    can send, `NotFound`, `Forbidden` for a viewer. `by_itself` makes it a reply in nobody's name (`engine.automation`).
    """
    engine.access.only_writers()
    written = bool(body.strip())
    if not written and not files:
        raise EmptyReply("there is nothing to send")
    async with engine.store.transaction() as session:
        held_to = await _held_to(session, ref)
    address = held_to.address
    able = abilities(engine, address.marketplace, address.channel)
    past = consent.past or News()
    if past.message is not None:
        seen = past.message.key
    seen_reply = past.reply.id if past.reply is not None else None
    if not able.can_reply:
        raise NoReplyThere("nothing can be answered there")
    if address.closed(engine.clock()):
        raise WindowClosed("the marketplace takes no reply here any more")
    for file in files.values():
        check_file(file, able.files)
    limit = able.text_limit
    if len(body) > limit:
        raise TextTooLong(f"the reply has {len(body)} characters of {limit}", length=len(body), limit=limit)
    verdict = await _checked(engine, held_to, body) if written else None
    undo = engine.settings.undo_seconds if undo_seconds is None else undo_seconds
    parts: list[NewReply] = []
    if verdict is not None:
        parts.append(
            NewReply(
                ref=ref,
                client_id=client_id,
                body=stored.storable(body),
                undo=undo,
                seen=seen,
                seen_reply=seen_reply,
                anyway=consent.anyway,
                suggestion_id=suggestion_id,
                automatic=by_itself is not None,
            )
        )
    for number, file in sorted(files.items()):
        parts.append(
            NewReply(
                ref=ref,
                client_id=file_client_id(client_id, number),
                file_name=stored.storable(file.name),
                file_type=file.content_type,
                file_content=file.content,
                undo=undo,
                seen=seen,
                seen_reply=seen_reply,
                # one look before the first of them leaves; what the buyer writes in between stops none of the rest
                anyway=consent.anyway or bool(parts),
            )
        )
    async with engine.store.transaction() as session:
        if not await stored.lock_chats(session, ref.seller_id, [ref.chat_id]):
            raise NotFound(f"there is no conversation {ref.chat_id}", chat=ref.chat_id)
        known = [await outbox.by_client_id(session, ref.seller_id, part.client_id) for part in parts]
        new_text = written and known[0] is None
        if verdict is not None and (now := await _held_to(session, ref)) != held_to:
            # the buyer wrote or the rules changed since it was checked
            verdict = await _checked(engine, now, body)
        errors = tuple(as_view(violation) for violation in verdict.errors) if verdict else ()
        if new_text and errors and not consent.override:
            raise GuardrailBlocked(
                f"the reply breaks a guardrail: {errors[0].rule}", violations=errors, rule=errors[0].rule
            )
        if None in known and not consent.anyway:
            news = News(
                await outbox.newest_since(session, ref, seen, seen_reply=seen_reply),
                await outbox.colleague_answers(session, ref, seen, seen_reply),
            )
            if news != News():
                raise StaleConversation(_came(news), news=_with(past, news))
        if new_text and not consent.repeat:
            await _only_new_text(session, ref, body)
        if by_itself is not None and new_text:
            await by_itself(session)
        elif None in known:
            # a person's reply leaves instead of what nobody wrote
            await automation.withdraw(session, ref)
        if verdict is not None:
            parts[0] = replace(parts[0], overridden=_overridden(errors), guardrails=verdict.version)
        ids = [(await outbox.insert(session, part))[0] for part in parts]
        if None in known:
            if written and by_itself is None:
                await _learn(session, ref, ids[0], body, suggestion_id, new=new_text)
            await dispatch.deliver(ref, after=undo, session=session)
        return tuple([await conversations.reply(session, ref.seller_id, one) for one in ids])


def _came(news: News) -> str:
    if news.message is not None:
        return "a new message came since you looked"
    return "a colleague's reply is on its way there"


def _with(past: News, news: News) -> News:
    """What was shown before stays agreed to beside what is news now."""
    return News(news.message or past.message, news.reply or past.reply)


async def _learn(
    session: AsyncSession, ref: ChatRef, reply_id: int, body: str, suggestion_id: int | None, *, new: bool
) -> None:
    if suggestion_id is not None:
        await suggestions.mark_used(session, ref.seller_id, suggestion_id)
    if new:
        await weigh(session, ref, reply_id, body, suggestion_id)
    await drafts.drop_sent(session, ref, body)


async def queued_files(
    engine: Engine, ref: ChatRef, client_id: UUID, numbers: Sequence[int]
) -> frozenset[int]:
    """Which of the files of this reply were queued, by their numbers."""
    async with engine.store.transaction() as session:
        return frozenset(
            [
                number
                for number in numbers
                if await outbox.by_client_id(session, ref.seller_id, file_client_id(client_id, number))
                is not None
            ]
        )


async def _only_new_text(session: AsyncSession, ref: ChatRef, body: str) -> None:
    recent = await outbox.recent_texts(session, ref, SAME_TEXT_WITHIN)
    if any(folded(text) == folded(body) for text in recent):
        raise DuplicateReply("this text was sent to this buyer minutes ago")


async def undo(engine: Engine, ref: ChatRef, reply_id: int) -> TakenBack | None:
    """Take a reply back before it leaves, and whatever was sent with it; None when it is too late."""
    engine.access.only_writers()
    async with engine.store.transaction() as session:
        await stored.lock_chats(session, ref.seller_id, [ref.chat_id])
        return await together.take_back(session, ref, reply_id, [OutboxState.QUEUED], together=True)


async def take_back(engine: Engine, ref: ChatRef, reply_id: int) -> TakenBack:
    """Give a refused reply back to its writer, a text with the files behind it. Raises `Rejected` when it is not refused."""
    engine.access.only_writers()
    states = [OutboxState.FAILED, OutboxState.QUEUED]
    async with engine.store.transaction() as session:
        await stored.lock_chats(session, ref.seller_id, [ref.chat_id])
        back = await together.take_back(session, ref, reply_id, states, together=False)
    if back is None:
        raise Rejected("only a reply that was refused or has not left can be taken back")
    return back


async def resolve(
    engine: Engine,
    dispatch: Dispatch,
    ref: ChatRef,
    reply_id: int,
    choice: Resolution,
    *,
    override: bool = False,
) -> ReplyView:
    """A person decides about a reply of unknown fate. Raises `Rejected` when it settled meanwhile, `GuardrailBlocked` for one
    to send again that breaks a rule which came since, until there is an `override`."""
    engine.access.only_writers()
    states = {
        Resolution.CHECK_AGAIN: OutboxState.UNKNOWN,
        Resolution.SEND_AGAIN: OutboxState.CANCELLED,
        Resolution.TREAT_AS_SENT: OutboxState.SENT,
    }
    async with engine.store.transaction() as session:
        await stored.lock_chats(session, ref.seller_id, [ref.chat_id])
        if not await outbox.resolve(session, ref, reply_id, states[choice]):
            raise Rejected("this reply was settled meanwhile")
        current = reply_id
        if choice is Resolution.SEND_AGAIN:
            verdict = await _still_said(engine, session, ref, reply_id, override=override)
            fresh = await together.client_id_of_copy(session, ref, reply_id)
            current = await outbox.copy(session, ref.seller_id, reply_id, fresh, *verdict)
            await dispatch.deliver(ref, session=session)
        await restate(session, ref.seller_id, [ref.chat_id], engine.clock())
        view = await conversations.reply(session, ref.seller_id, current)
        address = await stored.address(session, ref)
    if choice is Resolution.CHECK_AGAIN:
        await dispatch.pull(ref.seller_id, channel=address.channel)
    return view


async def _still_said(
    engine: Engine, session: AsyncSession, ref: ChatRef, reply_id: int, *, override: bool
) -> tuple[str | None, str | None]:
    """What a reply that is sent again overrides, and the version of the rules that it is held to."""
    said = await outbox.said(session, ref.seller_id, reply_id)
    held_to = await _held_to(session, ref)
    if said.guardrails in (None, version_with(held_to.own)):
        return said.overridden, said.guardrails
    verdict = await _checked(engine, held_to, said.body)
    errors = tuple(as_view(violation) for violation in verdict.errors)
    known = {one["rule"] for one in json.loads(said.overridden or "[]")}
    unheard = tuple(error for error in errors if error.rule not in known)
    if unheard and not override:
        raise GuardrailBlocked(
            f"the reply breaks a guardrail: {unheard[0].rule}", violations=unheard, rule=unheard[0].rule
        )
    return _overridden(errors), verdict.version


async def mark_read(engine: Engine, ref: ChatRef) -> None:
    """The conversation is on screen. A marketplace that may be told so is told behind the next poll."""
    async with engine.store.transaction() as session:
        await passes.want_seen(session, ref)
        through = await conversations.mark_read(session, ref)
        if through is None:
            return
        address = await stored.address(session, ref)
        if abilities(engine, address.marketplace, address.channel).can_mark_read:
            await errands.note(session, ref, Errand.READ, through)


async def no_reply_needed(engine: Engine, ref: ChatRef) -> bool:
    """Close the need for a reply; the buyer's next message opens it again. Whether there was one. Raises `NotFound`."""
    engine.access.only_writers()
    async with engine.store.transaction() as session:
        address = await stored.address(session, ref)
        await stored.lock_chats(session, ref.seller_id, [ref.chat_id])
        needed = await conversations.close(session, ref)
        if abilities(engine, address.marketplace, address.channel).can_dismiss:
            await errands.note(session, ref, Errand.DISMISS)
        await restate(session, ref.seller_id, [ref.chat_id], engine.clock())
    return needed


async def reopen(engine: Engine, ref: ChatRef) -> bool:
    """Take back that no reply is needed; whether one is needed now. Raises `NotFound`, `Forbidden` for a viewer."""
    engine.access.only_writers()
    async with engine.store.transaction() as session:
        if not await stored.lock_chats(session, ref.seller_id, [ref.chat_id]):
            raise NotFound(f"there is no conversation {ref.chat_id}", chat=ref.chat_id)
        if not await conversations.reopen(session, ref):
            return False
        await errands.forget(session, ref, Errand.DISMISS)
        [standing] = await restate(session, ref.seller_id, [ref.chat_id], engine.clock())
    return standing.state.needs_reply


async def decline(engine: Engine, dispatch: Dispatch, ref: ChatRef) -> None:
    """Reject a question at the marketplace, where that can be done: nobody will see it. Raises `NoReplyThere` elsewhere."""
    engine.access.only_writers()
    async with engine.store.transaction() as session:
        address = await stored.address(session, ref)
        if not abilities(engine, address.marketplace, address.channel).can_decline:
            raise NoReplyThere("this cannot be declined")
        await stored.lock_chats(session, ref.seller_id, [ref.chat_id])
        await errands.note(session, ref, Errand.DECLINE)
        await conversations.close(session, ref)
        await restate(session, ref.seller_id, [ref.chat_id], engine.clock())
    await dispatch.pull(ref.seller_id, channel=address.channel)


def abilities(engine: Engine, marketplace_id: str, channel: str) -> Capabilities:
    """What a channel of a marketplace offers. Raises `NotFound` for a marketplace that this version does not know."""
    return engine.lines.marketplace(marketplace_id).capabilities(channel)


def _overridden(errors: Sequence[ViolationView]) -> str | None:
    return json.dumps([asdict(error) for error in errors], ensure_ascii=False) if errors else None
