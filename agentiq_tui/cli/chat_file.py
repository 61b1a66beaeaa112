"""`agentiq chats file`: a buyer's file, saved on this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from agentiq_core.domain.files import FileState
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.options import Chat
from agentiq_tui.cli.output import Exit, data, failed, line
from agentiq_tui.cli.session import only_who_may_work, open_desk, perform
from agentiq_tui.locale import _, ngettext
from agentiq_tui.saving import download_folder, save


def file(
    chat: Chat,
    message: Annotated[str, typer.Argument(help="The message's id, as chats show prints it.")],
    number: Annotated[int, typer.Argument(help="Which of its files, from 1.", min=1)] = 1,
    to: Annotated[
        Path | None, typer.Option("--to", help="The folder; your downloads without it.", file_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Save a buyer's file; its path on stdout. Nothing is overwritten: a name that is taken gets a number."""

    async def work() -> Exit:
        async with open_desk() as desk:
            only_who_may_work(desk)
            received = await desk.file(await desk.find(chat), message, number)
        if received.state is FileState.REFUSED:
            said = _("The marketplace's moderation refused this file: it cannot be had")
            return failed("moderation_refused", said, as_json=as_json)
        if received.state is FileState.IN_MODERATION:
            seconds = round(received.retry_after or 0)
            said = ngettext(
                "The file is still in moderation: try again in {n} second",
                "The file is still in moderation: try again in {n} seconds",
                seconds,
            ).format(n=seconds)
            return failed("in_moderation", said, as_json=as_json, also={"retry_after": seconds})
        folder = to.expanduser() if to else await asyncio.to_thread(download_folder)
        path = await asyncio.to_thread(save, folder.absolute(), received)
        if as_json:
            size = len(received.content)
            data({"path": str(path), "content_type": received.content_type, "bytes": size})
        else:
            line(str(path))
        return Exit.DONE

    perform(work, as_json=as_json)
