"""`agentiq reply`: an answer through the outbox, with every check the app makes."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.domain.errors import EmptyReply, GuardrailBlocked
from agentiq_core.domain.outbox import OutboxState, Undelivered, new_client_id
from agentiq_core.domain.views import Resolution, SellerState
from agentiq_tui.attaching import read_files
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.input import read_text
from agentiq_tui.cli.output import Exit, data, failed, say
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.explain import explain
from agentiq_tui.locale import _
from agentiq_tui.wording import DELIVERY, REASONS, said

if TYPE_CHECKING:
    from agentiq_core.domain.views import ChatRef, ReplyView, SellerStatus
    from agentiq_core.engine.desk import Desk

_LONGEST_TEXT = 1024 * 1024
_SETTLED = {OutboxState.CONFIRMED, OutboxState.FAILED, OutboxState.NEEDS_OPERATOR, OutboxState.CANCELLED}
_WAITS_FOR_A_KEY = {Undelivered.KEY_REFUSED, Undelivered.PAYMENT_REQUIRED}
_LOOK_EVERY = 0.2
_LOOK_AT_SELLER_EVERY = 10


def reply(
    chats: Annotated[
        list[int],
        typer.Argument(metavar="CHAT...", help="The conversation's number; several with --resolve."),
    ],
    text_stdin: Annotated[
        bool, typer.Option("--text-stdin", help="Read the reply from standard input.")
    ] = False,
    file: Annotated[list[Path] | None, typer.Option("--file", help="Attach a file; may be repeated.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the final state and print it.")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0, help="How many seconds --wait waits.")
    ] = 180.0,
    override: Annotated[
        bool, typer.Option("--override", help="Send although a rule is broken; recorded.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Send whatever came meanwhile, read or not.")
    ] = False,
    repeat: Annotated[bool, typer.Option("--repeat", help="Send the same text again.")] = False,
    resolve: Annotated[
        Resolution | None,
        typer.Option(
            "--resolve",
            help="Decide about a reply of unknown fate: check again, send it again, or treat it as sent.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Queue a reply to a conversation; with --wait, send it from here and print how it ended."""
    if resolve is not None:
        if text_stdin or file:
            raise typer.BadParameter(
                _("--resolve decides about a reply there is: it takes no text and no file")
            )
        perform(partial(_decide, chats, resolve, override, wait, timeout, as_json), as_json=as_json)
        return
    if not text_stdin and not file:
        raise typer.BadParameter(_("give the text with --text-stdin, or --file"))
    if len(chats) > 1:
        raise typer.BadParameter(_("a reply goes to one conversation"))

    async def work() -> Exit:
        text = read_text(_LONGEST_TEXT).strip() if text_stdin else ""
        if not text and not file:
            raise EmptyReply("there is nothing to send")
        async with open_desk(worker=wait) as desk:
            ref = await desk.find(chats[0])
            conversation = await desk.conversation(ref, limit=1)
            rules = desk.abilities(conversation.marketplace, conversation.channel).files
            files = await asyncio.to_thread(read_files, file or [], rules)
            try:
                queued = await desk.reply(
                    ref,
                    text,
                    dict(enumerate(files, 1)),
                    client_id=new_client_id(),
                    seen=conversation.newest,
                    override=override,
                    anyway=anyway,
                    repeat=repeat,
                    undo_seconds=0,
                )
            except GuardrailBlocked as error:
                return _blocked(error, as_json)
            under_way = [(ref, view) for view in queued]
            ended = await _settled(desk, under_way, timeout) if wait else list(queued)
        return _report(ended, wait, as_json)

    perform(work, as_json=as_json)


async def _decide(
    chats: list[int], choice: Resolution, override: bool, wait: bool, timeout: float, as_json: bool
) -> Exit:
    from agentiq_tui.cli.resolve import resolve

    async with open_desk(worker=wait) as desk:
        try:
            decided = await resolve(desk, chats, choice, override=override)
        except GuardrailBlocked as error:
            return _blocked(error, as_json)
        ended = await _settled(desk, decided, timeout) if wait else [view for _ref, view in decided]
    return _report(ended, wait, as_json, looking=not wait)


async def _settled(desk: Desk, under_way: list[tuple[ChatRef, ReplyView]], timeout: float) -> list[ReplyView]:
    """The replies when nothing more will happen to them, or when the time is up."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + timeout
    views = [view for _ref, view in under_way]
    looks = 0
    while clock() < deadline:
        waiting = [
            (ref, view)
            for (ref, _was), view in zip(under_way, views, strict=True)
            if view.state not in _SETTLED and not _needs_a_key(view)
        ]
        if not waiting:
            break
        # a seller that stands still sends nothing, one that reads once an hour confirms nothing soon
        if looks % _LOOK_AT_SELLER_EVERY == 0 and await _no_use_waiting(desk, waiting):
            break
        await asyncio.sleep(_LOOK_EVERY)
        views = [await desk.reply_state(ref, view.id) for ref, view in under_way]
        looks += 1
    return views


def _needs_a_key(view: ReplyView) -> bool:
    return view.state is OutboxState.QUEUED and view.reason in _WAITS_FOR_A_KEY


async def _no_use_waiting(desk: Desk, waiting: list[tuple[ChatRef, ReplyView]]) -> bool:
    sellers = {one.seller_id: one for one in (await desk.overview()).sellers}

    def no_use(seller: SellerStatus, view: ReplyView) -> bool:
        if seller.state is not SellerState.ACTIVE:
            return view.state is OutboxState.QUEUED
        return seller.slow and view.state is OutboxState.SENT

    return all(no_use(sellers[ref.seller_id], view) for ref, view in waiting)


def _blocked(error: GuardrailBlocked, as_json: bool) -> Exit:
    violations = error.params["violations"]
    reasons = [{"rule": one.rule, "reason": one.reason} for one in violations]  # type: ignore[attr-defined]
    code = failed(error.code, explain(error), as_json=as_json, also={"violations": reasons})
    for one in reasons:
        say(f"  {one['rule']}: {one['reason']}")
    return code


def _report(replies: list[ReplyView], wait: bool, as_json: bool, *, looking: bool = False) -> Exit:
    """Say how it ended; of several, the one that fell short decides."""
    good = {OutboxState.CONFIRMED, OutboxState.SENT} | (
        set() if wait else {OutboxState.QUEUED, OutboxState.SENDING}
    )
    if looking:
        good.add(OutboxState.UNKNOWN)
    short = [one for one in replies if one.state not in good]
    shown: dict[str, Any] = _shown((short or replies)[0])
    if len(replies) > 1:
        shown["replies"] = [_shown(one) for one in replies]
    if short:
        code = short[0].reason or short[0].state.value
        return failed(code, "; ".join(_line(one) for one in short), as_json=as_json, also=shown)
    if as_json:
        data(shown)
    else:
        for one in replies:
            say(_line(one))
    return Exit.DONE


def _shown(reply: ReplyView) -> dict[str, Any]:
    return {"reply_id": reply.id, "state": reply.state.value, "reason": reply.reason, "detail": reply.detail}


def _line(reply: ReplyView) -> str:
    why = said(REASONS, reply.reason) if reply.reason else ""
    line = " · ".join(filter(None, (_(DELIVERY[reply.state][1]), why, reply.detail)))
    if reply.state in (OutboxState.QUEUED, OutboxState.SENDING):
        line += "; " + _("it is kept and leaves as soon as it can (agentiq worker, or the app)")
    return line
