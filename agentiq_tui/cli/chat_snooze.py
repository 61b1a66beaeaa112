"""`agentiq chats snooze`: a conversation put off, or taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from agentiq_tui.cli.init import Json
from agentiq_tui.cli.options import Chat
from agentiq_tui.cli.output import Exit, data, local, say
from agentiq_tui.cli.session import only_who_may_write, open_desk, perform
from agentiq_tui.locale import _


def snooze(
    chat: Chat,
    hours: Annotated[float | None, typer.Option("--hours", min=0.01, help="For so many hours.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Bring it back now.")] = False,
    as_json: Json = False,
) -> None:
    """Put a conversation off: it leaves the queue, its deadline waits; the buyer's next message brings it back."""
    if (hours is None) == (not off):
        raise typer.BadParameter(_("give --hours, or --off"))

    async def work() -> Exit:
        until = None if hours is None else datetime.now(UTC) + timedelta(hours=hours)
        async with open_desk() as desk:
            only_who_may_write(desk)
            ref = await desk.find(chat)
            await desk.snooze(ref, until)
            due_at = (await desk.conversation(ref, limit=1)).due_at
        if as_json:
            data({"id": chat, "snoozed_until": until, "due_at": due_at})
        elif until is None:
            say(_("Back in the queue, answer by {due}").format(due=local(due_at)))
        else:
            say(_("Put off until {until}, answer by {due}").format(until=local(until), due=local(due_at)))
        return Exit.DONE

    perform(work, as_json=as_json)
