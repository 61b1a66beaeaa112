"""`agentiq chats bulk`: one action on everything that a filter finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.filters import parsed
from agentiq_tui.cli.chat_team import counted, somebody
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, say
from agentiq_tui.cli.session import only_who_may_write, open_desk, perform
from agentiq_tui.locale import _, ngettext

if TYPE_CHECKING:
    from agentiq_core.engine.bulk import Action
    from agentiq_core.engine.desk import Desk


def bulk(
    narrowed: Annotated[
        str,
        typer.Option(
            "--filter",
            help='Which conversations: "wb ★1-3 @me #tag"; "" for all of the queue.',
            metavar="FILTER",
        ),
    ],
    queue: Annotated[Queue, typer.Option("--queue", help="work, waiting or all.")] = Queue.ALL,
    tag: Annotated[str | None, typer.Option("--tag", help="Put a tag on them.")] = None,
    untag: Annotated[str | None, typer.Option("--untag", help="Take a tag off them.")] = None,
    to: Annotated[str | None, typer.Option("--assign", help="Give them to somebody.", metavar="WHO")] = None,
    hours: Annotated[
        float | None,
        typer.Option("--snooze", min=0.01, help="Put them off for so many hours.", metavar="HOURS"),
    ] = None,
    wake: Annotated[bool, typer.Option("--wake", help="Bring back what was put off.")] = False,
    no_reply: Annotated[bool, typer.Option("--no-reply-needed", help="Nobody need answer them.")] = False,
    reopen: Annotated[bool, typer.Option("--reopen", help="They need an answer after all.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it only their number is said.")] = False,
    as_json: Json = False,
) -> None:
    """Tag, give, put off, close or reopen everything that a filter finds."""
    chosen = [tag, untag, to, hours]
    if sum(one is not None for one in chosen) + wake + no_reply + reopen != 1:
        raise typer.BadParameter(
            _("give one of --tag, --untag, --assign, --snooze, --wake, --no-reply-needed, --reopen")
        )

    async def meant(desk: Desk) -> Action:
        from agentiq_core.engine import bulk as actions

        if tag is not None:
            return actions.AddTag(tag.removeprefix("#"))
        if untag is not None:
            return actions.RemoveTag(untag.removeprefix("#"))
        if to is not None:
            return actions.Assign(await somebody(desk, to))
        if hours is not None:
            return actions.Snooze(datetime.now(UTC) + timedelta(hours=hours))
        if wake:
            return actions.Snooze(None)
        return actions.NoReplyNeeded() if no_reply else actions.Reopen()

    async def work() -> Exit:
        from agentiq_core.domain.team import BulkReport
        from agentiq_core.engine.bulk import Found

        async with open_desk() as desk:
            only_who_may_write(desk)
            action = await meant(desk)
            refs = await desk.bulk.find(Found(queue, parsed(narrowed, await desk.colleagues.names())))
            report = BulkReport(len(refs))
            if yes:
                async for report in desk.bulk.run(action, refs):
                    if 0 < report.seen < report.total and not as_json:
                        say(f"{report.seen}/{report.total}")
        if as_json:
            data(
                {
                    "found": report.total,
                    "done": report.done,
                    "unchanged": report.unchanged,
                    "refused": report.refused,
                }
            )
        elif not yes:
            found = ngettext("{n} conversation is meant", "{n} conversations are meant", report.total)
            say(found.format(n=report.total) + ": " + _("--yes does it"))
        else:
            say(counted(report.done, report.unchanged, report.not_done))
        return Exit.FAILED if report.not_done else Exit.DONE

    perform(work, as_json=as_json)
