"""`agentiq chats tag`, `assign`, `note`: what a team writes on conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.domain.errors import BadFilter
from agentiq_core.domain.filters import Whose, parsed
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.input import read_text
from agentiq_tui.cli.options import Chat
from agentiq_tui.cli.output import Exit, data, line, local, say
from agentiq_tui.cli.private import without_phones
from agentiq_tui.cli.session import only_who_may_write, open_desk, perform
from agentiq_tui.locale import _, ngettext

if TYPE_CHECKING:
    from agentiq_core.domain.team import NoteView
    from agentiq_core.engine.desk import Desk

LONGEST_NOTE = 40_000
"""Bytes of standard input: ten thousand characters of any kind."""

Chats = Annotated[list[int], typer.Argument(help="The conversations' numbers.", metavar="CHAT...")]


async def somebody(desk: Desk, said: str) -> int | None:
    """The operator whom `me`, `nobody`, a number or the beginning of an e-mail names. Raises `BadFilter`."""
    handle = said.strip().removeprefix("@").partition("@")[0]
    whose = (
        parsed(f"@{handle}", await desk.colleagues.names()).assignee
        if handle and not handle.isspace()
        else said
    )
    if whose is Whose.NOBODY:
        return None
    if isinstance(whose, int):
        return whose
    if whose is not Whose.ME:
        raise BadFilter(f"nobody is called {said[:40]}", word=said[:40])
    return desk.who.operator_id


def tag(
    chats: Chats,
    add: Annotated[list[str] | None, typer.Option("--add", help="Put this tag on them.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", help="Take this tag off them.")] = None,
    as_json: Json = False,
) -> None:
    """Put tags on conversations, or take them off."""
    if not add and not remove:
        raise typer.BadParameter(_("give --add or --remove"))

    async def work() -> Exit:
        async with open_desk() as desk:
            only_who_may_write(desk)
            refs = [await desk.find(chat) for chat in chats]
            for ref in refs:
                for name in add or ():
                    await desk.tags.add(ref, name.removeprefix("#"))
                for name in remove or ():
                    await desk.tags.remove(ref, name.removeprefix("#"))
            tags = {ref.chat_id: (await desk.conversation(ref, limit=1)).tags for ref in refs}
        if as_json:
            data([{"id": chat, "tags": list(found)} for chat, found in tags.items()])
        else:
            for chat, found in tags.items():
                line(f"{chat}: {' '.join(f'#{name}' for name in found) or '—'}")
        return Exit.DONE

    perform(work, as_json=as_json)


def assign(
    chats: Chats,
    to: Annotated[
        str, typer.Option("--to", help="me, nobody, a number or the beginning of an e-mail.", metavar="WHO")
    ],
    minutes: Annotated[
        int | None, typer.Option("--minutes", min=1, help="Only for so long; with --to me.")
    ] = None,
    note_stdin: Annotated[
        bool, typer.Option("--note-stdin", help="Hand over with the note on standard input.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Give conversations to somebody, or to nobody."""
    if minutes is not None and note_stdin:
        raise typer.BadParameter(_("a claim is not handed over: give --minutes or --note-stdin"))

    async def work() -> Exit:
        word = read_text(LONGEST_NOTE) if note_stdin else ""
        async with open_desk() as desk:
            only_who_may_write(desk)
            who = await somebody(desk, to)
            if minutes is not None and who != desk.who.operator_id:
                raise BadFilter("only the own claim has a time", word=to[:40])
            if note_stdin and who is None:
                raise BadFilter("nobody reads a note", word=to[:40])
            refs = [await desk.find(chat) for chat in chats]
            for ref in refs:
                if who is not None and note_stdin:
                    await desk.assignment.hand_over(ref, who, word)
                elif minutes is not None:
                    await desk.assignment.claim(ref, minutes)
                else:
                    await desk.assignment.assign(ref, who)
            shown = [await desk.conversation(ref, limit=1) for ref in refs]
        if as_json:
            data(
                [
                    {"id": one.ref.chat_id, "assignee": one.assignee, "claimed_until": one.claimed_until}
                    for one in shown
                ]
            )
        else:
            for one in shown:
                whose = one.assignee_name or _("nobody")
                line(f"{one.ref.chat_id}: {whose}")
        return Exit.DONE

    perform(work, as_json=as_json)


def note(
    chat: Chat,
    text_stdin: Annotated[
        bool, typer.Option("--text-stdin", help="Write the note on standard input; @name tells a colleague.")
    ] = False,
    delete: Annotated[
        int | None, typer.Option("--delete", help="Delete this note of your own.", metavar="NOTE")
    ] = None,
    as_json: Json = False,
) -> None:
    """The notes of a conversation; write one, or delete one. Buyers never see them."""
    if text_stdin and delete is not None:
        raise typer.BadParameter(_("give --text-stdin or --delete"))

    async def work() -> Exit:
        word = read_text(LONGEST_NOTE) if text_stdin else ""
        async with open_desk() as desk:
            ref = await desk.find(chat)
            if text_stdin:
                await desk.notes.add(ref, word)
            if delete is not None:
                await desk.notes.delete(ref, delete)
            notes = await desk.notes.of(ref)
        if as_json:
            data([_note(one) for one in notes])
        elif not notes:
            say(_("No notes"))
        else:
            for one in notes:
                line(f"{one.id}  {local(one.created_at)}  {one.author}: {one.text}")
        return Exit.DONE

    perform(work, as_json=as_json)


def _note(one: NoteView) -> dict[str, Any]:
    return {
        "id": one.id,
        "chat": one.ref.chat_id,
        "operator_id": one.operator_id,
        "author": one.author,
        "text": without_phones(one.text),
        "mentions": list(one.mentions),
        "handover": one.handover,
        "created_at": one.created_at,
        "edited_at": one.edited_at,
    }


def counted(done: int, unchanged: int, refused: int) -> str:
    """What came of an action on many, for people."""
    said = ngettext("{n} conversation changed", "{n} conversations changed", done).format(n=done)
    if unchanged:
        said += ", " + ngettext("{n} was so already", "{n} were so already", unchanged).format(n=unchanged)
    if refused:
        said += ", " + ngettext("{n} refused", "{n} refused", refused).format(n=refused)
    return said
